import type { DeliveryErrorKind } from './delivery'
import type { GuardLevel, SpendCap } from './guard-options'
import type { Problem } from './input/problem'

/** A message is on its way, or may be. */
export interface Sent {
  readonly ok: true
  /** The handle of the challenge, for `verify`, `resend`, `status` and `cancel`. */
  readonly challengeId: string
  /** How many characters the code has: what a screen must have room for. */
  readonly codeLength: number
  /** The channel that took the message; of a list, the one that was used. */
  readonly channel: string
  /** The normalised recipient. */
  readonly recipient: string
  /** How long the code stays good, in milliseconds. */
  readonly expiresInMs: number
  /** How long until another message may be sent, in milliseconds. */
  readonly resendInMs: number
  /**
   * `accepted`: the provider took it. `unknown`: it may still arrive, because the provider did not
   * answer in time or because `background` answers before it does. `failed`: nobody took it, which
   * `hide` wants to look like success; not for the public.
   */
  readonly delivery: 'accepted' | 'unknown' | 'failed'
  /** Why nobody took it; only where it is hidden. */
  readonly failure?: DeliveryErrorKind
  /** Who carries it. Not for the public: it differs between providers. */
  readonly provider?: string
  /** The provider's id of the message. */
  readonly messageId?: string
  /** The code itself, only with `exposeCode`. */
  readonly code?: string
}

/** A relayed message is on its way, or may be. */
export interface Relayed {
  readonly ok: true
  /** The channel that took the message; of a list, the one that was used. */
  readonly channel: string
  /** The normalised recipient. */
  readonly recipient: string
  /** The same message was relayed less than two minutes ago, so nothing was sent now, nor charged. */
  readonly duplicate: boolean
  /**
   * `accepted`: the provider took it. `unknown`: it may still arrive, because the provider did not
   * answer in time, because `background` answers before it does, or because it is a duplicate.
   */
  readonly delivery: 'accepted' | 'unknown'
  /** Who carries it. */
  readonly provider?: string
  /** The provider's id of the message. */
  readonly messageId?: string
}

/** Something in the request is not acceptable. The value is never echoed. */
export interface Invalid {
  readonly ok: false
  readonly reason: 'invalid'
  /** The request's field, such as `to` or `purpose`. */
  readonly field: string
  readonly problem: Problem
}

/** The windows that can refuse a request. */
export type LimitName =
  | 'cooldown'
  | 'recipient'
  | 'challenge'
  | 'ip'
  | 'country'
  | 'prefix'
  | 'global'
  /** The guard, which suspects that messages like this one are asked for and never used. */
  | 'guard'
  /** A cap on what messages cost. */
  | 'budget'

/** Too many requests. Nothing was charged. */
export interface RateLimited {
  readonly ok: false
  readonly reason: 'rate_limited'
  /** Milliseconds until the same request would be accepted. */
  readonly retryAfterMs: number
  /** Which window refused. For the application: telling the public helps an attacker. */
  readonly limit: LimitName
  /** Which cap refused, of the limit `budget`. */
  readonly cap?: SpendCap
  /**
   * Only of the limit `guard` in its mode `challenge`: have the person prove something first, then send
   * with `challenged: true`.
   */
  readonly challenge?: true
}

/** The recipient has 100 unforgiven failures: refused until `unlock`, or until they age out. */
export interface Locked {
  readonly ok: false
  readonly reason: 'locked'
  /** Milliseconds until the oldest failure ages out. */
  readonly retryAfterMs: number
}

/** The message cannot reach this person over the channels asked for. Nothing was sent. */
export interface Undeliverable {
  readonly ok: false
  readonly reason: 'undeliverable'
  readonly kind: Extract<DeliveryErrorKind, 'invalid_recipient' | 'opted_out' | 'fraud_blocked'>
}

/** Why no message was sent. */
export type Refused = RateLimited | Locked | Undeliverable

/** The code was right, and is used up. */
export interface Verified {
  readonly ok: true
  /** The recipient that was proven. Use this value, not what the client sent. */
  readonly recipient: string
  readonly challengeId: string
  readonly purpose: string
  /**
   * A single-use bearer secret for `redeem`, when one was asked for. Missing only if the store
   * failed after the code was used up.
   */
  readonly proof?: string
}

