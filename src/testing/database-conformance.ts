import { type ConformanceCase, conformanceCases } from './conformance'
import { databaseBeginCases } from './database-begin-cases'
import { databaseBeginSchedules } from './database-begin-schedules'
import { databaseForgivenessCases } from './database-forgiveness-cases'
import { databaseRaceCases } from './database-race-cases'
import { databaseRandomCases } from './database-random-cases'
import { databaseReplayCases } from './database-replay-cases'
import { scheduleCases } from './database-schedule'
import { databaseSettleCases } from './database-settle-cases'
import { databaseSettleSchedules } from './database-settle-schedules'
import { seedOf } from './random'
import {
  type RateLimiterConformanceOptions,
  rateLimiterConformance,
} from './rate-limiter-conformance'
import { storeConformance } from './store-conformance'
import type { DatabaseUnderTest } from './subjects'

/**
 * Every rule that an `OtpDatabase` keeps, as cases for whatever runs your tests: all of a store's,
 * all of a rate limiter's, and those of `begin` and `settle`. There is nothing to switch off: a
 * database that fails one of them is not safe to use.
 *
 * @param create - Called once for each case; gives an empty database that shares nothing with
 * others, and its clock.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import { memory } from 'otpkit/databases/memory'
 * import { databaseConformance, testClock } from 'otpkit/testing'
 *
 * describe('my database', () => {
 *   const cases = databaseConformance(async () => {
 *     const clock = testClock()
 *     return { database: memory({ clock: clock.now }), advance: clock.advance }
 *   })
 *   for (const { name, run } of cases) it(name, run)
 * })
 * ```
 */
export function databaseConformance(
  create: () => Promise<DatabaseUnderTest>,
  options: RateLimiterConformanceOptions = {},
): readonly ConformanceCase[] {
  const seed = seedOf('databaseConformance', options)
  const fresh = async () => {
    const subject = await create()
    return {
      database: subject.database,
      store: subject.database,
      rateLimiter: subject.database,
      advance: (milliseconds: number) => subject.advance(milliseconds),
      close: () => subject.close?.(),
    }
  }
  return [
    ...storeConformance(fresh),
    ...rateLimiterConformance(fresh, { seed }),
    ...conformanceCases(
      fresh,
      databaseBeginCases,
      databaseSettleCases,
      databaseForgivenessCases,
      databaseReplayCases,
      scheduleCases({ ...databaseBeginSchedules, ...databaseSettleSchedules }),
      databaseRaceCases,
      databaseRandomCases(seed),
    ),
  ]
}
