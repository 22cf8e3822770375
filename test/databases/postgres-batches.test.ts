import type { Beginning, Policy } from 'otpkit'
import { migrate, postgres } from 'otpkit/databases/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messages, outcomes, people, unitsOf, watched, windowMs } from './batched-people'
import { openSchema } from './own-schema'

// Calls that are under way at the same moment share queries: as many as there are, 32 at most.

let opened: Awaited<ReturnType<typeof openSchema>>
beforeAll(async () => {
  opened = await openSchema()
})
afterAll(() => opened.close())

const inOrder = (numbers: readonly (number | undefined)[]) =>
  numbers.toSorted((one = 0, other = 0) => one - other)

describe('calls under way at once', () => {
  it('share queries, and each gets its own answer', async () => {
    const { names, begin, guess } = people(200)
    const { database, statements } = watched(opened)
    const numbers = names.map((_, index) => index + 1)
    const begun = await Promise.all(names.map((name) => database.begin(begin(name))))
    expect(begun.every(({ put }) => put)).toBe(true)
    expect(inOrder(begun.map(({ taken }) => taken.used[2]))).toEqual(numbers)
    expect(statements.length).toBeLessThan(12)
    expect(Math.max(...statements)).toBe(32)

    const again = await Promise.all(names.map((name) => database.begin(begin(name))))
    expect(again.map(({ standing }) => standing?.data)).toEqual(names)
    const settled = await Promise.all(
      names.map((name, index) => database.settle(guess(name, index % 2 ? 'wrong' : undefined))),
    )
    expect(settled.map(({ attempt }) => attempt)).toEqual(
      names.map((name, index) =>
        index % 2
          ? { outcome: 'incorrect', data: name, attemptsLeft: 2, remainingMs: expect.any(Number) }
          : { outcome: 'verified', data: name, attemptsUsed: 1, remainingMs: expect.any(Number) },
      ),
    )
    expect(settled.map(({ taken }) => taken.used[0])).toEqual(names.map((_, index) => index % 2))
    expect(inOrder(settled.map(({ taken }) => taken.used[1]))).toEqual(numbers)
  })

  it('keep their order for a recipient, of both kinds', async () => {
    const { names, begin, guess } = people(20)
    const { database } = watched(opened)
    const rounds = await Promise.all(
      names.map((name) =>
        Promise.all([
          database.begin(begin(name)),
          database.settle(guess(name, 'wrong')),
          database.settle(guess(name)),
          database.settle(guess(name)),
          database.begin(begin(name)),
        ]),
      ),
    )
    for (const [first, wrong, right, late, next] of rounds) {
      expect([first.put, next.put]).toEqual([true, true])
      expect([wrong, right, late].map(({ attempt }) => attempt?.outcome)).toEqual([
        'incorrect',
        'verified',
        'used',
      ])
      expect(right.taken.used[0]).toBe(1)
      expect(late.taken.used[0]).toBe(0)
    }
  })

  it('behind one address pass its limit exactly', async () => {
    const { names, begin } = people(200)
    const { database, statements } = watched(opened)
    const policy: Policy = { limits: [messages.limits[0], { key: 2, max: 20, windowMs }] }
    const begun = await Promise.all(names.map((name) => database.begin(begin(name, { policy }))))
    expect(begun.filter(({ put }) => put).length).toBe(20)
    expect(statements.length).toBeLessThan(12)
  })

  it('for people of whom nothing is known are counted by their own costs and policies', async () => {
    const { names, begin } = people(64)
    const { database, statements } = watched(opened)
    const [failures, ...others] = messages.limits
    const strict: Policy = { limits: [failures, { key: 1, max: 1, windowMs }, ...others] }
    const kinds: readonly Partial<Beginning>[] = [
      {},
      { costs: [1, 2, 1] },
      { costs: [1, 4, 1] },
      { policy: strict },
    ]
    const begun = await Promise.all(
      names.map((name, index) => {
        const keys = [`f${name}`, `m${name}`, `i${name}`]
        return database.begin(begin(name, { keys, ...kinds[index % kinds.length] }))
      }),
    )
    expect(Math.max(...statements)).toBe(32)
    const answers = [
      { ok: true, used: [0, 1, 1], retryAfterMs: 0 },
      { ok: true, used: [0, 2, 1], retryAfterMs: windowMs },
      { ok: false, used: [0, 0, 0], retryAfterMs: windowMs },
      { ok: true, used: [0, 1, 1, 1], retryAfterMs: windowMs },
    ]
    for (const [index, { taken }] of begun.entries()) {
      expect(taken).toMatchObject(answers[index % answers.length] ?? {})
    }
  })

  it('with one right code 200 times verify once, over two pools', async () => {
    const { names, begin, guess } = people(1)
    const [name = ''] = names
    const other = new pg.Pool({ connectionString: opened.connectionString })
    const databases = [watched(opened).database, postgres(other, { schema: opened.schema })]
    await databases[0]?.begin(begin(name))
    const settled = await Promise.all(
      Array.from({ length: 200 }, (_, index) => databases[index % 2]?.settle(guess(name))),
    )
    const verified = settled.filter((answer) => answer?.attempt?.outcome === 'verified')
    expect(verified.length).toBe(1)
    await other.end()
  })

  it('on one pool with two prefixes do not mix', async () => {
    const { pool, schema } = opened
    await migrate(pool, { schema, prefix: 'other_' })
    const { names, begin } = people(20)
    const databases = [postgres(pool, { schema }), postgres(pool, { schema, prefix: 'other_' })]
    await Promise.all(names.map((name, index) => databases[index % 2]?.begin(begin(name))))
    const [ours, others] = await Promise.all(
      databases.map((database) => Promise.all(names.map((name) => database.get(name)))),
    )
    expect(ours?.map((found) => found !== null)).toEqual(names.map((_, index) => index % 2 === 0))
    expect(others?.map((found) => found !== null)).toEqual(names.map((_, index) => index % 2 === 1))
  })
})

