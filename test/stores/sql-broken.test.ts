import {
  type ConformanceCase,
  rateLimiterConformance,
  storeConformance,
  testClock,
} from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lockedReadThenUpsertLimiter } from '../broken/sql-rate-limiter'
import { compareThenChargeStore, selectThenUpdateStore } from '../broken/sql-store'
import { openPostgres } from './sql-databases'

/** What this case says of what it is given. */
async function failure(cases: readonly ConformanceCase[], name: string): Promise<string> {
  const found = cases.find((named) => named.name === name)
  return found === undefined ? 'there is no such case' : found.run().then(() => 'it passes', String)
}

describe('the conformance kit on PostgreSQL finds out', () => {
  let database: Awaited<ReturnType<typeof openPostgres>>
  // One for all, since a sweep that one test began may end in the next.
  const clock = testClock()
  beforeAll(async () => {
    database = await openPostgres()
  })
  afterAll(() => database.close())

  it.each([
    {
      name: 'SELECT, then UPDATE, by right codes',
      broken: selectThenUpdateStore,
      failedBy: 'S04 of 200 right codes together exactly one verifies',
      saying: /outcomes: expected .*"verified":\[1\]/,
    },
    {
      name: 'SELECT, then UPDATE, by wrong codes',
      broken: selectThenUpdateStore,
      failedBy:
        'S30 of 200 wrong codes together exactly as many are compared as there are attempts',
      saying: /outcomes: expected .*"incorrect":\[4,3,2,1,0\]/,
    },
    {
      name: 'a comparison before the charge',
      broken: compareThenChargeStore,
      failedBy: 'S04 of 200 right codes together exactly one verifies',
      saying: /outcomes: expected .*"verified":\[1\]/,
    },
  ])('$name', async ({ broken, failedBy, saying }) => {
    const { pool, schema } = database
    const table = `"${schema}"."otpkit_challenges"`
    const cases = storeConformance(async () => {
      const sound = database.store({ clock: clock.now })
      return { store: broken(pool, table, sound), advance: clock.advance }
    })
    expect(await failure(cases, failedBy)).toMatch(saying)
  })

  it('a locked read, then an upsert', async () => {
    const { pool, schema } = database
    const table = `"${schema}"."otpkit_charges"`
    const cases = rateLimiterConformance(async () => {
      const sound = database.rateLimiter({ clock: clock.now })
      const rateLimiter = lockedReadThenUpsertLimiter(pool, table, sound)
      return { rateLimiter, advance: clock.advance }
    })
    const name = 'of 200 takes together on a key that does not exist, exactly max are accepted'
    expect(await failure(cases, name)).toMatch(/takes accepted of max \d: expected \d/)
  })
})
