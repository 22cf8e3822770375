import type { CountryCode } from 'libphonenumber-js/max'
import type { Conversions } from './conversion'
import type { OtpDatabase } from './database'
import type { Delivery } from './delivery'
import type { GuardOptions, SpendOptions } from './guard-options'
import type { CodeAlphabet } from './input/code'
import type { MessageOptions } from './message/render'
import type { RateLimiter } from './rate-limiter'
import type { OtpStore } from './store'
import type { Trace } from './trace'

/** Milliseconds, or a number with a unit: `'500ms'`, `'30s'`, `'5m'`, `'1h'`, `'180d'`. */
export type Duration = number | string

/**
 * A key of 32 random bytes or more, such as the text that `openssl rand -base64 32` prints. Refused is a text
 * with white space around it or in quotes, which another host would read as another key.
 */
export type Secret = string | Uint8Array

/** One key of a rotating secret. */
export interface SecretKey {
  /** Up to 16 letters, digits, `_` and `-`; kept beside each challenge. */
  readonly id: string
  readonly key: Secret
}

/** At most `max` messages (or attempts) in any window of length `per`, 10 seconds or more. */
export interface LimitOption {
  readonly max: number
  readonly per: Duration
}

/** Limits on messages, first and resent alike. An empty list switches one off. */
export interface LimitOptions {
  /**
   * Least time between two messages to a recipient, 1 second or more; `0` or `false` for none.
   *
   * @defaultValue `'30s'`
   */
  readonly cooldown?: Duration | false
  /**
   * Messages to one recipient, all purposes together.
   *
   * @defaultValue 3 per 2 minutes, 5 per hour, 10 per day; fewer once the ledger holds 5 failures
   */
  readonly recipient?: readonly LimitOption[]
  /**
   * Messages asked for by one IP address (IPv6: one /64, and ten times as many by the /48).
   *
   * @defaultValue 5 per minute
   */
  readonly ip?: readonly LimitOption[]
  /** Messages to each country: a budget against toll fraud. Off by default. */
  readonly country?: readonly LimitOption[]
  /** Messages to numbers that differ in their last four digits only. Off by default. */
  readonly prefix?: readonly LimitOption[]
  /** Messages in all. Off by default. */
  readonly global?: readonly LimitOption[]
  /**
   * Attempts by one IP address (IPv6: one /64, and ten times as many by the /48).
   *
   * @defaultValue 30 per minute
   */
  readonly verifyIp?: readonly LimitOption[]
}

/** What may differ between a `login` and a `password_reset`. */
export interface PurposeOptions {
  /**
   * Characters in a code, 6 to 10. Two more once the recipient has 5 unforgiven failures.
   *
   * @defaultValue 6
   */
  readonly codeLength?: number
  /**
   * `digits`, or `base32`: Crockford's alphabet without I, L, O and U, read in either case.
   *
   * @defaultValue `'digits'`
   */
  readonly alphabet?: CodeAlphabet
  /**
   * How long a code stays good, from 30 seconds to 10 minutes
   * ({@link https://pages.nist.gov/800-63-4/sp800-63b.html | NIST SP 800-63B-4}, 3.1.3.2).
   *
   * @defaultValue `'5m'`
   */
  readonly lifetime?: Duration
  /**
   * Attempts per challenge, 1 to 10.
   *
   * @defaultValue 3
   */
  readonly attempts?: number
  /**
   * `same`: while a challenge lives, its code is sent again. `new`: every message starts a new
   * challenge and the old code dies; without `background` once somebody has taken the message.
   *
   * @defaultValue `'same'`
   */
  readonly resend?: 'same' | 'new'
  /**
   * `recipient`: one live challenge per recipient and purpose, verified by `to` or by handle.
   * `challenge`: every `send` is a challenge of its own, verified by handle alone, so that a
   * stranger who knows the number cannot use up its attempts.
   *
   * @defaultValue `'recipient'`
   */
  readonly bind?: 'recipient' | 'challenge'
  readonly limits?: LimitOptions
}

/** Recipients with a fixed code, for reviewers of app stores and for end-to-end tests. */
export interface TestRecipientsOption {
  /** The code of each recipient: 6 to 10 digits, which are good for every purpose. */
  readonly codes: Readonly<Record<string, string>>
  /**
   * When it ends, by the host's clock; afterwards they are recipients like any other. Required unless
   * `NODE_ENV` is exactly `development` or `test`.
   */
  readonly until?: Date
}

