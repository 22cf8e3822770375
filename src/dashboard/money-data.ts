import type { Price } from '../delivery'
import type { RangedAnswer } from './data'

/** What messages cost: as providers say, else by the `prices` of the dashboard. */
export interface Money extends RangedAnswer {
  /** One for each currency; they do not add up. */
  readonly total: readonly Cost[]
  readonly byCountry: readonly (Cost & { readonly country: string | null })[]
  readonly byDay: readonly {
    readonly at: number
    readonly currency: string
    readonly amount: number
  }[]
  /** Messages that neither a provider nor `prices` has a price for: they are in no amount. */
  readonly unpriced: number
}

export interface Cost extends Price {
  /** Messages that this was paid for. */
  readonly messages: number
  /** How much of the amount comes from `prices` and not from a provider, from 0 to 1. */
  readonly estimated: number
  /** Codes that verified in the same group, whichever currency their messages were paid in. */
  readonly verified: number
  /** Amount by verified; `null` where nobody verified. */
  readonly perVerified: number | null
}

/** Providers, or countries, side by side; the one with most messages first. */
export interface Comparison extends RangedAnswer {
  readonly rows: readonly Compared[]
}

export interface Compared {
  readonly name: string | null
  readonly sent: number
  /** Of all messages in the table, from 0 to 1. */
  readonly share: number
  /** Shares from 0 to 1, as in `Vitals`. */
  readonly delivered: number | null
  readonly verified: number | null
  readonly medianMs: number | null
  /** Failures that providers stated, at once or by receipt. */
  readonly failures: number
  readonly costs: readonly (Price & { readonly perVerified: number | null })[]
}
