import type { Invalid, Refused, Sent } from '../results'
import { chargeNew } from './choose-challenge'
import { type Core, tellOfIp } from './context'
import { answer } from './deliver'
import { challengeLabels, ownLabels } from './labels'
import { type Order, subjectOf } from './message'
import type { ParsedIp } from './request-fields'

/** What asking for a message came to. */
export type SendResult = Sent | Refused | Invalid

/**
 * A send: read the request; charge the message and put a new challenge, in one step of the
 * database; unless that put it, choose what to send in its stead (`choose-challenge.ts`); answer,
 * before the delivery or after it (`deliver.ts`); and what its outcome changes (`conclude.ts`).
 */
export async function send(core: Core, input: unknown): Promise<SendResult> {
  const order = readOrder(core, input)
  if (!order.ok) return order
  tellOfIp(core, order, subjectOf(order), 'send')
  const message = await chargeNew(core, order)
  // What is awaited here costs less than what the promise of this function would have to follow.
  return message.ok ? await answer(core, message) : message
}

function readOrder(
  core: Core,
  input: unknown,
): ({ readonly ok: true } & Order & ParsedIp) | Invalid {
  const parsed = core.requests.send(input)
  if (!parsed.ok) return parsed
  const { recipient, purpose, routes, locale, ip, isUnreadableIp } = parsed.value
  const { silent, trust, hide } = parsed.value
  const labels =
    purpose.bind === 'recipient'
      ? ownLabels(core.settings, purpose.name, recipient)
      : challengeLabels(core.settings, recipient)
  return {
    ok: true,
    recipient,
    purpose,
    labels,
    routes,
    locale,
    ip,
    isUnreadableIp,
    silent,
    trust,
    hide,
    resend: false,
  }
}
