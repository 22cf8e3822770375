import { checkClock } from '../check-function'
import { checkDuration } from '../duration'
import { knownOptions, type OptionNames } from '../known-options'
import type { Retention } from './place'

/** How long a history keeps what. Durations are milliseconds, or texts such as `'90d'`. */
export interface RetentionOptions {
  /** Counts by minute. @defaultValue `'8d'`: the same hour of a week ago is whole */
  readonly minute?: number | string
  /** Counts by hour. @defaultValue `'90d'` */
  readonly hour?: number | string
  /** Counts by day. @defaultValue `'400d'` */
  readonly day?: number | string
  /** Events, which tell of persons. @defaultValue `'90d'` */
  readonly events?: number | string
}

/** Options that all histories have. */
export interface HistoryOptions {
  /** How long what is kept. */
  readonly retention?: RetentionOptions
  /**
   * The present in epoch milliseconds, for tests.
   *
   * @defaultValue the host's clock
   */
  readonly clock?: () => number
}

/** For `knownOptions`. */
export const historyOptionNames: OptionNames<HistoryOptions> = { retention: true, clock: true }

/** What a history is told. */
export interface HistorySettings {
  readonly retention: Retention
  /** The present in whole epoch milliseconds. */
  readonly now: () => number
}

/** Reads the options that all histories have. Throws a `TypeError` that names the wrong one. */
export function historySettings(
  factory: string,
  { retention = {}, ...options }: HistoryOptions,
): HistorySettings {
  const clock = checkClock(factory, options.clock) ?? Date.now
  const names: OptionNames<RetentionOptions> = { minute: true, hour: true, day: true, events: true }
  const asked = knownOptions(factory, retention, names, 'retention')
  const { minute = '8d', hour = '90d', day = '400d', events = '90d' } = asked
  const duration = (name: keyof RetentionOptions, value: unknown) =>
    checkDuration(factory, `retention.${name}`, value, '1h')
  const kept: Retention = {
    minute: duration('minute', minute),
    hour: duration('hour', hour),
    day: duration('day', day),
    events: duration('events', events),
  }
  return { retention: kept, now: () => Math.floor(clock()) }
}
