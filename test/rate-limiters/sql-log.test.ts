import fc from 'fast-check'
import type { Limit, RateLimiter } from 'otpkit'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMariadb, openPostgres, openSqlite, type TestDatabase } from '../stores/sql-databases'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.log(`OTPKIT_SEED=${seed}`)

const openers = {
  PostgreSQL: () => openPostgres(),
  MariaDB: openMariadb,
  SQLite: () => openSqlite(),
}

/** Four numbers an entry: when, its first unit counted from the log's first, its units, cost. */
async function entriesOf(database: TestDatabase, key: string): Promise<number[][]> {
  const rows = await database.query('SELECT * FROM charges')
  const row = rows.find((found) => found.key === key)
  if (row === undefined) return []
  const numbers =
    Array.isArray(row.times) && Array.isArray(row.entries)
      ? fromArrays(row.times.map(Number), row.entries.map(Number))
      : fromText(String(row.entries))
  const origin = numbers[0]?.[1] ?? 0
  return numbers.map(([at = 0, first = 0, last = 0, cost = 0]) => [
    at,
    first - origin,
    last - first + 1,
    cost,
  ])
}

function fromArrays(times: readonly number[], numbers: readonly number[]): number[][] {
  return times.map((at, index) => [at, ...numbers.slice(4 * index, 4 * index + 3)])
}

function fromText(text: string): number[][] {
  let [at, unit] = [0, 0]
  return text.split(';').map((part) => {
    const [later = 0, gap = 0, length = 0, cost = 0] = part.split(',').map(Number)
    at += later
    const first = unit + gap
    unit = first + length
    return [at, first, unit, cost]
  })
}

for (const [name, open] of Object.entries(openers)) {
  describe(`a log in ${name}`, () => {
    let database: TestDatabase
    // One for all, since a sweep that one test began may end in the next.
    const clock = testClock()
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    it('is bounded, however many charges it counts', async () => {
      const rateLimiter = database.rateLimiter({ clock: clock.now })
      const limits = [
        { key: 'busy', max: 4_000, windowMs: 3_200 },
        { key: 'busy', max: 100_000, windowMs: 320_000 },
      ]
      let most = 0
      for (let step = 0; step < 1_000; step += 1) {
        const cost = 1 + (step % 3)
        await rateLimiter.take(limits.map((limit) => ({ ...limit, cost })))
        clock.advance(step < 500 ? 7 : 700)
        if (step % 100 === 99) most = Math.max(most, (await entriesOf(database, 'busy')).length)
      }
      // The newest 128 units, at most 64 slots for each window, and what is not merged yet.
      expect(most).toBeGreaterThan(64)
      expect(most).toBeLessThanOrEqual(128 + 2 * 65 + 16)
      clock.advance(320_000)
      expect((await rateLimiter.take(limits)).used).toEqual([1, 1])
      expect(await entriesOf(database, 'busy')).toEqual([[clock.now(), 0, 1, 1]])
    })

    it('gives back and forgets charges that were merged, whole and once', async () => {
      const rateLimiter = database.rateLimiter({ clock: clock.now })
      const limit = { key: 'merged', max: 1_000, windowMs: 100_000, cost: 5 }
      const charges: string[] = []
      for (let count = 0; count < 60; count += 1) {
        const taken = await rateLimiter.take([limit])
        if (taken.ok) charges.push(taken.charge)
        clock.advance(1)
      }
      // The newest 26 hold 128 units, and a merge is due with every 16th entry.
      expect((await entriesOf(database, 'merged')).length).toBeLessThanOrEqual(27 + 16)
      const used = async () => (await rateLimiter.take([{ ...limit, cost: 0 }])).used[0]
      await rateLimiter.clear(['merged'], 40)
      expect(await used()).toBe(100)
      for (const index of [10, 10, 59, 0, 19, 20, 11]) {
        await rateLimiter.refund([limit.key], charges[index] ?? '')
      }
      expect(await used()).toBe(80)
      await rateLimiter.clear(['merged'], 9)
      expect(await used()).toBe(35)
    })

    it('keeps what is charged at one instant as one entry, and gives it back one by one', async () => {
      const rateLimiter = database.rateLimiter({ clock: clock.now })
      const limit = { key: 'instant', max: 1_000, windowMs: 100_000, cost: 2 }
      const charges: string[] = []
      for (let count = 0; count < 9; count += 1) {
        const taken = await rateLimiter.take([limit])
        if (taken.ok) charges.push(taken.charge)
      }
      expect(await entriesOf(database, 'instant')).toEqual([[clock.now(), 0, 18, 2]])
      await rateLimiter.refund([limit.key], charges[3] ?? '')
      await rateLimiter.refund([limit.key], charges[3] ?? '')
      await rateLimiter.clear([limit.key], 2)
      expect(await entriesOf(database, 'instant')).toEqual([
        [clock.now(), 0, 6, 2],
        [clock.now(), 8, 6, 2],
      ])
      // Another cost, and what stands behind units that are gone, are entries of their own.
      await rateLimiter.take([limit])
      expect((await rateLimiter.take([{ ...limit, cost: 3 }])).used).toEqual([17])
      expect((await entriesOf(database, 'instant')).length).toBe(4)
      clock.advance(100_000)
      expect((await rateLimiter.take([limit])).used).toEqual([2])
    })

    it('keeps up to 128 units one by one', async () => {
      const rateLimiter = database.rateLimiter({ clock: clock.now })
      const limit = { key: 'exact', max: 128, windowMs: 1_000_000 }
      for (let count = 0; count < 128; count += 1) {
        await rateLimiter.take([limit])
        clock.advance(1)
      }
      expect((await entriesOf(database, 'exact')).length).toBe(128)
      for (let count = 0; count < 3; count += 1) {
        const taken = await rateLimiter.take([limit])
        expect(taken).toMatchObject({ ok: false, retryAfterMs: 999_872, used: [128] })
      }
    })
  })
}