/** Where challenges live and what counts: one database, or a store and a rate limiter. */
export type OtpPlaces =
  | {
      /** Decides every request in one step. */
      readonly database: OtpDatabase
      readonly store?: never
      readonly rateLimiter?: never
    }
  | {
      /** Keeps challenges. */
      readonly store: OtpStore
      /** Counts every limit. There is no default: forgetting it is an error. */
      readonly rateLimiter: RateLimiter
      readonly database?: never
    }

/**
 * How to build an `OtpManager`: where it keeps what it knows, and everything else. What stands here
 * for a purpose is every purpose's default.
 */
export type OtpManagerOptions<Channel extends string, Purpose extends string> = OtpPlaces &
  OtpManagerSettings<Channel, Purpose>

/** The options of an `OtpManager` beside its database. */
export interface OtpManagerSettings<Channel extends string, Purpose extends string>
  extends PurposeOptions {
  /**
   * The key of every code, digest and fingerprint; there is no default. A list rotates: the first
   * key signs, all of them verify. Append a new key everywhere, then move it to the front.
   */
  readonly secret: Secret | readonly SecretKey[] | undefined
  /**
   * The key of handles, ids, limits and fingerprints, which does not rotate, so that a rotation
   * forgets no failure. Required beside a list: when moving from a single `secret` to a list, pass that secret
   * here and keep it in the list under the id `1`.
   */
  readonly indexSecret?: Secret | undefined
  /** One delivery per channel. Routes such as `fallback` are deliveries too. */
  readonly deliveries: { readonly [channel in Channel]: Delivery }
  /** What codes may be for: a list of names, or a record of overrides. */
  readonly purposes: readonly Purpose[] | { readonly [purpose in Purpose]: PurposeOptions }
  /**
   * Countries that are served, by ISO 3166 code; required with a phone channel. `'any'` must be
   * said aloud, since it invites toll fraud. `GB` serves Guernsey, Jersey and the Isle of Man too,
   * which share its numbering plan.
   */
  readonly countries?: readonly CountryCode[] | 'any'
  /** Reads numbers without a country code as this country's. */
  readonly defaultCountry?: CountryCode
  /**
   * The application's name in messages.
   *
   * @defaultValue `'OTP'`
   */
  readonly appName?: string
  /** Locales, templates and autofill lines. */
  readonly messages?: Omit<MessageOptions, 'appName'>
  /**
   * Separates deployments that share a database and a secret.
   *
   * @defaultValue `'otpkit'`
   */
  readonly namespace?: string
  /**
   * The present in epoch milliseconds, which events are dated by, for tests. What expires and what
   * counts go by the database's clock.
   *
   * @defaultValue `Date.now`
   */
  readonly clock?: () => number
  /** Returns the code from `send`. Throws unless `NODE_ENV` is exactly `development` or `test`. */
  readonly exposeCode?: boolean
  /**
   * Recipients to whom nothing is ever sent, and whose code is always the same: whoever knows such a
   * code opens that account. They have a ledger and limits of their own, count in no budget, and every
   * event about them says `test`.
   */
  readonly testRecipients?: TestRecipientsOption
  /**
   * Whom to tell that the code of a message was used. Without it nothing about a message is kept; with
   * it the store keeps the provider's id of the newest one, sealed, while the challenge lives.
   */
  readonly conversions?: readonly Conversions[]
  /** Refuses traffic that asks for codes and never uses them. Off by default. */
  readonly guard?: GuardOptions
  /** Caps on what messages cost. None by default. */
  readonly spend?: SpendOptions
  /**
   * Takes over the work that outlives an answer (a `waitUntil`). With it every `send` answers before
   * a delivery begins and with all that it promises in the database, and a delivery that fails takes
   * nothing back, so that neither the provider's time nor its errors tell anything; the outcome goes
   * to the events.
   */
  readonly background?: (work: Promise<void>) => void
  /**
   * Surrounds each `send`, `resend`, `relay`, `verify` and delivery, for traces: `otelTrace()` of
   * `otpkit/opentelemetry`. It changes no answer.
   */
  readonly trace?: Trace
}
