import type { RangedAnswer } from './data'

/** What the guard suspected, and how much of the caps on money is spent. */
export interface Guard extends RangedAnswer {
  /** `null` while no event of a guard is in the range: it may be quiet, or not switched on. */
  readonly suspected: readonly Suspected[] | null
  /** The last that was told of each cap and country, the newest first. */
  readonly spent: readonly Spent[]
}

/** Messages that were suspected, the most frequent first. */
export interface Suspected {
  readonly country: string | null
  readonly channel: string | null
  /** `conversion`, `growth` or `outage`. */
  readonly rule: string | null
  /** What was looked at: `ip`, `block`, `wideBlock`, `country` or `burst`. */
  readonly level: string | null
  /** `allow` of what was only recorded, and of outages; `challenge`; `refuse`. */
  readonly verdict: string | null
  readonly count: number
}

/** A cap on money of which half, most or all was spent in 24 hours. */
export interface Spent {
  readonly at: number
  readonly cap: string
  /** Of caps by country. */
  readonly country: string | null
  readonly percent: number
  readonly used: number
  readonly max: number
  readonly currency: string
}
