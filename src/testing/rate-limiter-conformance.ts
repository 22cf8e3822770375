import { type ConformanceCase, conformanceCases } from './conformance'
import { seedOf } from './random'
import { rateLimiterCostCases } from './rate-limiter-cost-cases'
import { rateLimiterRaceCases } from './rate-limiter-race-cases'
import { rateLimiterRandomCases } from './rate-limiter-random-cases'
import { rateLimiterRefundCases } from './rate-limiter-refund-cases'
import { rateLimiterWindowCases } from './rate-limiter-window-cases'
import type { RateLimiterUnderTest } from './subjects'

/** Options of `rateLimiterConformance`. */
export interface RateLimiterConformanceOptions {
  /**
   * Repeats the random schedules of an earlier run: the number that its error named.
   *
   * @defaultValue a new one each time
   */
  readonly seed?: number
}

/**
 * Every rule that a `RateLimiter` keeps, as cases for whatever runs your tests. There is nothing to
 * switch off: a limiter that fails one of them does not hold its limits.
 *
 * @param create - Called once for each case; gives an empty limiter that shares nothing with
 * others, and its clock.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
 * import { rateLimiterConformance, testClock } from 'otpkit/testing'
 *
 * describe('my rate limiter', () => {
 *   const cases = rateLimiterConformance(async () => {
 *     const clock = testClock()
 *     return { rateLimiter: memoryRateLimiter({ clock: clock.now }), advance: clock.advance }
 *   })
 *   for (const { name, run } of cases) it(name, run)
 * })
 * ```
 */
export function rateLimiterConformance(
  create: () => Promise<RateLimiterUnderTest>,
  options: RateLimiterConformanceOptions = {},
): readonly ConformanceCase[] {
  const seed = seedOf('rateLimiterConformance', options)
  const fresh = async () => {
    const subject = await create()
    return {
      rateLimiter: subject.rateLimiter,
      advance: (milliseconds: number) => subject.advance(milliseconds),
      close: () => subject.close?.(),
    }
  }
  return conformanceCases(
    fresh,
    rateLimiterWindowCases,
    rateLimiterCostCases,
    rateLimiterRefundCases,
    rateLimiterRaceCases,
    rateLimiterRandomCases(seed),
  )
}
