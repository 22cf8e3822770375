import type { Delivery, DeliveryErrorKind } from '../delivery'
import { DeliveryError, isDeliveryError } from '../errors'
import { checkClock } from '../internal/check-function'
import { checkDuration } from '../internal/duration'
import { knownOptions } from '../internal/known-options'
import { checkDelivery } from '../internal/providers/reach'
import { wrongOption } from '../internal/wrong-option'

/** When to skip a provider, and for how long. */
export interface CircuitBreakerOptions {
  /**
   * Failures in a row that open the circuit, 1 or more.
   *
   * @defaultValue 5
   */
  readonly failures?: number
  /**
   * How long the provider is skipped before one message probes it.
   *
   * @defaultValue `'30s'`
   */
  readonly cooldown?: number | string
  /** A clock in milliseconds, for tests. */
  readonly clock?: () => number
}

// These say something about the recipient or the text, and nothing about the provider's health:
// anybody could open the circuit for everybody by asking for codes to bad numbers.
const notItsFault: readonly DeliveryErrorKind[] = [
  'invalid_recipient',
  'opted_out',
  'fraud_blocked',
  'content_rejected',
]

/**
 * Skips a provider that keeps failing. After so many failures in a row every message is refused at
 * once with `unavailable`, nothing sent, so that a `fallback` goes straight to the next route. After
 * the cooldown one message probes the provider, while the others still skip it: an answer closes
 * the circuit, a failure starts the cooldown again. A person's fault, such as a number out of
 * service, counts as an answer. Each process keeps its own count.
 *
 * Put a `withTimeout` inside it, so that a provider which does not answer counts as failing.
 *
 * @throws `TypeError` that names a wrong option
 *
 * @example
 * ```ts
 * import { fallback } from 'otpkit/deliveries/fallback'
 * import { kavenegarSms } from 'otpkit/deliveries/kavenegar'
 * import { twilioSms } from 'otpkit/deliveries/twilio'
 * import { withCircuitBreaker } from 'otpkit/deliveries/with-circuit-breaker'
 *
 * const kavenegar = kavenegarSms({ apiKey: process.env.KAVENEGAR_API_KEY ?? '' })
 * const twilio = twilioSms({
 *   accountSid: process.env.TWILIO_ACCOUNT_SID ?? '',
 *   authToken: process.env.TWILIO_AUTH_TOKEN ?? '',
 *   from: '+15017122661',
 * })
 *
 * export const sms = fallback(withCircuitBreaker(kavenegar, { failures: 5 }), twilio)
 * ```
 */
export function withCircuitBreaker(
  delivery: Delivery,
  given: CircuitBreakerOptions = {},
): Delivery {
  checkDelivery('withCircuitBreaker', 'delivery', delivery)
  const options = knownOptions('withCircuitBreaker', given, {
    failures: true,
    cooldown: true,
    clock: true,
  })
  const { failures = 5 } = options
  const clock = checkClock('withCircuitBreaker', options.clock) ?? (() => performance.now())
  if (!Number.isSafeInteger(failures) || failures < 1) {
    throw wrongOption('withCircuitBreaker', 'failures', 'must be 1 or more')
  }
  const cooldownMs = checkDuration(
    'withCircuitBreaker',
    'cooldown',
    options.cooldown ?? '30s',
    '1s',
  )
  const { name: provider, reaches } = delivery
  let failuresInRow = 0
  let skippedUntil = 0
  return {
    name: provider,
    reaches,
    deliver: async (message, deliverOptions) => {
      const now = clock()
      if (failuresInRow >= failures) {
        if (now < skippedUntil) {
          const retryAfterMs = Math.ceil(skippedUntil - now)
          throw new DeliveryError({ kind: 'unavailable', sent: 'no', provider, retryAfterMs })
        }
        // This message is the probe. Should it never come back, another one follows in time.
        skippedUntil = now + cooldownMs
      }
      try {
        const accepted = await delivery.deliver(message, deliverOptions)
        failuresInRow = 0
        return accepted
      } catch (error) {
        if (isDeliveryError(error) && notItsFault.includes(error.kind)) {
          failuresInRow = 0
        } else {
          failuresInRow += 1
          skippedUntil = clock() + cooldownMs
        }
        throw error
      }
    },
  }
}
