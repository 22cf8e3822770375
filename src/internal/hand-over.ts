import type { Accepted, DeliverOptions, Delivery, OtpMessage } from '../delivery'

/** Hands a message to a delivery, within what is to surround each one. */
export function handOver(
  delivery: Delivery,
  message: OtpMessage,
  options: DeliverOptions,
): Promise<Accepted> {
  const call = () => delivery.deliver(message, options)
  return options.around === undefined ? call() : options.around(delivery, call)
}
