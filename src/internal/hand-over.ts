import type { Accepted, DeliverOptions, Delivery, OtpMessage, Price } from '../delivery'
import { DeliveryError } from '../errors'
import { messageIdOf } from './providers/read'
import type { Writable } from './writable'

/** Hands a message to a delivery, within what is to surround each one. */
export function handOver(
  delivery: Delivery,
  message: OtpMessage,
  options: DeliverOptions,
): Promise<Accepted> {
  const call = async () => acceptedBy(delivery, await delivery.deliver(message, options))
  const { around } = options
  return around === undefined ? call() : around(delivery, call)
}

/**
 * What a delivery handed back, of the types that it must have. Without the name of a provider it proves
 * nothing; what is odd beside it, such as an id that is no text, must not make a fault of a message that
 * was sent.
 */
function acceptedBy({ name }: Delivery, answer: unknown): Accepted {
  const told: Readonly<Record<keyof Accepted, unknown>> = Object(answer)
  const { provider, messageIds, segments, price } = told
  if (typeof provider !== 'string' || provider === '') {
    throw new DeliveryError({ kind: 'unknown', sent: 'unknown', provider: name })
  }
  const accepted: Writable<Accepted> = { provider }
  const messageId = messageIdOf(told.messageId)
  if (messageId !== undefined) accepted.messageId = messageId
  if (Array.isArray(messageIds)) {
    accepted.messageIds = messageIds.flatMap((id) => messageIdOf(id) ?? [])
  }
  if (typeof segments === 'number' && segments >= 1) accepted.segments = segments
  if (isPrice(price)) accepted.price = price
  return accepted
}

function isPrice(value: unknown): value is Price {
  const { amount, currency }: Readonly<Record<keyof Price, unknown>> = Object(value)
  return Number.isFinite(amount) && typeof currency === 'string'
}