/** The code was wrong, and the attempt is charged. */
export interface Incorrect {
  readonly ok: false
  readonly reason: 'incorrect'
  /** Attempts left for this challenge. */
  readonly attemptsLeft: number
}

/**
 * This very code verified less than a minute ago: autofill and a finger have both submitted it. It
 * verifies nothing and carries no proof; the page that it came from goes on as after the first one.
 */
export interface Used {
  readonly ok: false
  readonly reason: 'used'
}

/** Nothing is outstanding: expired, used up, cancelled or never sent. */
export interface Expired {
  readonly ok: false
  readonly reason: 'expired'
}

/** Every answer of `send`, `resend` and `verify` that is not `ok`, told apart by its `reason`. */
export type Refusal = Refused | Invalid | Incorrect | Used | Expired

/** The recipient that a proof stood for. */
export interface Redeemed {
  readonly ok: true
  readonly recipient: string
  readonly purpose: string
}

/** The public state of a challenge. */
export interface Status {
  readonly ok: true
  readonly challengeId: string
  readonly purpose: string
  readonly channel: string
  /** How many characters the code has. */
  readonly codeLength: number
  /** The recipient, masked. */
  readonly recipient: string
  readonly expiresInMs: number
  /** How long until another message may be sent, as far as the recipient's limits go. */
  readonly resendInMs: number
  readonly attemptsLeft: number
}

/** One limit, looked at on its own. */
export interface LimitState {
  readonly limit: LimitName
  /** Of the limit `guard`: what it looks at; `max` and `used` are then messages that were not verified. */
  readonly level?: GuardLevel
  /** Of the limit `guard`: `growth` counts all messages to those who are not known. */
  readonly rule?: 'conversion' | 'growth'
  /** Of the limit `budget`; `max` and `used` are then in the currency of the prices. */
  readonly cap?: SpendCap
  readonly max: number
  readonly windowMs: number
  /** Units in the window by now. */
  readonly used: number
  /** Milliseconds until it would let one more pass; 0 when it would now. */
  readonly retryAfterMs: number
}

/** What stands in the way of somebody's next code, for support to read. Not for the public. */
export interface Explained {
  readonly ok: true
  /** The recipient, masked. */
  readonly recipient: string
  /** What events and histories call the recipient. */
  readonly fingerprint: string
  /** ISO 3166 country of a phone number. */
  readonly country?: string
  /** Who would carry the message, in the order in which they are tried. */
  readonly routes: readonly { readonly channel: string; readonly provider: string }[]
  /** Unforgiven failures of the last 180 days, of all purposes: from 5 on codes are longer. */
  readonly failures: number
  /** Milliseconds until a recipient with 100 failures is let in again without `unlock`; else 0. */
  readonly lockedForMs: number
  /** How many characters the next new code has. A shorter one does not match any more. */
  readonly codeLength: number
  /** One of `testRecipients`: nothing is sent, and the code is the fixed one. */
  readonly test?: true
  /** Every limit that the next message passes through. */
  readonly send: readonly LimitState[]
  /** Every limit that the next guess passes through. */
  readonly verify: readonly LimitState[]
  /**
   * The living challenge, whose code a `send` repeats; `null` without one, and always where purposes
   * bind to the handle, which alone leads to a challenge.
   */
  readonly challenge: {
    /** What events call it. */
    readonly challengeKey: string
    /** The channel of its first message. */
    readonly channel: string
    readonly codeLength: number
    /** `deliver: false`: no message was sent, and no code is right. */
    readonly withheld: boolean
    readonly expiresInMs: number
    readonly attemptsLeft: number
  } | null
}

/** A recipient that can be served. */
export interface Known {
  readonly ok: true
  /** The normalised recipient, such as `+919876543210`. */
  readonly recipient: string
  readonly kind: 'phone' | 'email'
  /** The recipient for people and logs to recognise, such as `+91••••••••10`. */
  readonly masked: string
  /** What events call the recipient. */
  readonly fingerprint: string
}

/** What was asked for is done: `cancel` ended the challenge, `unlock` forgave the failures. */
export interface Done {
  readonly ok: true
}

export function invalid(field: string, problem: Problem): Invalid {
  return { ok: false, reason: 'invalid', field, problem }
}

export const used: Used = Object.freeze({ ok: false, reason: 'used' })

export const expired: Expired = Object.freeze({ ok: false, reason: 'expired' })
