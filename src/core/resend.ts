import { type Expired, expired, type Locked, type RateLimited } from '../results'
import type { StoredChallenge } from '../store'
import type { ChallengeState, Trust } from './challenge'
import { countKey, limitsOf } from './charges'
import {
  chargeNew,
  chooseChallenge,
  giveBack,
  messageOf,
  readable,
  stepOf,
} from './choose-challenge'
import { type Core, refuse, tellOfIp } from './context'
import { answer } from './deliver'
import { findChallenge } from './find-challenge'
import { type Labels, randomLabels, targetLabels } from './labels'
import { askedIn } from './logs'
import { askedOf, chargedFactsOf, lengthOf, type Message, type Order, paymentOf } from './message'
import type { ParsedResend } from './read-requests'
import type { SendResult } from './send'
import { watchTaken } from './watch'

/** What asking for another message came to. */
export type ResendResult = SendResult | Expired

/**
 * Another message of a living challenge: read it, charge the message and its place among those of
 * the challenge in one step that also says whether it still stands, and deliver it.
 */
export async function resend(core: Core, input: unknown): Promise<ResendResult> {
  const parsed = core.requests.resend(input)
  if (!parsed.ok) return parsed
  const request = parsed.value
  const { target } = request
  const labels = targetLabels(core.settings, target)
  const { id, label } = labels
  tellOfIp(core, request, { id, label }, 'send')
  const found = await findChallenge(core, labels.id)
  if (
    found === null ||
    found.challenge.attemptsLeft === 0 ||
    (target.purpose ?? found.purpose) !== found.purpose
  ) {
    return refuseExpired(core, request, labels)
  }

  const { purpose, recipient, challenge: earlier } = found
  const { state } = found.opened
  const routes = core.requests.routes(recipient, request.channels ?? [state.channel])
  if (!routes.ok) return routes
  const { ip, locale } = request
  const order: Order = {
    purpose,
    recipient,
    labels,
    routes: routes.value,
    locale: locale ?? state.locale,
    ip,
    silent: state.silent,
    trust: trustOf(state, request),
    hide: request.hide,
    resend: true,
  }
  const message =
    purpose.resend === 'new' && purpose.bind === 'challenge'
      ? await moved(core, order, earlier)
      : await another(core, order, earlier, state.continues || earlier.digest)
  return message.ok ? answer(core, message) : message
}

/** What the server says of who asks for another message: no less than it said for the first. */
function trustOf({ asked }: ChallengeState, { isChallenged }: ParsedResend): Trust {
  const trust = asked?.trust ?? 'none'
  return trust === 'none' && isChallenged ? 'challenged' : trust
}

/** The same challenge again, or what a `send` would put in its place. */
async function another(
  core: Core,
  order: Order,
  earlier: StoredChallenge,
  countedAs: string,
): Promise<Message | Expired | RateLimited | Locked> {
  const { purpose } = order
  const { keys } = core.settings
  const facts = { ...chargedFactsOf(core, order), countedAs }
  const charge = purpose.charges.resend(keys, facts)
  const challenge = { ...earlier, ttlMs: earlier.remainingMs }
  const begun = await core.database.begin({ ...askedIn(charge), challenge })
  watchTaken(core, askedOf(order), order, charge, facts.judged, begun.taken)
  if (!begun.taken.ok) return refuse(core, askedOf(order), 'send', charge, begun.taken)
  const payment = paymentOf(charge, begun.taken)
  const { standing } = begun
  if (standing === null) {
    // It was used or cancelled since it was read. The address stays charged, as for any question.
    await giveBack(core, order, [...charge.own, ...charge.unsent], payment.charge)
    return expired
  }
  if (purpose.resend === 'same') {
    const ofChallenge = { ...payment, own: [countKey(countedAs)], unsent: [] }
    if (standing.digest === earlier.digest) {
      const codeLength = lengthOf(order, begun.taken.used[0] ?? 0)
      const draft = await readable(core, order, standing, codeLength)
      const place = { kind: 'repeat', counted: ofChallenge } as const
      if (draft !== null) return messageOf(order, payment, draft, place)
    }
    // What is chosen now may be counted as the same once more.
    await giveBack(core, order, ofChallenge.own, payment.charge)
  }
  return chooseChallenge(core, order, payment, stepOf(begun))
}

/** A challenge under a handle of its own; the earlier one ends with it. */
async function moved(
  core: Core,
  before: Order,
  earlier: StoredChallenge,
): Promise<Message | RateLimited | Locked> {
  const { keys, background } = core.settings
  const labels = { ...before.labels, ...randomLabels(keys, before.labels.label) }
  const order = { ...before, labels }
  const message = await chargeNew(core, order)
  if (!message.ok || background === undefined) {
    return message.ok ? { ...message, place: { kind: 'moved', earlier } } : message
  }
  await core.database.delete(earlier.id, earlier.digest)
  return message
}

/**
 * Nothing is outstanding. Asking that about a recipient costs the address that asks; a handle
 * cannot be guessed.
 */
async function refuseExpired(
  core: Core,
  { target: { purpose, recipient }, channels, ip }: ParsedResend,
  { label }: Labels,
): Promise<Expired | RateLimited | Locked> {
  if (purpose !== undefined) {
    const charge = purpose.charges.nothing(core.settings.keys, { label, ip })
    const taken = await core.database.take(limitsOf(charge))
    if (!taken.ok) {
      const asked = { label, recipient, purpose: purpose.name, channel: channels?.[0] }
      return refuse(core, asked, 'send', charge, taken)
    }
  }
  return expired
}
