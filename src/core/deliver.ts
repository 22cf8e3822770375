import type { Accepted, Delivery, OtpMessage, Price } from '../delivery'
import { DeliveryError, isDeliveryError, mayTryAnotherRoute, OtpError } from '../errors'
import { randomText } from '../internal/crypto'
import { defined } from '../internal/defined'
import { createMessage } from '../message/otp-message'
import type { Sent, Undeliverable } from '../results'
import { conclude } from './conclude'
import { type Core, messageKeyOf, type Subject, tell, tellFault } from './context'
import { keepMessage } from './conversions'
import { type Message, type Order, subjectOf } from './message'
import type { Route } from './read-requests'

type Outcome =
  | {
      readonly ok: true
      readonly channel: string
      readonly delivery: Sent['delivery']
      readonly provider: string
      readonly messageId?: string
      readonly messageIds?: readonly string[]
      readonly segments?: number
      readonly price?: Price
    }
  | { readonly ok: false; readonly error: DeliveryError }

/** Answers: before the delivery with `background`, after it without. */
export async function answer(core: Core, message: Message): Promise<Sent | Undeliverable> {
  const { background, exposeCode } = core.settings
  const { order, challenge, expiresInMs, resendInMs } = message
  const sent = {
    ok: true,
    challengeId: order.labels.handle,
    channel: order.routes[0].channel,
    recipient: order.recipient.identity,
    codeLength: challenge.state.codeLength,
    expiresInMs,
    resendInMs,
    delivery: 'unknown',
    ...(exposeCode ? { code: challenge.code } : {}),
  } as const

  if (background !== undefined) {
    background(
      // In a task of its own: not even the beginning of a delivery may be seen in the answer's time.
      nextTask()
        .then(() => deliver(core, message))
        .then(
          () => undefined,
          (error: unknown) => tellFault(core, order.labels.label, 'background', error),
        ),
    )
    return sent
  }

  const outcome = await deliver(core, message)
  if (outcome.ok) {
    const { channel, delivery, provider, messageId } = outcome
    return defined({ ...sent, channel, delivery, provider, messageId })
  }
  const { error } = outcome
  const { kind } = error
  if (kind === 'invalid_recipient' || kind === 'opted_out' || kind === 'fraud_blocked') {
    return { ok: false, reason: 'undeliverable', kind }
  }
  throw new OtpError('delivery_failed', 'no delivery took the message', { cause: error })
}

/** Sends the message over the first channel that takes it, and does what its outcome changes. */
async function deliver(core: Core, message: Message): Promise<Outcome> {
  const { order } = message
  const reference = randomText()
  const outcome = order.silent ? withhold(order) : await tryRoutes(core, message, reference)
  await conclude(core, message, outcome.ok)
  if (outcome.ok) {
    const { provider, messageId } = outcome
    await keepMessage(core, order.labels, provider, messageId, message.expiresInMs)
  }
  // The name of the message is a MAC, which nobody needs unless somebody listens.
  if (!outcome.ok || !core.events.heard) return outcome
  const { channel, delivery, provider, messageId, messageIds = [], segments, price } = outcome
  const keyOf = (id: string) => messageKeyOf(core.settings, provider, id)
  const sent = {
    type: 'sent',
    resend: order.resend,
    delivery: order.silent ? 'withheld' : delivery,
    reference,
    channel,
    provider,
    messageKey: messageId === undefined ? undefined : keyOf(messageId),
    messageKeys: messageIds.length > 1 ? messageIds.map(keyOf) : undefined,
    segments,
    price,
  } as const
  tell(core, challengeOf(order), defined(sent))
  return outcome
}

function challengeOf(order: Order): Subject {
  return { ...subjectOf(order), id: order.labels.id }
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

/** What an accepted message looks like, for a recipient who must not be told apart. */
function withhold({ routes }: Order): Outcome {
  const [{ channel, delivery }] = routes
  const messageId = randomText()
  return { ok: true, channel, delivery: 'accepted', provider: delivery.name, messageId }
}

async function tryRoutes(core: Core, message: Message, reference: string): Promise<Outcome> {
  const [first, ...others] = message.order.routes
  let outcome = await tryRoute(core, message, reference, first)
  for (const route of others) {
    if (outcome.ok || !mayTryAnotherRoute(outcome.error)) break
    outcome = await tryRoute(core, message, reference, route)
  }
  return outcome
}

async function tryRoute(
  core: Core,
  message: Message,
  reference: string,
  { channel, delivery }: Route,
): Promise<Outcome> {
  const composed = await compose(core, message, channel, reference)
  const tellFailure = (cause: unknown) => {
    const error = cleanError(cause, delivery, composed)
    const { kind, sent, provider, providerCode, consolePage } = error
    const failed = { channel, kind, sent, provider, providerCode, consolePage }
    tell(core, challengeOf(message.order), defined({ type: 'delivery_failed', ...failed }))
    return error
  }
  try {
    const accepted = await delivery.deliver(composed, { onFailure: tellFailure })
    return { ok: true, channel, delivery: 'accepted', ...factsOf(accepted) }
  } catch (cause) {
    const error = tellFailure(cause)
    const { sent, provider } = error
    // It may still arrive: the challenge must live, and a second message would be one too many.
    return sent === 'unknown'
      ? { ok: true, channel, delivery: 'unknown', provider }
      : { ok: false, error }
  }
}

// Nothing else that an adapter hands back goes any further.
function factsOf({ provider, messageId, messageIds, segments, price }: Accepted) {
  return defined({ provider, messageId, messageIds, segments, price })
}

async function compose(
  core: Core,
  message: Message,
  channel: string,
  reference: string,
): Promise<OtpMessage> {
  const { order, challenge, expiresInMs } = message
  const { code, state } = challenge
  const { recipient, purpose } = order
  const { locale, content, segments } = core.settings.render({
    channel,
    purpose: purpose.name,
    locale: order.locale ?? state.locale,
    code,
    expiresInMs,
  })
  if (segments !== undefined && segments.segments > 1) {
    tell(core, subjectOf(order), {
      type: 'long_message',
      channel,
      locale,
      encoding: segments.encoding,
      segments: segments.segments,
    })
  }
  return createMessage(
    defined({
      to: recipient.envelope,
      country: recipient.country,
      channel,
      code,
      purpose: purpose.name,
      locale,
      appName: core.settings.appName,
      expiresInMs,
      reference,
      content,
    }),
  )
}

// Built anew from its plain fields: what else hangs on a foreign error may quote the message.
function cleanError(error: unknown, delivery: Delivery, message: OtpMessage): DeliveryError {
  if (!isDeliveryError(error)) {
    return new DeliveryError({ kind: 'unknown', sent: 'unknown', provider: delivery.name })
  }
  const { kind, sent, provider, retryAfterMs, consolePage } = error
  const providerCode = error.providerCode?.includes(message.code) ? undefined : error.providerCode
  return new DeliveryError(
    defined({ kind, sent, provider, providerCode, retryAfterMs, consolePage }),
  )
}
