import type { RateLimiter } from 'otpkit'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { databaseConformance, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { joined } from '../../src/core/joined'

const create = async () => {
  const clock = testClock()
  const faults: unknown[] = []
  const database = joined({
    store: memoryStore({ clock: clock.now }),
    rateLimiter: memoryRateLimiter({ clock: clock.now }),
    onFault: (error) => void faults.push(error),
  })
  return {
    database,
    advance: clock.advance,
    close: () => expect(faults).toEqual([]),
  }
}
const cases = databaseConformance(create)

// What no two steps on two servers can do; `joined` says so.
const remaining: readonly RegExp[] = [
  // A used challenge's attempts are counted as places in the limiter, not by the store.
  /^a settle that finds it (used|gone): (right|wrong) at used/,
  // Nobody remembers the call that verified.
  /call sent again|call is remembered|same call|one call sent|wrong guess that is sent again/,
  // Between looking and putting somebody else may put.
  /^of 20 begins/,
  // The model settles used challenges and calls as above.
  /^a random course of calls/,
]
const isExcused = (name: string) => remaining.some((pattern) => pattern.test(name))

describe('a store beside a limiter as a database', () => {
  for (const { name, run } of cases) {
    if (isExcused(name)) continue
    it(name, run)
  }

  it('is excused from nothing that it can do', async () => {
    const excused = cases.filter(({ name }) => isExcused(name))
    expect(excused.length).toBeGreaterThan(5)
    for (const pattern of remaining) {
      // A random course may go well by chance.
      const courses = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => databaseConformance(create, { seed }))
      const outcomes = await Promise.allSettled(
        courses
          .flatMap((course) => course.filter(({ name }) => pattern.test(name)))
          .map(({ run }) => run()),
      )
      expect(outcomes.map(({ status }) => status)).toContain('rejected')
    }
  })
})

describe('a guess at a used challenge of a pair', () => {
  const open = async () => {
    const clock = testClock()
    const store = memoryStore({ clock: clock.now })
    const rateLimiter = memoryRateLimiter({ clock: clock.now })
    const database = joined({ store, rateLimiter, onFault: () => {} })
    const [id, digest] = ['i'.repeat(43), 'd'.repeat(22)]
    await store.put({ id, digest, attempts: 3, ttlMs: 300_000, data: 'data' })
    const settle = async (...digests: string[]) => {
      const { attempt } = await database.settle({
        policy: { limits: [{ key: 0, max: 100, windowMs: 60_000 }] },
        keys: [`f${'l'.repeat(22)}`],
        id,
        digests,
        mostUsed: 100,
        call: '',
      })
      return attempt?.outcome
    }
    expect(await settle(digest)).toBe('verified')
    return { settle, digest, wrong: 'w'.repeat(22), clock }
  }

  it('is told from a wrong one, whichever key made the digest', async () => {
    const { settle, digest, wrong } = await open()
    expect([await settle(wrong), await settle(wrong, digest)]).toEqual(['gone', 'used'])
  })

  it('takes one of the attempts that were left', async () => {
    const { settle, digest, wrong } = await open()
    expect([await settle(wrong), await settle(wrong), await settle(digest)]).toEqual([
      'gone',
      'gone',
      'gone',
    ])
  })

  it('finds nothing after a minute', async () => {
    const { settle, digest, clock } = await open()
    clock.advance(60_000)
    expect(await settle(digest)).toBe('gone')
  })
})

