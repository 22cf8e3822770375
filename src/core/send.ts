import {
  type Expired,
  expired,
  type Invalid,
  type Locked,
  type RateLimited,
  type Refused,
  type Sent,
} from '../results'
import type { StoredChallenge } from '../store'
import {
  boundId,
  type Challenge,
  codeOf,
  createChallenge,
  digestOf,
  type OpenedChallenge,
  openState,
  randomId,
  recipientTag,
  tagOfId,
  targetId,
} from './challenge'
import { chargeMessage, type MessageCharge, type Order, subjectOf } from './charge'
import { type Core, refundQuietly, refuse } from './context'
import { dispatch } from './deliver'
import { findChallenge } from './find-challenge'
import { ipLimits, repeatLimit, requiredLength } from './limits'
import type { ParsedResend } from './read-requests'

/** What asking for a message came to. */
export type SendResult = Sent | Refused | Invalid

/** What asking for another message came to. */
export type ResendResult = SendResult | Expired

/** With less than this part of its life left, a `send` starts a new challenge. */
const renewalPart = 1 / 5

export async function send(core: Core, input: unknown): Promise<SendResult> {
  const parsed = core.requests.send(input)
  if (!parsed.ok) return parsed
  const { purpose, recipient } = parsed.value
  const { keys } = core.settings
  const tag = await recipientTag(keys, recipient.abuseKey)
  const bound = purpose.bind === 'recipient'
  const id = bound ? await boundId(keys, purpose.name, recipient.identity, tag) : randomId(tag)
  const order: Order = { ...parsed.value, tag, resend: false }

  // Together, since neither needs the other and each costs a round trip.
  const [read, charged] = await Promise.allSettled([
    bound ? core.store.get(id) : null,
    chargeMessage(core, order, []),
  ])
  if (charged.status === 'rejected') throw charged.reason
  const charge = charged.value
  if (!charge.ok) return charge
  if (read.status === 'rejected') {
    await refundQuietly(core, tag, charge.limits, charge.id)
    throw read.reason
  }

  const earlier = read.value
  const renewalMs = purpose.lifetimeMs * renewalPart
  if (earlier !== null && purpose.resend === 'same' && earlier.remainingMs >= renewalMs) {
    const opened = await openState(keys, id, earlier.data)
    const repeat = opened && (await repeatOf(core, order, earlier, opened, charge.failures))
    if (repeat) {
      const limit = repeatLimit(earlier.digest, purpose.lifetimeMs)
      const taken = await core.rateLimiter.take([limit])
      if (!taken.ok) {
        await refundQuietly(core, tag, charge.limits, charge.id)
        const waitMs = Math.max(1, Math.ceil(earlier.remainingMs - renewalMs))
        return refuse(core, subjectOf(order), 'send', limit, waitMs)
      }
      const resendInMs = Math.max(charge.retryAfterMs, taken.retryAfterMs)
      return dispatch(
        core,
        { ...order, resend: true },
        {
          challenge: repeat,
          charge,
          expiresInMs: earlier.remainingMs,
          resendInMs,
          taken: async () => {},
          refused: () => refundQuietly(core, tag, [limit], taken.charge),
        },
      )
    }
  }
  return sendNew(core, order, id, earlier, charge)
}

export async function resend(core: Core, input: unknown): Promise<ResendResult> {
  const parsed = core.requests.resend(input)
  if (!parsed.ok) return parsed
  const request = parsed.value
  const { keys } = core.settings
  const id = await targetId(keys, request)
  const tag = tagOfId(id)

  const found = await findChallenge(core, id)
  if (
    found === null ||
    found.challenge.attemptsLeft === 0 ||
    (request.purpose ?? found.purpose) !== found.purpose
  ) {
    return refuseExpired(core, request, tag)
  }
  const { challenge: earlier, opened, purpose, recipient } = found
  const routes = core.requests.routes(recipient, request.channels ?? [opened.state.channel])
  if (!routes.ok) return routes
  const { silent } = opened.state
  const order: Order = {
    ...request,
    purpose,
    recipient,
    tag,
    routes: routes.value,
    silent,
    resend: true,
  }

  const repeats = purpose.resend === 'same'
  const limits = repeats ? [repeatLimit(earlier.digest, purpose.lifetimeMs)] : []
  const charge = await chargeMessage(core, order, limits)
  if (!charge.ok) return charge
  const repeat = repeats ? await repeatOf(core, order, earlier, opened, charge.failures) : null
  if (repeat === null) {
    const newId = purpose.bind === 'recipient' ? id : randomId(tag)
    return sendNew(core, order, newId, earlier, charge)
  }
  return dispatch(core, order, {
    challenge: repeat,
    charge,
    expiresInMs: earlier.remainingMs,
    resendInMs: charge.retryAfterMs,
    taken: async () => {},
    refused: async () => {},
  })
}

/** The challenge with its code, if that code is still worth sending. */
async function repeatOf(
  core: Core,
  order: Order,
  earlier: StoredChallenge,
  opened: OpenedChallenge,
  failures: number,
): Promise<Challenge | null> {
  const { keys } = core.settings
  const { state, key } = opened
  const { id, digest, data } = earlier
  if (earlier.attemptsLeft === 0 || state.silent !== order.silent) return null
  // Too short for a ledger that grew meanwhile: it would never match.
  if (state.codeLength < requiredLength(order.purpose.codeLength, failures)) return null
  const code = await codeOf(keys, opened, id)
  if (!state.silent && (await digestOf(keys, key, id, state.purpose, code)) !== digest) return null
  return { id, digest, data, code, state }
}

async function sendNew(
  core: Core,
  order: Order,
  id: string,
  earlier: StoredChallenge | null,
  charge: MessageCharge,
): Promise<SendResult> {
  const { purpose, recipient, routes, locale = '', silent } = order
  const { alphabet, lifetimeMs, attempts } = purpose
  const challenge = await createChallenge(core.settings.keys, id, {
    recipient: recipient.identity,
    purpose: purpose.name,
    channel: routes[0].channel,
    locale,
    alphabet,
    codeLength: requiredLength(purpose.codeLength, charge.failures),
    silent,
  })
  const { digest, data } = challenge
  const put = () => core.store.put({ id, digest, attempts, ttlMs: lifetimeMs, data })

  // A living challenge keeps its place until a provider has taken the message that replaces it.
  const replaces = earlier !== null && earlier.id === id && earlier.attemptsLeft > 0
  if (!replaces) {
    try {
      await put()
    } catch (error) {
      await refundQuietly(core, order.tag, charge.limits, charge.id)
      throw error
    }
  }
  return dispatch(core, order, {
    challenge,
    charge,
    expiresInMs: lifetimeMs,
    resendInMs: charge.retryAfterMs,
    taken: async () => {
      if (replaces) await put()
      else if (earlier !== null && earlier.id !== id) {
        await core.store.delete(earlier.id, earlier.digest)
      }
    },
    refused: async () => {
      if (!replaces) await core.store.delete(id, digest)
    },
  })
}

/**
 * Nothing is outstanding. Asking that about a recipient costs the address that asks; a handle
 * cannot be guessed.
 */
async function refuseExpired(
  core: Core,
  { purpose, ip }: ParsedResend,
  tag: string,
): Promise<Expired | RateLimited | Locked> {
  if (purpose !== undefined) {
    const limits = await ipLimits(core.settings.keys, purpose.limits, ip)
    const taken = await core.rateLimiter.take(limits)
    const subject = { fingerprint: tag, purpose: purpose.name }
    if (!taken.ok) return refuse(core, subject, 'send', limits[taken.index], taken.retryAfterMs)
  }
  return expired
}
