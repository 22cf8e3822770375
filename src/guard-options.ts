import type { CountryCode } from 'libphonenumber-js/max'
import type { Prices } from './prices'

/** What the guard does about a message that it suspects. */
export type GuardMode = 'record' | 'challenge' | 'refuse'

/**
 * What the guard looks at, each by itself: the person's IP (IPv6: its /64); the number less its last four
 * digits, and less its last six; the country in a day, and in ten minutes.
 */
export type GuardLevel = 'ip' | 'block' | 'wideBlock' | 'country' | 'burst'

/**
 * The guard against traffic that asks for codes and never uses them (SMS pumping). Off without this
 * option.
 *
 * It counts per IP, number block and country how many messages were sent and how many of them were
 * verified, and suspects a message when the others of the last 24 hours (of `burst`: 10 minutes) are
 * more likely those of an attack than of people: Wald's sequential test.
 *
 * An e-mail address has neither block nor country, so only its sender's IP is looked at; `ip: null` has
 * no IP. A relayed message counts for `growth` alone: nobody tells what became of it.
 */
export interface GuardOptions {
  /**
   * Begin with `record`, for the two weeks that `growth` looks back. It refuses nothing and tells what it would have refused, by the event `suspected`. `challenge`
   * refuses with `challenge: true`: have the person prove something (a captcha, a card) and send again
   * with `challenged: true`. `refuse` refuses.
   */
  readonly mode: GuardMode
  /** Who is never refused. Their messages are counted like all others. */
  readonly allow?: {
    readonly countries?: readonly CountryCode[]
    /** The beginnings of phone numbers: `+`, the calling code and as many digits more as you like. */
    readonly prefixes?: readonly string[]
    /** Addresses and networks of senders: `203.0.113.7`, `198.51.100.0/24`, `2001:db8::/32`. */
    readonly networks?: readonly string[]
  }
  /** Other thresholds, by level; `false` switches a level off. */
  readonly levels?: { readonly [level in GuardLevel]?: GuardThreshold | false }
  /**
   * Messages to one country in 24 hours, to recipients that are not `known`: at most `floor`, and
   * `times` the mean day of what verified in 14 days. It stops those who verify what they pump.
   *
   * @defaultValue `{ floor: 200, times: 3 }`
   */
  readonly growth?: { readonly floor?: number; readonly times?: number } | false
}

/**
 * One level's test. What is left out is the default of the level.
 *
 * @see {@link https://doi.org/10.1214/aoms/1177731118 | A. Wald, Sequential Tests of Statistical Hypotheses (1945)}
 */
export interface GuardThreshold {
  /** The least part of messages that verify where people ask for them; more than `attack`, below 1. */
  readonly honest?: number
  /** The part of messages that verify in an attack; more than 0. */
  readonly attack?: number
  /** How likely honest traffic of that least part is suspected all the same; more than 0, below 1. */
  readonly error?: number
}

/** Which cap on money. */
export type SpendCap = 'perDay' | 'perCountryPerDay'

/**
 * Caps on what messages cost, in the currency of `prices`, in any 24 hours. They hold in every mode of
 * the guard, and without it. A message is charged what the dearest of the channels that it may take
 * costs, by the segment; one that a provider certainly did not take is given back, unless there is
 * `background`.
 */
export interface SpendOptions {
  readonly perDay: number
  /** For each country by itself. E-mail belongs to none. */
  readonly perCountryPerDay?: number
  /** A price for every channel that is configured, in every country that is served. */
  readonly prices: Prices
}
