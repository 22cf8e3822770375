import type { History } from '../history'
import { historyIn } from '../internal/history/recorder'
import { redisHistoryPlace } from '../internal/history/redis'
import {
  type HistoryOptions,
  historyOptionNames,
  historySettings,
} from '../internal/history/settings'
import { knownOptions } from '../internal/known-options'
import { type RedisClient, type RedisOptions, redisScripts } from '../internal/redis/client'
import { wrongOption } from '../internal/wrong-option'

/** Options of `redisHistory`. */
export interface RedisHistoryOptions extends Omit<RedisOptions, 'clock'>, HistoryOptions {
  /**
   * Most events kept, some 600 bytes each. Of more the oldest go of the type that has most of them;
   * of one recipient no more than 1,000 are found. Counts are kept for as long as `retention` says.
   *
   * @defaultValue 100,000
   */
  readonly capacity?: number
}

/**
 * A history in Redis or Valkey, shared by all processes. All of it is in one slot of a cluster, since
 * a batch of events is written in one step. Events are gathered for a tenth of a second and written
 * behind what else is under way.
 *
 * @param client - A client as `redisStore` takes it.
 * @throws `TypeError` when the client is none of these, or for a wrong option; `OtpError` with
 * code `store_unavailable` from a method when the server answers too late, or anything but what the
 * script does.
 *
 * @example
 * ```ts
 * import { redisHistory } from 'otpkit/histories/redis'
 * import { createClient } from 'redis'
 *
 * const client = createClient({ url: 'redis://127.0.0.1:6379' })
 * client.on('error', (error) => console.error(error.message))
 * export const history = redisHistory(await client.connect())
 * ```
 */
export function redisHistory(client: RedisClient, given: RedisHistoryOptions = {}): History {
  const options = knownOptions('redisHistory', given, {
    ...historyOptionNames,
    capacity: true,
    prefix: true,
    timeoutMs: true,
  })
  const { capacity = 100_000, clock, retention, ...sending } = options
  const scripts = redisScripts('redisHistory', client, 'store_unavailable', sending)
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw wrongOption('redisHistory', 'capacity', 'must be a whole number of 1 or more')
  }
  const settings = historySettings('redisHistory', options)
  return historyIn(redisHistoryPlace(scripts, settings, capacity), settings)
}
