import type { Delivery, OtpMessage } from '../../delivery'
import { DeliveryError } from '../../errors'
import { wrongOption } from '../wrong-option'

/** The kind of a recipient: a normalised number has no `@`, whatever an address begins with. */
export function kindOfRecipient({ to }: OtpMessage): 'phone' | 'email' {
  return to.includes('@') ? 'email' : 'phone'
}

/** Whether this delivery can carry the message at all. */
export function canReach(delivery: Delivery, message: OtpMessage): boolean {
  return delivery.reaches.includes(kindOfRecipient(message))
}

/** The kinds of recipient that at least one of these reaches. */
export function reachOf(deliveries: readonly Delivery[]): Delivery['reaches'] {
  return [...new Set(deliveries.flatMap(({ reaches }) => reaches))]
}

/** What a route throws that leads nowhere for this message. */
export function noRoute(provider: string): DeliveryError {
  return new DeliveryError({ kind: 'misconfigured', sent: 'no', provider })
}

/** Checks an option that is a delivery. */
export function checkDelivery(factory: string, option: string, value: unknown): void {
  const isDelivery =
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'deliver') === 'function' &&
    Array.isArray(Reflect.get(value, 'reaches'))
  if (!isDelivery) throw wrongOption(factory, option, 'must be a delivery')
}
