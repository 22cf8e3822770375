import { type ConformanceCase, conformanceCases } from './conformance'
import { storeAttemptCases } from './store-attempt-cases'
import { storeLifeCases } from './store-life-cases'
import { storeRaceCases } from './store-race-cases'
import { storeUsedCases } from './store-used-cases'
import type { StoreUnderTest } from './subjects'

/**
 * Every rule that an `OtpStore` keeps, as cases for whatever runs your tests. There is nothing to
 * switch off: a store that fails one of them is not safe to use.
 *
 * @param create - Called once for each case; gives an empty store that shares nothing with others,
 * and its clock.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import { memoryStore } from 'otpkit/stores/memory'
 * import { storeConformance, testClock } from 'otpkit/testing'
 *
 * describe('my store', () => {
 *   const cases = storeConformance(async () => {
 *     const clock = testClock()
 *     return { store: memoryStore({ clock: clock.now }), advance: clock.advance }
 *   })
 *   for (const { name, run } of cases) it(name, run)
 * })
 * ```
 */
export function storeConformance(
  create: () => Promise<StoreUnderTest>,
): readonly ConformanceCase[] {
  const fresh = async () => {
    const subject = await create()
    return {
      store: subject.store,
      advance: (milliseconds: number) => subject.advance(milliseconds),
      close: () => subject.close?.(),
    }
  }
  return conformanceCases(fresh, storeLifeCases, storeAttemptCases, storeUsedCases, storeRaceCases)
}
