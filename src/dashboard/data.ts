import type { HistoryEvent, HistoryResolution } from '../history'
import type { Guard } from './guard-data'
import type { Comparison, Money } from './money-data'

/**
 * What the page asks, below its own address, and the type of each answer.
 *
 * | | answer | parameters |
 * |---|---|---|
 * | `GET data/about` | `About` | filters and range |
 * | `GET data/summary` | `Summary` | filters |
 * | `GET data/funnel` | `Funnel` | filters and range |
 * | `GET data/times` | `Times` | filters and range |
 * | `GET data/failures` | `Failures` | filters and range |
 * | `GET data/refusals` | `Refusals` | filters and range |
 * | `GET data/money` | `Money` | filters and range |
 * | `GET data/providers` | `Comparison` | filters and range |
 * | `GET data/countries` | `Comparison` | filters and range |
 * | `GET data/providers.csv`, `data/countries.csv` | CSV, to be saved | filters and range |
 * | `GET data/guard` | `Guard` | filters and range |
 * | `GET data/feed` | `Feed` | `before`, `limit` |
 * | `POST actions/find` | `Person` | JSON `FindRequest`; needs `can: ['find']` |
 * | `POST actions/unlock` | `Unlocked` | JSON `UnlockRequest`; needs `can: ['unlock']` |
 *
 * Filters are `channel`, `provider`, `country` and `purpose`, each once; `-` means those that have
 * none, and an empty one is no filter. A range is `range`, one of `ranges` (`day` unless given), and
 * `to`, the instant in epoch milliseconds at which it ends (now unless given).
 *
 * Everything else is problem details (`application/problem+json`): a `Refusal`.
 */
export interface DashboardData {
  readonly about: About
  readonly summary: Summary
  readonly funnel: Funnel
  readonly times: Times
  readonly failures: Failures
  readonly refusals: Refusals
  readonly money: Money
  readonly providers: Comparison
  readonly countries: Comparison
  readonly guard: Guard
  readonly feed: Feed
}

/** How long the ranges are, and how long the pieces that their time is counted in. */
export const ranges = {
  hour: { lengthMs: 3_600_000, resolution: 'minute' },
  day: { lengthMs: 86_400_000, resolution: 'hour' },
  week: { lengthMs: 7 * 86_400_000, resolution: 'hour' },
  month: { lengthMs: 30 * 86_400_000, resolution: 'day' },
  quarter: { lengthMs: 90 * 86_400_000, resolution: 'day' },
  year: { lengthMs: 365 * 86_400_000, resolution: 'day' },
} as const satisfies Readonly<
  Record<string, { readonly lengthMs: number; readonly resolution: HistoryResolution }>
>

export type RangeName = keyof typeof ranges

/** What somebody who looks may do besides. */
export type Permission = 'find' | 'unlock'

export interface Answer {
  /** When this was asked of the history, in epoch milliseconds. */
  readonly asOf: number
}

export interface RangedAnswer extends Answer {
  /** Whole pieces of time, the last of which may not be over. */
  readonly from: number
  readonly to: number
  readonly resolution: HistoryResolution
}

/** Who looks, what there is to choose from, and how much the history knows. */
export interface About extends RangedAnswer {
  /** As `authorize` says. */
  readonly name: string
  readonly can: readonly Permission[]
  /** The history is that of this process alone, since its start. */
  readonly isThisProcessOnly: boolean
  /** Channels and purposes of the manager, for `find`. */
  readonly manager: { readonly channels: readonly string[]; readonly purposes: readonly string[] }
  /** What occurs in the range, for filters, the most frequent first. */
  readonly seen: {
    readonly channels: readonly string[]
    readonly providers: readonly string[]
    readonly countries: readonly string[]
    readonly purposes: readonly string[]
  }
  /** Events that the history could not keep in the range: if any, every number is too low. */
  readonly dropped: number
  /** Receipts whose message is not known. */
  readonly strayReceipts: number
  /** Faults that changed no answer, by what failed. */
  readonly faults: readonly { readonly during: string; readonly count: number }[]
}

/** The four numbers of an hour. */
export interface Vitals {
  /** Messages with codes that were sent; withheld, relayed and test messages are not among them. */
  readonly messages: number
  /** Share from 0 to 1 of the messages of providers that report; `null` where none has reported. */
  readonly delivered: number | null
  /** Codes that verified by messages, from 0 to 1; `null` without messages. */
  readonly verified: number | null
  /** Half of those who verified took no longer, in milliseconds; `null` where nobody verified. */
  readonly medianMs: number | null
}

/** Which of the four numbers. */
export type VitalName = keyof Vitals

/** Is it working now? The last hour against the same hour a day and a week before. */
export interface Summary extends Answer {
  readonly from: number
  readonly to: number
  readonly now: Vitals
  /** `null` where the history knows of nothing in that hour. */
  readonly dayBefore: Vitals | null
  readonly weekBefore: Vitals | null
  /** The first number, in the order of `Vitals`, that is out of its band; `null` while none is. */
  readonly alarm: Alarm | null
}

