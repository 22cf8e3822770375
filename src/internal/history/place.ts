import type {
  HistoryCountsQuery,
  HistoryEvent,
  HistoryEventsQuery,
  HistoryResolution,
} from '../../history'
import type { JoinState } from './joins'
import type { Series, Sums } from './series'

/**
 * Where a history is kept: the little that memory, Redis and PostgreSQL do in ways of their own. What
 * to write is decided in one place for all of them, from the joins that were read, and written in one
 * step if none of them has changed since.
 */
export interface HistoryPlace {
  /**
   * What stands under these keys, for the caller to change; a key under which nothing stands is
   * missing.
   */
  joins(keys: readonly string[]): Promise<ReadonlyMap<string, Join>>
  /**
   * Writes all of the batch or nothing, in ONE atomic step: `changed` where a join has another
   * version than the batch expects, `written` for a batch that was written before.
   */
  write(batch: Batch): Promise<'written' | 'changed'>
  /** Sums by series at least as fine as the query wants them, each time once or several times. */
  counts(query: CountsRead): Promise<readonly CountedSeries[]>
  /** Events, the newest first. */
  events(query: EventsRead): Promise<readonly HistoryEvent[]>
  /** Removes a recipient's events, and takes the fingerprint from their joins as a new version. */
  forget(fingerprint: string): Promise<void>
}

/** A state that later events may join. */
export interface Join {
  /** How often it was written, 1 or more. */
  readonly version: number
  readonly state: JoinState
  /** Whom it is about; empty where that is not known or was forgotten. */
  readonly fingerprint: string
}

/** A join as it shall be. */
export interface JoinWrite {
  readonly key: string
  /** The version that was read, 0 for none. */
  readonly version: number
  readonly state: JoinState
  readonly fingerprint: string
}

/** What is added to a series in one piece of time. */
export interface CountWrite extends Sums {
  readonly resolution: HistoryResolution
  /** Where the piece begins. */
  readonly at: number
  /** The series' name. */
  readonly name: string
}

/** An event as it is written; one with the same id takes its place. */
export interface EventWrite {
  readonly id: string
  readonly at: number
  readonly fingerprint: string
  readonly event: HistoryEvent
}

export interface Batch {
  /** Random, and the same when the batch is written again. */
  readonly id: string
  readonly now: number
  readonly joins: readonly JoinWrite[]
  readonly counts: readonly CountWrite[]
  readonly events: readonly EventWrite[]
}

/** A query whose ends are those of pieces of time. */
export type CountsRead = Required<HistoryCountsQuery>

export type EventsRead = Pick<HistoryEventsQuery, 'fingerprint'> & {
  /** Each once. */
  readonly types?: readonly string[]
  readonly before: number
  readonly limit: number
}

/** Sums of a series, or of those parts of it that were asked for. */
export interface CountedSeries extends Sums {
  readonly at?: number
  readonly series: Series
}

/** How long things are kept, in milliseconds. */
export interface Retention {
  readonly minute: number
  readonly hour: number
  readonly day: number
  readonly events: number
}

/** For how long receipts and verifications find their message. */
export const joinsKeptMs = 7 * 86_400_000

/**
 * How much longer a piece of time is kept than anything is added to it: what comes late must not find
 * it gone, and begin it anew.
 */
export const graceMs = 3_600_000
