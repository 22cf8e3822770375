import type { Price } from './delivery'

/**
 * What has happened to codes, kept for people to look at. It is fed by
 * `otp.subscribe(history.record)`; losing all of it loses no verification.
 *
 * Rules every history keeps, each of them a case of `historyConformance` in `otpkit/testing`:
 *
 * - Counts are added, whichever process they come from, and moved where a message comes further:
 *   each message is counted once, by the furthest status that receipts have reported.
 * - Receipts find their message by `messageKey` or `reference`, verifications theirs by
 *   `challengeKey`, whichever of the two comes first and in whichever process. What comes twice
 *   changes nothing.
 * - `record` never throws and never waits. What it cannot keep is dropped, and counted as events of
 *   the type `dropped`.
 * - A fault of a read is thrown. It is never answered as if nothing had happened.
 *
 * @example
 * ```ts
 * import type { OtpManager } from 'otpkit'
 * import { memoryHistory } from 'otpkit/histories/memory'
 *
 * declare const otp: OtpManager<string, string>
 *
 * export const history = memoryHistory()
 * otp.subscribe(history.record)
 * ```
 */
export interface History {
  /** Whether other processes write and read it too; else it knows of this one alone. */
  readonly isShared: boolean

  /**
   * Takes an event to be written soon, behind whatever is under way. Works detached, and
   * never throws.
   */
  record(event: RecordedEvent): void

  /**
   * Sums of what happened in a range of time. What this process has recorded is in it.
   *
   * @throws `TypeError` for a query that makes no sense; what the place throws.
   */
  counts(query: HistoryCountsQuery): Promise<readonly HistoryCount[]>

  /**
   * Events as they were recorded, the newest first: those about one recipient, with the receipts of
   * their messages, or those about anybody.
   *
   * @throws `TypeError` for a query that makes no sense; what the place throws.
   */
  events(query?: HistoryEventsQuery): Promise<readonly HistoryEvent[]>

  /**
   * Writes what this process has recorded so far: before it ends, and in what a host runs behind an
   * answer. Rejects where that fails; what was not written is kept, and tried again.
   */
  flush(): Promise<void>

  /**
   * Removes every event of a recipient, and what would tie later receipts to them. Counts stay.
   *
   * @param fingerprint - as in events, and as `otp.recipient` gives it
   * @throws `TypeError` for what is no fingerprint; what the place throws.
   */
  forget(fingerprint: string): Promise<void>
}

/** An event of a manager: an `OtpEvent`, of which a history keeps the members that it knows. */
export interface RecordedEvent {
  readonly type: string
  /** When it happened, in epoch milliseconds; without it, when it was recorded. */
  readonly at?: number
}

/** What counts can be told apart by. */
export type HistoryDimension =
  | 'type'
  | 'channel'
  | 'provider'
  | 'country'
  | 'purpose'
  /** Of `sent`: what became of the message at the provider. `test` of everything about test recipients. */
  | 'delivery'
  /** Of `sent`: the furthest status of its receipts, missing where none has come. Of `receipt` too. */
  | 'status'
  /** Why it failed, of `delivery_failed` and of what receipts call failed. */
  | 'kind'
  | 'providerCode'
  | 'action'
  | 'reason'
  /** Of `refused`: the limit. */
  | 'limit'
  /** Of `fault`: what failed. */
  | 'during'
  /** In which a provider said what a message costs; missing where none said anything. */
  | 'currency'
  /** Of `sent`: `true` for a code that somebody else made, which nobody verifies here. */
  | 'relayed'
  /** Of `suspected`: the guard's rule, what it looked at, and what was done. */
  | 'rule'
  | 'level'
  | 'verdict'

/** How long the pieces are that time is counted in; days are those of UTC. */
export type HistoryResolution = 'minute' | 'hour' | 'day'

/** Which counts are wanted. */
export interface HistoryCountsQuery {
  /** First instant, in epoch milliseconds; the whole piece that it lies in counts. */
  readonly from: number
  /** The instant at which it ends; a piece that it lies in counts as a whole. */
  readonly to: number
  /** Minutes are kept for 8 days, hours for 90 and days for 400, unless options say otherwise. */
  readonly resolution: HistoryResolution
  /** One row for each combination of these. @defaultValue none of them: one row in all */
  readonly by?: readonly HistoryDimension[]
  /** Whether there is a row for each piece of time too. @defaultValue `false` */
  readonly overTime?: boolean
  /** Only what has this value, or one of these values, in each of these. */
  readonly where?: Readonly<Partial<Record<HistoryDimension, string | readonly string[]>>>
}

/**
 * A sum. It has the members of `by`, without those that are unknown or that such events have not:
 * messages without a `status` are those that no receipt has told of.
 *
 * Types are those of events. A `receipt` is one whose message is not known, or not yet; others count
 * at their message, which has the type `sent` and stands at the time of its sending. `dropped` are
 * events that could not be written.
 */
export interface HistoryCount extends Readonly<Partial<Record<HistoryDimension, string>>> {
  /** Where the piece begins, in epoch milliseconds, with `overTime`. */
  readonly at?: number
  readonly count: number
  /** Segments of text messages, where deliveries told of them. */
  readonly segments: number
  /** What providers said that it cost, by currency; empty where none said anything. */
  readonly prices: Readonly<Record<string, number>>
  /** How long people took from the first message to the right code. */
  readonly elapsedMs?: Percentiles
}

/**
 * Milliseconds below which so many percent lie. They come from buckets with fixed borders that every
 * history shares, and are off by a bucket at most: a fifth or so of their value, a half below 4 s.
 */
export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

/** Which events are wanted. */
export interface HistoryEventsQuery {
  /** About this recipient alone. */
  readonly fingerprint?: string
  /** Of this type or these types alone, however many others came since. @defaultValue all */
  readonly type?: string | readonly string[]
  /** Only what happened before this instant, in epoch milliseconds. */
  readonly before?: number
  /** Most events, 1 to 1,000. @defaultValue 200 */
  readonly limit?: number
}

/** The texts that a history keeps of an event. */
export type HistoryText =
  | 'fingerprint'
  | 'recipient'
  | 'challengeKey'
  | 'messageKey'
  | 'reference'
  | 'purpose'
  | 'channel'
  | 'country'
  | 'provider'
  | 'delivery'
  | 'status'
  | 'kind'
  | 'sent'
  | 'providerCode'
  | 'action'
  | 'reason'
  | 'limit'
  | 'locale'
  | 'encoding'
  | 'during'
  | 'by'
  | 'consolePage'
  | 'rule'
  | 'level'
  | 'mode'
  | 'verdict'
  | 'cap'
  | 'currency'

/** The numbers that a history keeps of an event. */
export type HistoryNumber =
  | 'segments'
  | 'retryAfterMs'
  | 'attemptsUsed'
  | 'attemptsLeft'
  | 'failures'
  | 'elapsedMs'
  | 'used'
  | 'allowed'
  | 'max'
  | 'percent'
  | 'durationMs'

/**
 * An event as a history keeps it: what an `OtpEvent` says, but for the `error` of a fault. A receipt
 * has the fingerprint of its message, once that is known.
 */
export interface HistoryEvent
  extends Readonly<Partial<Record<HistoryText, string>>>,
    Readonly<Partial<Record<HistoryNumber, number>>> {
  readonly type: string
  readonly at: number
  readonly resend?: boolean
  readonly relayed?: boolean
  /** About one of `testRecipients`. */
  readonly test?: boolean
  readonly price?: Price
  /** Of `sent`: those of every segment. */
  readonly messageKeys?: readonly string[]
}