/** A number that is out of its band. */
export interface Alarm {
  readonly what: VitalName
  /** Where in relation to its band. */
  readonly isTooLow: boolean
  readonly value: number
  /** What it was compared with: the mean of the hours that are known. */
  readonly usual: number
  /** What the sentence says, in English: `Delivered fell to 41 %, from 96 % at this hour.` */
  readonly sentence: string
}

/**
 * What became of requests. A step is `null` where nothing tells of it: `delivered` without receipts,
 * `asked`, `refused`, `unsent` and `tried` where a provider is asked for or told apart, since those events
 * name none.
 */
export interface Steps {
  /** Requests for a message: `refused`, `unsent`, `sent`. */
  readonly asked: number | null
  /** By limits, the ledger or the guard. */
  readonly refused: number | null
  /** No delivery took the message. */
  readonly unsent: number | null
  /** Messages that a provider took, or may have taken. */
  readonly sent: number
  /** Of `sent`, those that a provider says that it took. */
  readonly accepted: number
  /** Of `sent`, those over a channel and provider that receipts tell of: `delivered` is a share of it. */
  readonly reported: number
  readonly delivered: number | null
  /** Receipts say that it was lost on the way. */
  readonly lost: number | null
  /** Guesses that were compared with a code; there may be several at one. */
  readonly tried: number | null
  readonly verified: number
}

/** Steps of those with one value of a dimension; it is `null` where that is unknown. */
export interface Group extends Steps {
  readonly name: string | null
}

export interface Funnel extends RangedAnswer {
  readonly total: Steps
  /** Messages that are in no other number: to no account, for an auth server, to test recipients. */
  readonly apart: {
    readonly withheld: number
    readonly relayed: number
    readonly test: number
  }
  readonly by: {
    readonly channel: readonly Group[]
    readonly provider: readonly Group[]
    readonly country: readonly Group[]
    readonly purpose: readonly Group[]
  }
  /** Every piece of the range, in order. */
  readonly points: readonly FunnelPoint[]
}

export interface FunnelPoint {
  readonly at: number
  readonly sent: number
  readonly delivered: number | null
  readonly verified: number
  /** `null` where a provider is asked for. */
  readonly refused: number | null
}

/** Milliseconds from the first message to the right code. */
export interface Timing {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

export interface Times extends RangedAnswer {
  readonly total: Timing | null
  /** Every piece of the range, in order; without percentiles where nobody verified. */
  readonly points: readonly { readonly at: number; readonly timing: Timing | null }[]
  readonly by: {
    readonly channel: readonly NamedTiming[]
    readonly provider: readonly NamedTiming[]
  }
}

export interface NamedTiming extends Timing {
  readonly name: string | null
}

export interface Failures extends RangedAnswer {
  /** The most frequent first, 100 at most. */
  readonly rows: readonly Failure[]
  /** Failures in all. */
  readonly count: number
  readonly points: readonly { readonly at: number; readonly count: number }[]
}

export interface Failure {
  readonly provider: string | null
  readonly channel: string | null
  /** `opted_out`, `misconfigured`, …: `docs/deliveries/failures.md` says what each means. */
  readonly kind: string
  readonly providerCode: string | null
  /** Whether the provider refused the message, or took it and later reported its loss. */
  readonly told: 'at once' | 'by receipt'
  readonly count: number
  /** Beginnings of the first and the last piece of time in which it happened. */
  readonly firstAt: number
  readonly lastAt: number
  /** Where the provider says what its codes mean; absolute. */
  readonly docs: string | null
  /** The page of the provider's console that mends it, where the last events tell of one; absolute. */
  readonly consolePage: string | null
}

export interface Refusals extends RangedAnswer {
  readonly rows: readonly Refused[]
  readonly count: number
  /** Recipients that somebody unlocked. */
  readonly unlocked: number
  readonly points: readonly {
    readonly at: number
    readonly send: number
    readonly verify: number
  }[]
}

export interface Refused {
  readonly action: 'send' | 'verify' | null
  /** `rate_limited`, `locked`, or the guard's. */
  readonly reason: string
  /** `cooldown`, `recipient`, `challenge`, `ip`, `country`, `prefix`, `global`; none of `locked`. */
  readonly limit: string | null
  readonly count: number
}

/** Single events, the newest first, masked as events are. */
export interface Feed extends Answer {
  readonly events: readonly HistoryEvent[]
}

/**
 * Why there is no answer, by RFC 9457. `urn:otpkit:invalid` (400, with `field`), `malformed` (400),
 * `signed-out` (403: `authorize` said no), `forbidden` (403: it does not permit this), `cross-site`
 * (403), `not-found` (404), `method-not-allowed` (405), `too-large` (413), `unsupported-media-type`
 * (415), `history-unavailable` and `unavailable` (503: the history, or the database, is down).
 */
export interface Refusal {
  readonly type: `urn:otpkit:${string}`
  readonly title: string
  readonly status: number
  /** Of `invalid`: the parameter or field, and what is wrong with it, in words for the page. */
  readonly field?: string
  readonly detail?: string
}
