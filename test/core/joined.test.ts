import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { databaseConformance, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { joined } from '../../src/core/joined'

const cases = databaseConformance(async () => {
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
})

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
      const outcomes = await Promise.allSettled(
        cases.filter(({ name }) => pattern.test(name)).map(({ run }) => run()),
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
