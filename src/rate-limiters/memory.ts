import { limiterOf, memoryCharges } from '../internal/memory/charges'
import { memorySettings } from '../internal/memory/settings'
import type { RateLimiter } from '../rate-limiter'

/** Options of `memoryRateLimiter`. */
export interface MemoryRateLimiterOptions {
  /**
   * Most keys kept at once. Beyond it `take` throws an `OtpError` with code `capacity`: a log that
   * still counts is never forgotten to make room.
   *
   * @defaultValue 1,000,000
   */
  readonly capacity?: number
  /**
   * The present in milliseconds, for tests.
   *
   * @defaultValue a monotonic clock, so that setting the host's clock changes no window
   */
  readonly clock?: () => number
}

/**
 * Charges in the memory of this process: for tests, development and backends of one process. A
 * restart forgets them all, the failure ledgers included.
 *
 * Windows are exact whatever their `max`; a key with one charge takes about 80 bytes, with two about 240, and
 * with each further one 70 more while a window still holds it, so a key is bounded by its largest `max`. Nothing
 * is kept for a key that was only looked at, refunded to zero or cleared. What has aged out is removed a few
 * keys at a time by later takes that add others; there is no timer.
 *
 * @throws `TypeError` when `capacity` is not a whole number of 1 or more, and from `take` when
 * limits share a key but not a cost.
 *
 * @example
 * ```ts
 * import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
 *
 * export const rateLimiter = memoryRateLimiter({ capacity: 100_000 })
 * ```
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const { capacity, present } = memorySettings('memoryRateLimiter', options)
  return limiterOf(memoryCharges(capacity), present)
}
