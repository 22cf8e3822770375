import type { Delivery } from '../delivery'
import { type DeliveryError, isDeliveryError } from '../errors'
import { checkClock, checkFunction } from '../internal/check-function'
import { checkDuration } from '../internal/duration'
import { knownOptions } from '../internal/known-options'
import { checkDelivery } from '../internal/providers/reach'
import { wrongOption } from '../internal/wrong-option'

/** How often and how patiently to try again. */
export interface RetryOptions {
  /**
   * Calls in all, the first one included: 2 to 10.
   *
   * @defaultValue 3
   */
  readonly attempts?: number
  /**
   * The longest first wait; it doubles with every further one.
   *
   * @defaultValue `'250ms'`
   */
  readonly firstWait?: number | string
  /**
   * The longest wait. A provider that asks for more is not asked again.
   *
   * @defaultValue `'5s'`
   */
  readonly longestWait?: number | string
  /** A clock in milliseconds, for tests. */
  readonly clock?: () => number
  /** Waits so many milliseconds, and ends early with the signal; for tests. */
  readonly sleep?: (durationMs: number, signal?: AbortSignal) => Promise<void>
  /** A random number from 0 up to but not including 1, for tests. */
  readonly random?: () => number
}

/**
 * Repeats a delivery that certainly sent nothing and may do better in a moment: `rate_limited` or
 * `unavailable`, and `sent: 'no'`. Every wait is random up to a bound that doubles, so that many
 * servers do not come back at once, and at least as long as the provider asked for. It ends with
 * the life of the code and with the signal; the last error is thrown.
 *
 * @throws `TypeError` that names a wrong option
 *
 * @example
 * ```ts
 * import { kavenegarSms } from 'otpkit/deliveries/kavenegar'
 * import { withRetry } from 'otpkit/deliveries/with-retry'
 *
 * const kavenegar = kavenegarSms({ apiKey: process.env.KAVENEGAR_API_KEY ?? '' })
 *
 * export const sms = withRetry(kavenegar, { attempts: 3, longestWait: '2s' })
 * ```
 */
export function withRetry(delivery: Delivery, given: RetryOptions = {}): Delivery {
  checkDelivery('withRetry', 'delivery', delivery)
  const options = knownOptions('withRetry', given, {
    attempts: true,
    firstWait: true,
    longestWait: true,
    clock: true,
    sleep: true,
    random: true,
  })
  const { attempts = 3, sleep = sleepFor, random = Math.random } = options
  const clock = checkClock('withRetry', options.clock) ?? (() => performance.now())
  checkFunction('withRetry', 'sleep', sleep)
  checkFunction('withRetry', 'random', random)
  if (!Number.isInteger(attempts) || attempts < 2 || attempts > 10) {
    throw wrongOption('withRetry', 'attempts', 'must be a whole number from 2 to 10')
  }
  const firstWaitMs = checkDuration('withRetry', 'firstWait', options.firstWait ?? '250ms', '20ms')
  const longestWaitMs = checkDuration(
    'withRetry',
    'longestWait',
    options.longestWait ?? '5s',
    '100ms',
  )

  /** How long to wait before the next call, or undefined when there must be none. */
  function waitMs(error: DeliveryError, calls: number): number | undefined {
    const isSafe = error.sent === 'no' && ['rate_limited', 'unavailable'].includes(error.kind)
    const { retryAfterMs = 0 } = error
    if (!isSafe || calls >= attempts || retryAfterMs > longestWaitMs) return undefined
    const jitterMs = random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (calls - 1))
    return Math.max(jitterMs, retryAfterMs)
  }

  return {
    name: delivery.name,
    reaches: delivery.reaches,
    deliver: async (message, deliverOptions = {}) => {
      const { signal } = deliverOptions
      const endsAt = clock() + message.expiresInMs
      for (let calls = 1; ; calls += 1) {
        try {
          return await delivery.deliver(message, deliverOptions)
        } catch (error) {
          const wait = isDeliveryError(error) ? waitMs(error, calls) : undefined
          if (wait === undefined || clock() + wait >= endsAt) throw error
          await sleep(wait, signal)
          if (signal?.aborted || clock() >= endsAt) throw error
        }
      }
    },
  }
}

function sleepFor(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, durationMs)
    signal?.addEventListener('abort', end)
  })
}