describe('a batch', () => {
  it('in which one call cannot be carried out fails for that call alone', async () => {
    const { names, begin, address } = people(40)
    const { database, statements } = watched(opened)
    const poisons: readonly Partial<Beginning>[] = [
      { challenge: { id: 'poison', digest: 'a\0', attempts: 3, ttlMs: windowMs, data: '' } },
      { challenge: { id: 'poison', digest: 'a', attempts: 2 ** 40, ttlMs: windowMs, data: '' } },
      { challenge: { id: 'poison', digest: 'a', attempts: 1.5, ttlMs: windowMs, data: '' } },
      { keys: ['fpoison', 'mpoison', 'i\0'] },
      { keys: ['fpoison', 'mpoison', address], costs: [1, 1, 0.5] },
    ]
    for (const [round, poison] of poisons.entries()) {
      statements.length = 0
      const settled = await Promise.allSettled(
        names.map((name, index) => {
          const own = begin(`${name}-${round}`)
          return database.begin(index === 7 ? { ...own, ...poison } : own)
        }),
      )
      expect(outcomes(settled)).toEqual(
        names.map((_, index) => (index === 7 ? 'rejected' : 'fulfilled')),
      )
      expect(Math.max(...statements)).toBeGreaterThan(30)
      expect(await unitsOf(database, address)).toEqual([39 * (round + 1)])
    }
  })

  it('that is refused by the server before it is made has charged nobody twice', async () => {
    const { names, begin, address } = people(32)
    let failures = 0
    const { database } = watched(opened, (values) => {
      if (!String(values[4]).includes('},{') || failures > 0) return
      failures += 1
      throw Object.assign(new Error('a timeout'), { code: '57014' })
    })
    const begun = await Promise.all(names.map((name) => database.begin(begin(name))))
    expect(failures).toBe(1)
    expect(begun.every(({ put }) => put)).toBe(true)
    expect(await unitsOf(database, address)).toEqual([32])
  })
})
