import type { Recipient } from '../input/recipient'
import type { Taken } from '../rate-limiter'
import type { StoredChallenge } from '../store'
import type { Challenge, Trust } from './challenge'
import type { Core, Subject } from './context'
import type { Labels } from './labels'
import { requiredLength } from './limits'
import type { Charge, ChargeFacts } from './logs'
import { costOf } from './message-cost'
import type { PurposeSettings } from './purposes'
import type { Routes } from './read-requests'
import type { Hidden } from './request-fields'
import type { Named } from './test-recipients'
import { judgedFacts, readTest } from './watch'

/** Everything about a message that is known before its challenge is. */
export interface Order {
  readonly purpose: PurposeSettings
  readonly recipient: Recipient
  readonly labels: Labels
  /** In the order in which they are tried. */
  readonly routes: Routes
  readonly locale: string | undefined
  readonly ip: string
  /** What the server says of who asks; of another message of a challenge, what it said of the first. */
  readonly trust: Trust
  /** `deliver: false`. */
  readonly silent: boolean
  readonly hide: Hidden
  readonly resend: boolean
}

/** What a message was charged, for giving it back. */
export interface Payment {
  readonly keys: readonly string[]
  readonly own: readonly string[]
  readonly unsent: readonly string[]
  readonly charge: string
  readonly retryAfterMs: number
}

/** What the outcome of a message will change in the database. */
export type Place =
  /** Nothing: the challenge is there already, and stays for the next `send` to repeat. */
  | { readonly kind: 'stored' }
  /** The count of its messages is given back when nobody took this one. */
  | { readonly kind: 'repeat'; readonly counted: Payment }
  /** It takes the place of a code that somebody may hold once its own message was taken. */
  | { readonly kind: 'waiting'; readonly earlier: StoredChallenge }
  /** The challenge that it follows, under another handle, ends once the message was taken. */
  | { readonly kind: 'moved'; readonly earlier: StoredChallenge }

/** One message with everything decided but its outcome. */
export interface Message {
  readonly ok: true
  readonly order: Order
  readonly challenge: Challenge
  readonly place: Place
  readonly payment: Payment
  readonly expiresInMs: number
  readonly resendInMs: number
}

/**
 * What a message was charged. Where the guard has no room for another one, how long that may take is
 * nothing to tell the person: it changes with the next code that somebody else verifies.
 */
export function paymentOf(charge: Charge, taken: Extract<Taken, { ok: true }>): Payment {
  const { policy, names, tests, keys, own, unsent } = charge
  const { retryAfterMs } = taken
  const payment = { keys, own, unsent, charge: taken.charge, retryAfterMs }
  const isFull = tests.some(
    (test) =>
      policy.limits[test.place]?.plus !== undefined &&
      readTest(test, { ok: false, used: taken.used }).isOver,
  )
  if (!isFull) return payment
  const cooldowns = policy.limits.filter((_, place) => names[place] === 'cooldown')
  const longestMs = Math.max(0, ...cooldowns.map(({ windowMs }) => windowMs))
  return { ...payment, retryAfterMs: Math.min(retryAfterMs, longestMs) }
}

export function subjectOf({ labels, recipient, purpose }: Order): Subject {
  return { label: labels.label, recipient, purpose: purpose.name }
}

/** The subject of a refusal, with the channel that was asked for. */
export function askedOf(order: Order): Subject & { readonly channel: string } {
  return { channel: order.routes[0].channel, ...subjectOf(order) }
}

export function factsOf({ labels, recipient, ip }: Order): ChargeFacts {
  return chargeFacts(labels, recipient, ip)
}

/** Nothing is sent to a test recipient, so its messages count in no budget. */
export function chargeFacts(
  { label, fixedCode }: Named,
  recipient: Recipient,
  ip: string,
): ChargeFacts {
  return fixedCode === undefined ? { label, recipient, ip } : { label, ip }
}

/** The length by which the ledger is asked for room. It has room for a fixed code as for a long one. */
export function askedLength({ labels }: Order, codeLength: number): number {
  return labels.fixedCode === undefined ? codeLength : Number.POSITIVE_INFINITY
}

/** How long a code has to be after so many failures. A fixed one stays as it is. */
export function lengthOf({ purpose, labels }: Order, failures: number): number {
  return labels.fixedCode?.length ?? requiredLength(purpose.codeLength, failures)
}

/** The facts of a message that is about to be charged for the first time. */
export function chargedFactsOf(core: Core, order: Order): ChargeFacts {
  const { guard, spend } = core.settings
  if (guard === undefined && spend === undefined) return factsOf(order)
  const cost = costOf(core.settings, order.labels, order)
  const { label, ip, recipient } = factsOf(order)
  const { judged, isKnown } = judgedFacts(core, order)
  return { label, ip, recipient, judged, isKnown, cost }
}
