import type { DeliveryErrorKind } from '../delivery'
import { isUndeliverable } from '../errors'
import type { Writable } from '../internal/writable'
import type { Sent, Undeliverable } from '../results'
import { conclude } from './conclude'
import type { Core } from './context'
import { keepMessage } from './conversions'
import {
  behindAnswer,
  dispatch,
  type Outcome,
  type Shipment,
  tellOutcome,
  undelivered,
} from './dispatch'
import type { Message } from './message'

/** Answers: before the delivery with `background`, after it without. */
export async function answer(core: Core, message: Message): Promise<Sent | Undeliverable> {
  const { background, exposeCode } = core.settings
  const { order, challenge, expiresInMs, resendInMs } = message
  const sent: Writable<Sent> = {
    ok: true,
    challengeId: order.labels.handle,
    channel: order.routes[0].channel,
    recipient: order.recipient.identity,
    codeLength: challenge.state.codeLength,
    expiresInMs,
    resendInMs,
    delivery: 'unknown',
  }
  if (exposeCode) sent.code = challenge.code

  if (background !== undefined) {
    behindAnswer(core, order.labels.label, () => deliver(core, message))
    return sent
  }

  const outcome = await deliver(core, message)
  if (!outcome.ok) {
    const { kind } = outcome.error
    if (!isHidden(message, kind)) return undelivered(outcome.error)
    sent.delivery = 'failed'
    sent.failure = kind
    return sent
  }
  sent.channel = outcome.channel
  sent.delivery = outcome.delivery
  sent.provider = outcome.provider
  if (outcome.messageId !== undefined) sent.messageId = outcome.messageId
  return sent
}

/** Sends the message over the first channel that takes it, and does what its outcome changes. */
async function deliver(core: Core, message: Message): Promise<Outcome> {
  const shipment = shipmentOf(message)
  const outcome = await dispatch(core, shipment)
  try {
    // What must look like success is so for whatever can be seen of it later, too.
    const looksTaken = outcome.ok || isHidden(message, outcome.error.kind)
    const concluding = conclude(core, message, looksTaken)
    if (concluding !== undefined) await concluding
    if (outcome.ok) {
      const { provider, messageId } = outcome
      const { labels } = message.order
      const keeping = keepMessage(core, labels, provider, messageId, message.expiresInMs)
      if (keeping !== undefined) await keeping
    }
  } finally {
    // Whatever the database says to it: the message was sent, and will be paid for.
    tellOutcome(core, shipment, outcome)
  }
  return outcome
}

function isHidden({ order: { hide } }: Message, kind: DeliveryErrorKind): boolean {
  return hide === 'failures' || (hide === 'undeliverable' && isUndeliverable(kind))
}

function shipmentOf({ order, challenge, expiresInMs }: Message): Shipment {
  const { labels, recipient, purpose, routes, locale, silent, resend } = order
  return {
    label: labels.label,
    recipient,
    purpose: purpose.name,
    routes,
    locale: locale ?? challenge.state.locale,
    code: challenge.code,
    expiresInMs,
    withheld: silent ? 'withheld' : labels.fixedCode === undefined ? undefined : 'test',
    resend,
    challengeId: labels.id,
  }
}