type Step =
  | { readonly action: 'take'; readonly costs: readonly number[]; readonly windows: number }
  | { readonly action: 'refund'; readonly which: number; readonly keys: readonly number[] }
  | { readonly action: 'clear'; readonly key: number; readonly newest: number | undefined }
  | { readonly action: 'advance'; readonly milliseconds: number }

const below = (max: number) => fc.integer({ min: 0, max: max - 1 })
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        action: fc.constant('take' as const),
        costs: fc.tuple(below(3), fc.constantFrom(0, 5, 5, 5, 5, 7), below(90)),
        windows: fc.constantFrom(1, 2, 2, 2),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        action: fc.constant('refund' as const),
        which: below(60),
        keys: fc.subarray([0, 1, 2]),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        action: fc.constant('clear' as const),
        key: below(3),
        newest: fc.option(fc.oneof(below(6), below(60)), { nil: undefined, freq: 6 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        action: fc.constant('advance' as const),
        milliseconds: fc.oneof(below(20), below(500), below(6_000)),
      }),
    },
  ),
  { minLength: 60, maxLength: 90, size: 'max' },
)

describe('the functions of PostgreSQL', () => {
  it('do what the other databases have JavaScript do', async () => {
    const [postgres, sqlite] = await Promise.all([openPostgres(), openSqlite()])
    const clock = testClock()
    let schedule = 0
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        schedule += 1
        const sides = [postgres, sqlite].map((database) => ({
          database,
          rateLimiter: database.rateLimiter({ clock: clock.now }),
          charges: [] as string[],
        }))
        const keys = [0, 1, 2].map((index) => `schedule-${schedule}-${index}`)
        for (const step of plan) {
          if (step.action === 'advance') {
            clock.advance(step.milliseconds)
            // Else it would be chance which side has removed what has expired by now.
            for (const { database } of sides) await database.sweep({ clock: clock.now })
          }
          const results = await Promise.all(
            sides.map(({ rateLimiter, charges }) => run(step, rateLimiter, keys, charges)),
          )
          expect(results[0]).toEqual(results[1])
        }
        for (const key of keys) {
          const [first, second] = await Promise.all(
            sides.map(({ database }) => entriesOf(database, key)),
          )
          expect(first).toEqual(second)
        }
      }),
      { seed, numRuns: 30 },
    )
    await Promise.all([postgres.close(), sqlite.close()])
  })
})

function limitsOf(keys: readonly string[], costs: readonly number[], windows = 2): Limit[] {
  return keys.flatMap((key, index) => {
    const cost = costs[index] ?? 1
    return [
      { key, max: 40 + 300 * index, windowMs: 4_000, cost },
      { key, max: 100 + 900 * index, windowMs: 40_000 * (index + 1), cost },
    ].slice(0, windows)
  })
}

/** One step; what it answers, the charge's name aside. */
async function run(
  step: Step,
  rateLimiter: RateLimiter,
  keys: readonly string[],
  charges: string[],
): Promise<unknown> {
  switch (step.action) {
    case 'take': {
      const taken = await rateLimiter.take(limitsOf(keys, step.costs, step.windows))
      if (taken.ok) charges.push(taken.charge)
      return { ...taken, charge: '' }
    }
    case 'refund': {
      const some = step.keys.map((index) => keys[index] ?? '')
      return rateLimiter.refund(some, charges[step.which] ?? '')
    }
    case 'clear':
      return rateLimiter.clear([keys[step.key] ?? ''], step.newest)
    case 'advance':
      return undefined
  }
}
