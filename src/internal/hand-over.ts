import type { Accepted, DeliverOptions, Delivery, OtpMessage } from '../delivery'

/** Hands a message to a delivery, within what is to surround each one. */
export function handOver(
  delivery: Delivery,
  message: OtpMessage,
  options: DeliverOptions,
): Promise<Accepted> {
  const { around } = options
  if (around === undefined) return delivery.deliver(message, options)
  return around(delivery, () => delivery.deliver(message, options))
}
