import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findContradiction, findExceededWindow } from '../processes/checker'
import { hammer } from '../processes/hammer'
import { limiterModel, storeModel } from '../processes/models'
import { ownName, redisClusterUrls, redisUrl } from '../servers/shared'

const module = fileURLToPath(new URL('../processes/redis-subject.ts', import.meta.url))
const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)

async function histories(subject: string, url: string, calls: number) {
  return hammer({ module, subject, url, space: ownName(subject), seed, calls })
}

describe(`four processes on one Redis (seed ${seed})`, () => {
  it.each([
    ['nodeRedis', redisUrl, 5_000],
    ['ioredis', redisUrl, 500],
    ['nodeRedisCluster', redisClusterUrls, 500],
    ['ioredisCluster', redisClusterUrls, 500],
  ] as const)(
    'S43 every answer of %s agrees with one order of all calls',
    async (subject, url, calls) => {
      const { store, limiter, windows } = await histories(subject, String(await url()), calls)
      expect([store.length, limiter.length]).toEqual([4 * calls, 4 * calls])
      expect(findContradiction(store, storeModel)).toBeNull()
      expect(findContradiction(limiter, limiterModel)).toBeNull()
      expect(findExceededWindow(windows)).toBeNull()
      // The run has been worth checking.
      const verified = store.filter(
        (call) => call.method === 'attempt' && call.outcome?.outcome === 'verified',
      )
      const taken = windows.filter((call) => call.method === 'take' && call.outcome?.ok === true)
      expect(verified.length).toBeGreaterThan(calls / 10)
      expect(taken.length).toBeGreaterThanOrEqual(10)
    },
  )

  it('the histories of handmade adapters are rejected', async () => {
    const run = async () => histories('handmade', await redisUrl(), 1_000)
    const { store, limiter, windows } = await run()
    expect(findContradiction(store, storeModel)).toMatch(/no order of its \d+ calls agrees$/)
    expect(findContradiction(limiter, limiterModel)).toMatch(/no order of its \d+ calls agrees$/)
    // On a busy machine few takes are certain to lie within 250 ms of each other.
    let exceeded = findExceededWindow(windows)
    for (let more = 0; more < 5 && exceeded === null; more += 1) {
      exceeded = findExceededWindow((await run()).windows)
    }
    expect(exceeded).toMatch(/\d+ of 5 within 250 ms/)
  })
})
