import type { Begun } from '../database'
import { after } from '../internal/after'
import type { Locked, RateLimited } from '../results'
import type { NewChallenge, StoredChallenge } from '../store'
import {
  type Challenge,
  countedAs,
  createChallenge,
  openState,
  reopenChallenge,
  replacingNonce,
  toStore,
} from './challenge'
import { type Core, quietly, refuse } from './context'
import { askedIn, type Charge } from './logs'
import {
  askedLength,
  askedOf,
  chargedFactsOf,
  factsOf,
  lengthOf,
  type Message,
  type Order,
  type Payment,
  type Place,
  paymentOf,
} from './message'
import { costOf } from './message-cost'
import type { PurposeSettings } from './purposes'
import { isWatched, watchTaken } from './watch'

/** With less than this part of its life left, a `send` starts a new challenge. */
const renewalPart = 1 / 5

/** How long until a `send` starts anew in the place of a living challenge; 0 when that is now. */
export function renewalWaitMs(
  { resend, lifetimeMs }: PurposeSettings,
  { remainingMs }: StoredChallenge,
): number {
  if (resend === 'new') return 0
  const renewalMs = lifetimeMs * renewalPart
  return remainingMs < renewalMs ? 0 : Math.max(1, Math.ceil(remainingMs - renewalMs))
}

/** A challenge that is put if there is room for it. */
export interface Draft {
  readonly challenge: Challenge
  readonly stored: NewChallenge
}

/** What a step came to that was not refused. */
export interface Step {
  /** Unforgiven failures of the recipient. */
  readonly failures: number
  readonly standing: StoredChallenge | null
  readonly put: boolean
}

export function stepOf({ taken, standing, put }: Begun): Step {
  return { failures: taken.used[0] ?? 0, standing, put }
}

/** A new challenge for this message. */
function createDraft(
  core: Core,
  order: Order,
  codeLength: number,
  codeNonce = '',
): Draft | Promise<Draft> {
  const { purpose, recipient, routes, locale = '', silent, labels } = order
  const state = {
    recipient: recipient.envelope,
    purpose: purpose.name,
    channel: routes[0].channel,
    locale,
    alphabet: purpose.alphabet,
    codeLength,
    silent,
    lifetimeMs: purpose.lifetimeMs,
    continues: '',
    codeNonce,
  }
  const { keys, guard } = core.settings
  const isCounted = guard !== undefined && labels.fixedCode === undefined
  const kept = isCounted ? { asked: { ip: order.ip, trust: order.trust }, ...state } : state
  return after(createChallenge(keys, labels.id, kept, labels.fixedCode), (challenge) => ({
    challenge,
    stored: toStore(challenge, purpose.attempts, purpose.lifetimeMs),
  }))
}

/** Charges a message and puts a new challenge in one step; unless that put it, chooses another. */
export async function chargeNew(core: Core, order: Order): Promise<Message | RateLimited | Locked> {
  const { purpose } = order
  const draft = await createDraft(core, order, lengthOf(order, 0))
  const facts = chargedFactsOf(core, order)
  const charge = purpose.charges.send(core.settings.keys, facts)
  const begun = await begin(core, charge, draft)
  if (isWatched(charge)) {
    watchTaken(core, askedOf(order), order, charge, facts.judged, begun.taken)
  }
  if (!begun.taken.ok) return refuse(core, askedOf(order), 'send', charge, begun.taken)
  const payment = paymentOf(charge, begun.taken)
  if (begun.put) return messageOf(order, payment, draft, { kind: 'stored' })
  return chooseChallenge(core, order, payment, stepOf(begun))
}

/** Puts a draft, or says what stands in its way, as one step of the database. */
function begin(core: Core, charge: Charge, { stored }: Draft, replaces?: string): Promise<Begun> {
  const beginning = { challenge: stored, ...askedIn(charge) }
  return core.database.begin(replaces === undefined ? beginning : { replaces, ...beginning })
}

/**
 * Decides what a message that was charged will carry, where its step has put nothing: the challenge
 * that stands, or one in its place. Each round is a step of its own, and there is another one only
 * where somebody else was faster.
 */
export async function chooseChallenge(
  core: Core,
  order: Order,
  payment: Payment,
  begun: Step,
): Promise<Message | RateLimited | Locked> {
  try {
    return await choose(core, order, payment, begun)
  } catch (error) {
    await giveBack(core, order, payment.keys, payment.charge)
    throw error
  }
}

