import type { History } from '../history'
import { checkClock } from '../internal/check-function'
import { checkDuration } from '../internal/duration'
import { isWithin } from '../internal/is-within'
import { knownOptions } from '../internal/known-options'
import { hasMethods } from '../internal/strange-clients'
import { wrongOption } from '../internal/wrong-option'
import type { Alarm } from './data'
import { countsOf } from './panel'
import { summary } from './summary'

/** Options of `alarms`. */
export interface AlarmsOptions {
  /**
   * For how long the same number is told once: milliseconds, or a text such as `'1h'`.
   *
   * @defaultValue `'1h'`
   */
  readonly quiet?: number | string
  /** Only what has these: a country of its own shows sooner than in all of them. */
  readonly where?: Readonly<Partial<Record<'channel' | 'provider' | 'country' | 'purpose', string>>>
  /**
   * The present in epoch milliseconds, for tests.
   *
   * @defaultValue the host's clock
   */
  readonly clock?: () => number
}

/** What looks for alarms. */
export interface Alarms {
  /**
   * Looks at the last hour now, and resolves to what is out of its band, whether it was told or not.
   *
   * @throws what the history throws, and what the callback throws or rejects with: then it is told
   * again the next time.
   */
  check(): Promise<Alarm | null>
}

/**
 * Tells of a number that is out of its band: the one sentence of the dashboard's page. It starts no
 * timer: call `check` every minute or so from what already runs there (`setInterval`, a cron trigger),
 * in one process, since each keeps its own quiet period.
 *
 * @throws `TypeError` for a wrong option.
 *
 * @example
 * ```ts
 * import type { History } from 'otpkit'
 * import { alarms } from 'otpkit/dashboard'
 *
 * declare const history: History
 * declare function page(text: string): Promise<void>
 *
 * const { check } = alarms(history, { quiet: '1h' }, ({ sentence }) => page(sentence))
 * setInterval(() => check().catch(console.error), 60_000).unref()
 * ```
 */
export function alarms(
  history: Pick<History, 'counts'>,
  given: AlarmsOptions,
  callback: (alarm: Alarm) => void | Promise<void>,
): Alarms {
  if (!hasMethods(history, 'counts')) throw wrongOption('alarms', 'history', 'must be a history')
  const options = knownOptions('alarms', given, { quiet: true, where: true, clock: true })
  const { quiet = '1h', where = {} } = options
  const filters = knownOptions<NonNullable<AlarmsOptions['where']>>(
    'alarms',
    where,
    { channel: true, provider: true, country: true, purpose: true },
    'where',
  )
  for (const [name, value] of Object.entries<unknown>(filters)) {
    if (value === undefined || typeof value === 'string') continue
    throw wrongOption('alarms', `where.${name}`, 'must be a name that events have')
  }
  const quietMs = checkDuration('alarms', 'quiet', quiet, '10s')
  const clock = checkClock('alarms', options.clock) ?? Date.now
  if (typeof callback !== 'function') throw wrongOption('alarms', 'callback', 'must be a function')
  const toldAt = new Map<string, number>()

  return {
    check: async () => {
      const now = Math.floor(clock())
      const counts = countsOf(history, { from: now, to: now, resolution: 'minute' }, filters)
      const { alarm } = await summary({ now, counts })
      if (alarm === null) return null
      const key = `${alarm.what} ${alarm.isTooLow}`
      if (!isWithin(quietMs, toldAt.get(key), now)) {
        toldAt.set(key, now)
        try {
          await callback(alarm)
        } catch (error) {
          toldAt.delete(key)
          throw error
        }
      }
      return alarm
    },
  }
}
