import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findContradiction, findExceededWindow } from '../processes/checker'
import { expectSound } from '../processes/expect-sound'
import { hammer } from '../processes/hammer'
import { managerModel } from '../processes/manager-model'
import { limiterModel, storeModel } from '../processes/models'
import { ownName, redisClusterUrls, redisUrl } from '../servers/shared'

const module = fileURLToPath(new URL('../processes/redis-subject.ts', import.meta.url))
const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)

async function histories(subject: string, url: string, calls: number, requests: number) {
  return hammer({ module, subject, url, space: ownName(subject), seed, calls, requests })
}

describe(`four processes on one Redis (seed ${seed})`, () => {
  it.each([
    ['nodeRedis', redisUrl, 2_000, 400],
    ['ioredis', redisUrl, 500, 150],
    ['nodeRedisCluster', redisClusterUrls, 500, 150],
    ['ioredisCluster', redisClusterUrls, 500, 150],
  ] as const)(
    'S43 every answer of %s, and of a manager over it, agrees with one order of all calls',
    async (subject, url, calls, requests) => {
      expectSound(await histories(subject, String(await url()), calls, requests), calls, requests)
    },
  )

  it('the histories of handmade adapters are rejected', async () => {
    const run = async () => histories('handmade', await redisUrl(), 1_000, 0)
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

  it('the history of a manager that charges, attempts and refunds is rejected', async () => {
    const { manager } = await histories('chargingFirst', await redisUrl(), 0, 200)
    expect(findContradiction(manager, managerModel)).toMatch(/no order of its \d+ calls agrees$/)
    // For the right reason: failures were counted that nobody was ever told of.
    const counted = manager.flatMap(({ about, outcome }) => {
      const failures = /^incorrect \d (\d+)$/.exec(outcome ?? '')?.[1]
      return failures === undefined ? [] : [{ about, failures: Number(failures) }]
    })
    const told = (about: string) => counted.filter((call) => call.about === about).length
    const tooMany = counted.filter(({ about, failures }) => failures > told(about))
    expect(tooMany.length).toBeGreaterThan(0)
  })
})
