import type { Beginning, OtpDatabase, Policy, Submission } from 'otpkit'
import { migrate, postgres } from 'otpkit/databases/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ownName } from '../servers/shared'
import { type Fault, startTcpProxy } from '../servers/tcp-proxy'
import { sweepingLate } from '../stores/sql-databases'
import { openSchema } from './own-schema'

// Calls that are under way at the same moment share queries: as many as there are, 32 at most.

const windowMs = 600_000
const messages: Policy = {
  limits: [
    { key: 0, max: 100, windowMs, cost: 0, refuses: true },
    { key: 1, max: 3, windowMs },
    { key: 2, max: 100_000, windowMs },
  ],
  mostUsed: 4,
}
const guesses: Policy = {
  limits: [
    { key: 0, max: 100, windowMs },
    { key: 1, max: 100_000, windowMs },
  ],
  forgiveness: { key: 2, max: 10, windowMs },
}

let opened: Awaited<ReturnType<typeof openSchema>>
beforeAll(async () => {
  opened = await openSchema()
})
afterAll(() => opened.close())

/** So many people, whose calls all come from one address. */
function people(count: number) {
  const space = ownName('batch')
  const names = Array.from({ length: count }, (_, index) => `${space}-${index}`)
  const address = `i${space}`
  const begin = (name: string, extra: Partial<Beginning> = {}): Beginning => ({
    policy: messages,
    keys: [`f${name}`, `m${name}`, address],
    challenge: { id: name, digest: `code of ${name}`, attempts: 3, ttlMs: windowMs, data: name },
    ...extra,
  })
  const guess = (name: string, code = `code of ${name}`, call = ownName('call')): Submission => ({
    policy: guesses,
    keys: [`f${name}`, `v${space}`, `o${name}`],
    id: name,
    digests: ['another key', code],
    mostUsed: 50,
    call,
  })
  return { names, address, begin, guess, attempts: `v${space}` }
}

/** The database over a client that counts statements, and may do something before each of them. */
function watched(before: (values: readonly unknown[]) => unknown = () => {}) {
  const { pool, schema } = opened
  const statements: number[] = []
  const client = {
    query: async (text: string, values: unknown[] = []) => {
      statements.push(String(values[4]).split('},{').length)
      await before(values)
      return pool.query(text, values)
    },
  }
  return { database: sweepingLate(() => postgres(client, { schema })), statements }
}

const outcomes = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled.map(({ status }) => status)

const inOrder = (numbers: readonly (number | undefined)[]) =>
  numbers.toSorted((one = 0, other = 0) => one - other)

async function unitsOf(database: OtpDatabase, ...keys: string[]): Promise<readonly number[]> {
  const looks = keys.map((key) => ({ key, max: 100_000, windowMs, cost: 0 }))
  return (await database.take(looks)).used
}

describe('calls under way at once', () => {
  it('share queries, and each gets its own answer', async () => {
    const { names, begin, guess } = people(200)
    const { database, statements } = watched()
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
    const { database } = watched()
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
    const { database, statements } = watched()
    const policy: Policy = { limits: [messages.limits[0], { key: 2, max: 20, windowMs }] }
    const begun = await Promise.all(names.map((name) => database.begin(begin(name, { policy }))))
    expect(begun.filter(({ put }) => put).length).toBe(20)
    expect(statements.length).toBeLessThan(12)
  })

  it('with one right code 200 times verify once, over two pools', async () => {
    const { names, begin, guess } = people(1)
    const [name = ''] = names
    const other = new pg.Pool({ connectionString: opened.connectionString })
    const databases = [watched().database, postgres(other, { schema: opened.schema })]
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
    const { database, statements } = watched()
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
    const { database } = watched((values) => {
      if (!String(values[4]).includes('},{') || failures > 0) return
      failures += 1
      throw Object.assign(new Error('a timeout'), { code: '57014' })
    })
    const begun = await Promise.all(names.map((name) => database.begin(begin(name))))
    expect(failures).toBe(1)
    expect(begun.every(({ put }) => put)).toBe(true)
    expect(await unitsOf(database, address)).toEqual([32])
  })

  it.each(['57P01', '08006', 'ECONNRESET', 'EPIPE', undefined])(
    'whose connection is lost by %s is not made again, and fails for all',
    async (code) => {
      const { names, begin, address } = people(32)
      let calls = 0
      const { database } = watched((values) => {
        if (!String(values[0]).includes(names[0] ?? '')) return
        calls += 1
        throw Object.assign(new Error('lost'), { code })
      })
      const settled = await Promise.allSettled(names.map((name) => database.begin(begin(name))))
      expect(new Set(outcomes(settled))).toEqual(new Set(['rejected']))
      expect(calls).toBe(1)
      expect(await unitsOf(database, address)).toEqual([0])
    },
  )

  const faults: readonly Fault[] = ['before the request', 'after the request', 'before the reply']

  it.each(faults)(
    'that is cut %s charges at most once and verifies nothing twice',
    async (fault) => {
      const { connectionString, schema } = opened
      const { names, begin, guess, attempts } = people(30)
      const sound = watched().database
      await Promise.all(names.map((name) => sound.begin(begin(name))))
      const url = new URL(connectionString)
      const proxy = await startTcpProxy(Number(url.port))
      url.port = String(proxy.port)
      const pool = new pg.Pool({ connectionString: url.href, max: 1 })
      pool.on('error', () => {})
      try {
        const database = sweepingLate(() => postgres(pool, { schema }))
        await database.get('nothing')
        const submissions = names.map((name, index) => guess(name, index % 2 ? 'wrong' : undefined))
        const struck = proxy.cut(fault)
        const settled = await Promise.allSettled(submissions.map((of) => database.settle(of)))
        await struck
        expect(new Set(outcomes(settled))).toEqual(new Set(['rejected']))
        // The server may still be at it.
        await vi.waitFor(async () => {
          const [units = 0] = await unitsOf(sound, attempts)
          const known = { 'before the request': [0], 'before the reply': [30] }
          expect(fault === 'after the request' ? [0, 30] : known[fault]).toContain(units)
        })
        const before = await unitsOf(sound, attempts)
        const again = await Promise.all(submissions.map((of) => database.settle(of)))
        const strangers = await Promise.all(names.map((name) => sound.settle(guess(name))))
        for (const [index, { attempt }] of again.entries()) {
          // The same call gets its own success again; nobody else does.
          if (index % 2 === 0) {
            expect(attempt?.outcome).toBe('verified')
            expect(strangers[index]?.attempt?.outcome).toBe('used')
          } else {
            const used = before[0] === 0 ? 1 : 2
            expect(attempt).toMatchObject({ outcome: 'incorrect', attemptsLeft: 3 - used })
          }
        }
      } finally {
        await pool.end()
        await proxy.stop()
      }
    },
  )
})