async function choose(
  core: Core,
  order: Order,
  payment: Payment,
  begun: Step,
): Promise<Message | RateLimited | Locked> {
  let step = begun
  while (true) {
    const plan = await planFor(core, order, step)
    if (plan.waitsFor !== undefined) {
      const place = { kind: 'waiting', earlier: plan.waitsFor } as const
      return messageOf(order, payment, plan.draft, place)
    }
    const { draft } = plan
    const next = await begin(core, plan.charge, draft, plan.replaces)
    // It may have spent money of its own.
    watchTaken(core, askedOf(order), order, plan.charge, undefined, next.taken)
    if (!next.taken.ok) {
      await giveBack(core, order, payment.keys, payment.charge)
      const { index, retryAfterMs } = next.taken
      const isCount = plan.charge.names[index] === 'challenge'
      const waitMs = isCount ? (plan.renewsInMs ?? retryAfterMs) : retryAfterMs
      const refusal = { index, retryAfterMs: waitMs }
      return refuse(core, askedOf(order), 'send', plan.charge, refusal)
    }
    step = stepOf(next)
    const { repeats } = plan
    const isRepeat = next.put ? repeats === draft : isSame(next.standing, repeats)
    if (repeats !== undefined && isRepeat) {
      const place = { kind: 'repeat', counted: { ...plan.charge, ...next.taken } } as const
      return messageOf({ ...order, resend: true }, payment, repeats, place)
    }
    // It is no message of that challenge, nor as dear as one.
    const { own, unsent } = plan.charge
    if (repeats !== undefined) await giveBack(core, order, [...own, ...unsent], next.taken.charge)
    if (step.put) return messageOf(order, payment, draft, { kind: 'stored' })
  }
}

/** What a message will carry, as long as nothing changes meanwhile. */
interface Plan {
  readonly draft: Draft
  readonly charge: Charge
  readonly replaces?: string
  /** What counts as a repeat: the challenge where it still stands, or the draft in its stead. */
  readonly repeats?: Draft
  /** How long until a `send` starts anew instead of repeating. */
  readonly renewsInMs?: number
  /** The challenge that keeps its place until the message of the draft was taken. */
  readonly waitsFor?: StoredChallenge
}

async function planFor(core: Core, order: Order, { failures, standing }: Step): Promise<Plan> {
  const { purpose, silent, labels } = order
  const { keys, background } = core.settings
  const codeLength = lengthOf(order, failures)
  const asked = askedLength(order, codeLength)
  const put = () => purpose.charges.put(keys, factsOf(order), asked)
  if (standing === null) {
    return { draft: await createDraft(core, order, codeLength), charge: put() }
  }

  const earlier = await readable(core, order, standing, codeLength)
  const waitMs = renewalWaitMs(purpose, standing)
  if (earlier !== null && waitMs > 0) {
    const { digest, state } = earlier.challenge
    const continues = countedAs(state, digest)
    const more = moreCost(core, order, earlier.challenge)
    const facts = { ...factsOf(order), countedAs: continues, ...(more > 0 && { cost: more }) }
    const charge = purpose.charges.repeat(keys, facts, asked)
    if (state.silent === silent) {
      const draft = await createDraft(core, order, codeLength)
      return { draft, charge, renewsInMs: waitMs, repeats: earlier }
    }
    // Nobody may see that it was turned: it takes over life, attempts and count of messages.
    const turned = { ...state, silent, continues, ...(!state.silent && { wasLoud: true as const }) }
    const challenge = await createChallenge(keys, standing.id, turned, labels.fixedCode)
    const { attemptsLeft, remainingMs } = standing
    const draft = { challenge, stored: toStore(challenge, attemptsLeft, remainingMs) }
    return { draft, charge, renewsInMs: waitMs, replaces: digest, repeats: draft }
  }
  if (earlier !== null && background === undefined) {
    const nonce = replacingNonce(keys, standing.digest)
    const draft = await createDraft(core, order, codeLength, nonce)
    return { draft, charge: put(), waitsFor: standing }
  }
  const draft = await createDraft(core, order, codeLength)
  return { draft, charge: put(), replaces: standing.digest }
}

/** What a repeat in the language of its challenge costs more than what its message was charged. */
function moreCost(core: Core, order: Order, { state }: Challenge): number {
  const { labels, locale } = order
  if (core.settings.spend === undefined || locale !== undefined) return 0
  const repeated = { ...order, locale: state.locale || undefined }
  return costOf(core.settings, labels, repeated) - costOf(core.settings, labels, order)
}

function isSame(standing: StoredChallenge | null, draft: Draft | undefined): boolean {
  return standing !== null && standing.digest === draft?.challenge.digest
}

/** The challenge that stands, unless its code is unknown here or too short for the ledger by now. */
export async function readable(
  core: Core,
  { labels }: Order,
  standing: StoredChallenge,
  codeLength: number,
): Promise<Draft | null> {
  const { keys } = core.settings
  const opened = await openState(keys, standing.id, standing.data)
  const challenge = opened && reopenChallenge(standing, opened, labels.fixedCode)
  if (challenge === null || challenge.state.codeLength < codeLength) return null
  return { challenge, stored: toStore(challenge, standing.attemptsLeft, standing.remainingMs) }
}

export function messageOf(order: Order, payment: Payment, draft: Draft, place: Place): Message {
  const { challenge, stored } = draft
  const counted = place.kind === 'repeat' ? place.counted.retryAfterMs : 0
  const resendInMs = Math.max(payment.retryAfterMs, counted)
  return { ok: true, order, challenge, place, payment, expiresInMs: stored.ttlMs, resendInMs }
}

/** Gives charges back. What fails here leaves them standing, and never changes an answer. */
export function giveBack(
  core: Core,
  order: Order,
  keys: readonly string[],
  charge: string,
): Promise<void> {
  return quietly(core, order.labels.label, 'refund', () => core.database.refund(keys, charge))
}
