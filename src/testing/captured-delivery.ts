import type { Delivery, OtpMessage } from '../delivery'
import { DeliveryError } from '../errors'
import { knownOptions } from '../internal/known-options'
import { checkReaches } from '../internal/providers/reach'
import { wrongOption } from '../internal/wrong-option'

/** How the test double presents itself. */
export interface CapturedDeliveryOptions {
  /**
   * The provider's name in receipts and events.
   *
   * @defaultValue `'captured'`
   */
  readonly name?: string
  /**
   * The kinds of recipient it takes messages for.
   *
   * @defaultValue both
   */
  readonly reaches?: Delivery['reaches']
}

/** A delivery that keeps messages instead of sending them. */
export interface CapturedDelivery extends Delivery {
  /** Every message taken since the start or the last `clear`, oldest first. */
  readonly messages: readonly OtpMessage[]
  /**
   * The code of the newest message, or of the newest one to this recipient (E.164 or a normalised
   * e-mail address).
   *
   * @throws `Error` when there is no such message, or it is a relayed text without a code.
   */
  lastCode(to?: string): string
  /**
   * Makes the next `deliver` reject with this error; called again before that, the one after it
   * fails too.
   */
  failNext(error: unknown): void
  /** Forgets the messages and the failures that were still to come. */
  clear(): void
}

/**
 * A delivery for the tests of your own backend: it takes every message, sends nothing, and hands
 * out the codes.
 *
 * @throws `TypeError` for a wrong option.
 *
 * @example
 * ```ts
 * import { OtpManager } from 'otpkit'
 * import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
 * import { memoryStore } from 'otpkit/stores/memory'
 * import { capturedDelivery } from 'otpkit/testing'
 *
 * const email = capturedDelivery()
 * const otp = new OtpManager({
 *   secret: 'only-for-tests-0123456789-0123456789',
 *   store: memoryStore(),
 *   rateLimiter: memoryRateLimiter(),
 *   deliveries: { email },
 *   purposes: ['login'],
 * })
 *
 * const request = { to: 'person@example.com', purpose: 'login', ip: null } as const
 * await otp.send({ ...request, channel: 'email' })
 * const result = await otp.verify({ ...request, code: email.lastCode() })
 * console.log(result.ok) // true
 * ```
 */
export function capturedDelivery(given: CapturedDeliveryOptions = {}): CapturedDelivery {
  const options = knownOptions('capturedDelivery', given, { name: true, reaches: true })
  const { name = 'captured' } = options
  if (typeof name !== 'string' || name === '') {
    throw wrongOption('capturedDelivery', 'name', 'must be a text')
  }
  const reaches = checkReaches('capturedDelivery', options.reaches)
  const messages: OtpMessage[] = []
  const failures: { readonly error: unknown }[] = []
  let taken = 0

  return {
    name,
    reaches,
    messages,
    deliver: async (message, { signal } = {}) => {
      if (signal?.aborted) {
        throw new DeliveryError({ kind: 'unavailable', sent: 'no', provider: name })
      }
      const failure = failures.shift()
      if (failure !== undefined) throw failure.error
      messages.push(message)
      taken += 1
      return { provider: name, messageId: `${name}-${taken}` }
    },
    lastCode: (to) => {
      const message = messages.filter((sent) => to === undefined || sent.to === to).at(-1)
      if (message === undefined) throw new Error('no such message was captured')
      if (message.code === undefined) throw new Error('the message that was captured has no code')
      return message.code
    },
    failNext: (error) => {
      failures.push({ error })
    },
    clear: () => {
      messages.length = 0
      failures.length = 0
    },
  }
}
