import type { Delivery, OtpMessage } from '../delivery'
import { DeliveryError, isDeliveryError, mayTryAnotherRoute, OtpError } from '../errors'
import { randomText } from '../internal/crypto'
import { createMessage } from '../message/otp-message'
import type { Sent, Undeliverable } from '../results'
import type { Challenge } from './challenge'
import { type MessageCharge, type Order, refundUnsent, subjectOf } from './charge'
import type { Core } from './context'
import type { Route } from './read-requests'

/** One message of a challenge, charged and ready to go. */
export interface Shipment {
  readonly challenge: Challenge
  readonly charge: MessageCharge
  readonly expiresInMs: number
  readonly resendInMs: number
  /** Runs once a provider took the message, or may have. */
  taken(): Promise<void>
  /** Runs once it is certain that nobody took it. */
  refused(): Promise<void>
}

type Outcome =
  | {
      readonly ok: true
      readonly channel: string
      readonly delivery: Sent['delivery']
      readonly provider: string
      readonly messageId?: string
      readonly segments?: number
    }
  | { readonly ok: false; readonly error: DeliveryError }

/** Sends the message over the first channel that takes it, and answers. */
export async function dispatch(
  core: Core,
  order: Order,
  shipment: Shipment,
): Promise<Sent | Undeliverable> {
  const { background, exposeCode } = core.settings
  const sent = {
    ok: true,
    challengeId: shipment.challenge.id,
    channel: order.routes[0].channel,
    recipient: order.recipient.identity,
    expiresInMs: shipment.expiresInMs,
    resendInMs: shipment.resendInMs,
    delivery: 'unknown',
    ...(exposeCode ? { code: shipment.challenge.code } : {}),
  } as const

  if (background !== undefined) {
    const { fingerprint } = subjectOf(order)
    background(
      // In a task of its own: not even the beginning of a delivery may be seen in the answer's time.
      nextTask()
        .then(() => deliver(core, order, shipment))
        .then(
          () => undefined,
          (error: unknown) =>
            core.events.emit({ type: 'fault', during: 'background', error, fingerprint }),
        ),
    )
    return sent
  }

  const outcome = await deliver(core, order, shipment)
  if (outcome.ok) {
    const { channel, delivery, provider, messageId } = outcome
    return {
      ...sent,
      channel,
      delivery,
      provider,
      ...(messageId === undefined ? {} : { messageId }),
    }
  }
  const { error } = outcome
  const { kind } = error
  if (kind === 'invalid_recipient' || kind === 'opted_out' || kind === 'fraud_blocked') {
    return { ok: false, reason: 'undeliverable', kind }
  }
  throw new OtpError('delivery_failed', 'no delivery took the message', { cause: error })
}

async function deliver(core: Core, order: Order, shipment: Shipment): Promise<Outcome> {
  const { challenge, charge } = shipment
  const reference = randomText()
  const outcome = order.silent ? withhold(order) : await tryRoutes(core, order, shipment, reference)
  // What was answered before delivery must not be taken back by it: a next request would be treated
  // otherwise than one about somebody to whom nothing is sent.
  const isFinal = outcome.ok || core.settings.background !== undefined
  if (!isFinal) {
    await shipment.refused()
    await refundUnsent(core, order.tag, charge)
    return outcome
  }
  await shipment.taken()
  if (!outcome.ok) return outcome
  const { channel, delivery, provider, messageId, segments } = outcome
  core.events.emit({
    ...subjectOf(order),
    type: 'sent',
    challengeId: challenge.id,
    resend: order.resend,
    delivery: order.silent ? 'withheld' : delivery,
    reference,
    channel,
    provider,
    ...(messageId === undefined ? {} : { messageId }),
    ...(segments === undefined ? {} : { segments }),
  })
  return outcome
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

async function tryRoutes(
  core: Core,
  order: Order,
  shipment: Shipment,
  reference: string,
): Promise<Outcome> {
  const [first, ...others] = order.routes
  let outcome = await tryRoute(core, order, shipment, reference, first)
  for (const route of others) {
    if (outcome.ok || !mayTryAnotherRoute(outcome.error)) break
    outcome = await tryRoute(core, order, shipment, reference, route)
  }
  return outcome
}

async function tryRoute(
  core: Core,
  order: Order,
  shipment: Shipment,
  reference: string,
  { channel, delivery }: Route,
): Promise<Outcome> {
  const message = compose(core, order, shipment, channel, reference)
  try {
    const { provider, messageId, segments } = await delivery.deliver(message)
    return {
      ok: true,
      channel,
      delivery: 'accepted',
      provider,
      ...(messageId === undefined ? {} : { messageId }),
      ...(segments === undefined ? {} : { segments }),
    }
  } catch (cause) {
    const error = cleanError(cause, delivery, message)
    const { kind, sent, provider, providerCode } = error
    core.events.emit({
      ...subjectOf(order),
      type: 'delivery_failed',
      challengeId: shipment.challenge.id,
      channel,
      kind,
      sent,
      provider,
      ...(providerCode === undefined ? {} : { providerCode }),
    })
    // It may still arrive: the challenge must live, and a second message would be one too many.
    return sent === 'unknown'
      ? { ok: true, channel, delivery: 'unknown', provider }
      : { ok: false, error }
  }
}

function compose(
  core: Core,
  order: Order,
  shipment: Shipment,
  channel: string,
  reference: string,
): OtpMessage {
  const { code, state } = shipment.challenge
  const { recipient, purpose } = order
  const { expiresInMs } = shipment
  const { locale, content, segments } = core.settings.render({
    channel,
    purpose: purpose.name,
    locale: order.locale ?? state.locale,
    code,
    expiresInMs,
  })
  if (segments !== undefined && segments.segments > 1) {
    core.events.emit({
      ...subjectOf(order),
      type: 'long_message',
      channel,
      locale,
      encoding: segments.encoding,
      segments: segments.segments,
    })
  }
  return createMessage({
    to: recipient.identity,
    ...(recipient.country === undefined ? {} : { country: recipient.country }),
    channel,
    code,
    purpose: purpose.name,
    locale,
    appName: core.settings.appName,
    expiresInMs,
    reference,
    content,
  })
}

// Built anew from its plain fields: what else hangs on a foreign error may quote the message.
function cleanError(error: unknown, delivery: Delivery, message: OtpMessage): DeliveryError {
  if (!isDeliveryError(error)) {
    return new DeliveryError({ kind: 'unknown', sent: 'unknown', provider: delivery.name })
  }
  const { kind, sent, provider, providerCode, retryAfterMs } = error
  return new DeliveryError({
    kind,
    sent,
    provider,
    ...(providerCode === undefined || providerCode.includes(message.code) ? {} : { providerCode }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}