describe('a pair', () => {
  const windowMs = 60_000
  const challenge = { id: 'i'.repeat(43), digest: 'd', attempts: 3, ttlMs: 300_000, data: 'data' }
  const broken = async () => Promise.reject(new Error('connection lost'))
  const open = (change: (limiter: RateLimiter) => Partial<RateLimiter> = () => ({})) => {
    const clock = testClock()
    const store = memoryStore({ clock: clock.now })
    const limiter = memoryRateLimiter({ clock: clock.now })
    const faults: unknown[] = []
    const pair = {
      store,
      rateLimiter: { ...limiter, ...change(limiter) },
      onFault: async (error: unknown, key: string) => void faults.push([String(error), key]),
    }
    return { database: joined(pair), pair, limiter, store, faults }
  }

  it('refuses what found a limit full between the look and the charge', async () => {
    for (const full of ['first', 'second'] as const) {
      const { database, store } = open((limiter) => ({
        take: async (limits) => {
          const answer = await limiter.take(limits)
          const isLook = limits.every(({ cost }) => cost === 0)
          if (isLook) await limiter.take([{ key: full, max: 1, windowMs }])
          return answer
        },
      }))
      const limits = [
        { key: 0, max: 1, windowMs },
        { key: 1, max: 1, windowMs },
      ] as const
      const keys = ['first', 'second']
      const index = keys.indexOf(full)
      const refused = { ok: false, index, retryAfterMs: windowMs }
      expect(await database.begin({ policy: { limits }, keys, challenge })).toEqual({
        taken: { ...refused, used: expect.any(Array) },
        standing: null,
        put: false,
      })
      expect(await store.get(challenge.id)).toBeNull()
    }
    const { database, store, limiter } = open((limiter) => ({
      take: async (limits) => {
        const answer = await limiter.take(limits)
        const isLook = limits.every(({ cost }) => cost === 0)
        if (isLook) await limiter.take([{ key: 'address', max: 1, windowMs }])
        return answer
      },
    }))
    await store.put(challenge)
    const policy = {
      limits: [
        { key: 0, max: 5, windowMs },
        { key: 1, max: 1, windowMs },
      ],
    } as const
    const guess = { policy, id: challenge.id, digests: ['d'], mostUsed: 5, call: '' }
    expect(await database.settle({ ...guess, keys: ['ledger', 'address'] })).toEqual({
      taken: { ok: false, index: 1, retryAfterMs: windowMs, used: [0, 0] },
    })
    expect((await limiter.take([{ key: 'ledger', max: 1, windowMs, cost: 0 }])).used).toEqual([0])
  })

  it('refuses a guess whose ledger filled up meanwhile, and gives the address back', async () => {
    const { database, store, limiter } = open((limiter) => ({
      take: async (limits) => {
        if (limits.some(({ key }) => key === 'xd')) {
          await limiter.take([{ key: 'ledger', max: 1, windowMs }])
        }
        return limiter.take(limits)
      },
    }))
    await store.put(challenge)
    const limits = [
      { key: 1, max: 9, windowMs },
      { key: 0, max: 1, windowMs },
    ] as const
    const guess = { id: challenge.id, digests: ['d'], mostUsed: 9, call: '' }
    const policy = { limits: [limits[1], limits[0]] } as const
    expect(await database.settle({ ...guess, policy, keys: ['ledger', 'address'] })).toEqual({
      taken: { ok: false, index: 0, retryAfterMs: windowMs, used: [0, 0] },
    })
    const looks = ['address', 'xd'].map((key) => ({ key, max: 1, windowMs, cost: 0 }))
    expect((await limiter.take(looks)).used).toEqual([0, 0])
    expect(await store.get(challenge.id)).toMatchObject({ attemptsLeft: 3 })
  })

  it('charges the ledger for no guess that nothing could come of, not even for a moment', async () => {
    const asked: { key: string; cost?: number | undefined }[] = []
    const { database, store, limiter } = open((limiter) => ({
      take: (limits) => {
        asked.push(...limits)
        return limiter.take(limits)
      },
    }))
    const policy = { limits: [{ key: 0, max: 100, windowMs }] } as const
    const settle = (id: string, mostUsed: number) =>
      database.settle({ policy, keys: ['ledger'], id, digests: ['d'], mostUsed, call: '' })
    const gone = (failures: number) => {
      return { taken: { ok: true, used: [failures] }, attempt: { outcome: 'gone' } }
    }

    await store.put({ ...challenge, id: 'used' })
    expect(await store.attempt('used', ['d'])).toMatchObject({ outcome: 'verified' })
    await store.put({ ...challenge, id: 'exhausted', digest: 'e' })
    for (const _ of [1, 2, 3]) await store.attempt('exhausted', ['wrong'])
    await store.put({ ...challenge, id: 'alive' })

    expect(await settle('exhausted', 5)).toEqual(gone(0))
    await limiter.take([{ key: 'ledger', max: 100, windowMs, cost: 5 }])
    for (const id of ['alive', 'used', 'nothing']) expect(await settle(id, 5)).toEqual(gone(5))
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter(({ key, cost = 1 }) => key !== 'ledger' || cost > 0)).toEqual([])
    expect(await settle('used', 6)).toMatchObject({ attempt: { outcome: 'used' } })
    expect(await settle('alive', 6)).toMatchObject({ attempt: { outcome: 'verified' } })
  })

  it('forgives nothing where nothing had failed', async () => {
    const cleared: unknown[] = []
    const { database, store } = open((limiter) => ({
      clear: (keys, newest) => {
        cleared.push([keys, newest])
        return limiter.clear(keys, newest)
      },
    }))
    const policy = { limits: [{ key: 0, max: 100, windowMs }] } as const
    const guess = { policy, keys: ['ledger'], mostUsed: 100, call: '' }
    await store.put(challenge)
    await database.settle({ ...guess, id: challenge.id, digests: ['d'] })
    expect(cleared).toEqual([])
    await store.put({ ...challenge, id: 'other', digest: 'o' })
    await database.settle({ ...guess, id: 'other', digests: ['wrong'] })
    await database.settle({ ...guess, id: 'other', digests: ['o'] })
    expect(cleared).toEqual([[['ledger'], 1]])
  })

  it('puts by what the first limit had before this charge', async () => {
    const { database } = open()
    const policy = { limits: [{ key: 0, max: 5, windowMs }], mostUsed: 0 } as const
    expect(await database.begin({ policy, keys: ['first'], challenge })).toMatchObject({
      put: true,
    })
    expect(
      await database.begin({ policy, keys: ['first'], challenge: { ...challenge, id: 'other' } }),
    ).toMatchObject({ put: false, taken: { ok: true, used: [2] } })
  })

  it('tells what it could not give back, with the first key', async () => {
    const { pair, faults } = open(() => ({ refund: broken }))
    const database = joined({ ...pair, store: { ...pair.store, get: broken } })
    const policy = { limits: [{ key: 1, max: 5, windowMs }] } as const
    await expect(database.begin({ policy, keys: ['unused', 'first'], challenge })).rejects.toThrow(
      'connection lost',
    )
    expect(faults).toEqual([['Error: connection lost', 'first']])
  })

  it('asks who costs more than a limit allows to wait for all of its window', async () => {
    const { database } = open()
    const policy = { limits: [{ key: 0, max: 3, windowMs }] } as const
    expect(await database.begin({ policy, keys: ['first'], costs: [4], challenge })).toMatchObject({
      taken: { ok: false, index: 0, retryAfterMs: windowMs },
      put: false,
    })
  })

  it('refuses a policy that names a key which the call does not bring', async () => {
    const { database } = open()
    const policy = { limits: [{ key: 1, max: 3, windowMs }] } as const
    await expect(database.begin({ policy, keys: ['first'], challenge })).rejects.toThrow(
      new TypeError('a policy names key 1 of 1'),
    )
  })
})
