import type { Accepted, Delivery } from '../delivery'
import { DeliveryError } from '../errors'
import { checkDuration } from '../internal/duration'
import { checkDelivery } from '../internal/providers/reach'
import { wrongOption } from '../internal/wrong-option'

// Timers count in 32 bits: a longer wait would end at once.
const longestMs = 2 ** 31 - 1

/**
 * Gives up on a delivery that takes too long: ends the call through its signal and throws at once.
 * The outcome is unknown then, since the provider may have taken the message, so no other route is
 * tried.
 *
 * @param timeout - milliseconds, or a text such as `'5s'`
 * @throws `TypeError` for a timeout that is no duration, under 100 ms or over 24 days
 *
 * @example
 * ```ts
 * import { kavenegarSms } from 'otpkit/deliveries/kavenegar'
 * import { withTimeout } from 'otpkit/deliveries/with-timeout'
 *
 * const kavenegar = kavenegarSms({ apiKey: process.env.KAVENEGAR_API_KEY ?? '' })
 *
 * export const sms = withTimeout(kavenegar, '5s')
 * ```
 */
export function withTimeout(delivery: Delivery, timeout: number | string): Delivery {
  checkDelivery('withTimeout', 'delivery', delivery)
  const timeoutMs = checkDuration('withTimeout', 'timeout', timeout, '100ms')
  if (timeoutMs > longestMs) {
    throw wrongOption('withTimeout', 'timeout', 'must be at most 24 days')
  }
  const { name: provider, reaches } = delivery
  return {
    name: provider,
    reaches,
    deliver: async (message, options = {}) => {
      const { signal } = options
      if (signal?.aborted) throw new DeliveryError({ kind: 'unavailable', sent: 'no', provider })
      const call = new AbortController()
      return new Promise<Accepted>((resolve, reject) => {
        const giveUp = () => {
          reject(new DeliveryError({ kind: 'unknown', sent: 'unknown', provider }))
          call.abort()
        }
        const timer = setTimeout(giveUp, timeoutMs)
        signal?.addEventListener('abort', giveUp)
        const carry = async () => {
          try {
            resolve(await delivery.deliver(message, { ...options, signal: call.signal }))
          } catch (error) {
            reject(error)
          } finally {
            clearTimeout(timer)
            signal?.removeEventListener('abort', giveUp)
          }
        }
        void carry()
      })
    },
  }
}
