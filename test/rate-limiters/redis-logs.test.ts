import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededIntegers } from '../../src/testing/random'
import { connectNodeRedis } from '../servers/redis-clients'
import { redisKeys } from '../servers/redis-keys'
import { ownName, redisUrl } from '../servers/shared'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
const dayMs = 86_400_000

describe('logs of redisRateLimiter', () => {
  let url: string
  let connection: Awaited<ReturnType<typeof connectNodeRedis>>
  beforeAll(async () => {
    url = await redisUrl()
    connection = await connectNodeRedis(url)
  })
  afterAll(() => connection.close())

  function fresh() {
    const clock = testClock()
    const prefix = ownName('limiter')
    const rateLimiter = redisRateLimiter(connection.client, { prefix, clock: clock.now })
    const size = async () => {
      const keys = await redisKeys([url], prefix)
      return keys.reduce((sum, { value }) => sum + value.length, 0)
    }
    const charge = async (...limits: Parameters<typeof rateLimiter.take>[0]) => {
      const taken = await rateLimiter.take(limits)
      if (!taken.ok) throw new Error('a take that had room was refused')
      return taken.charge
    }
    return { rateLimiter, clock, size, charge }
  }

  it(`S39 of thousands of charges are never too many, nor refused much too early (seed ${seed})`, async () => {
    const below = seededIntegers(seed)
    const { rateLimiter, clock, size } = fresh()
    const key = 'bBudget'
    const charges: number[] = []
    const younger = (ageMs: number) => charges.filter((at) => clock.now() - at < ageMs).length
    const limits = [
      { key, max: 1_500, windowMs: dayMs },
      { key, max: 700, windowMs: 3_600_000 },
    ]
    let largest = 0
    let fullest = 0
    for (let step = 0; step < 4_000; step += 1) {
      const pauseMs = below(100) === 0 ? below(dayMs / 24) : below(25_000)
      clock.advance(pauseMs)
      const taken = await rateLimiter.take(limits)
      for (const [index, { max, windowMs }] of limits.entries()) {
        const least = younger(windowMs)
        const most = younger(windowMs + windowMs / 32)
        const units = (taken.used[index] ?? 0) - (taken.ok ? 1 : 0)
        expect(units, `units of step ${step}`).toBeGreaterThanOrEqual(least)
        expect(units, `units of step ${step}`).toBeLessThanOrEqual(most)
        if (taken.ok) expect(least, `units of step ${step}`).toBeLessThan(max)
        else if (taken.index === index) expect(most).toBeGreaterThanOrEqual(max)
      }
      if (taken.ok) charges.push(clock.now())
      if (step % 500 === 0) {
        largest = Math.max(largest, await size())
        fullest = Math.max(fullest, younger(dayMs))
      }
    }
    // Else the limits were hardly tried.
    expect(fullest).toBeGreaterThan(1_000)
    // All of them as they were made would be 36,000 bytes.
    expect(largest).toBeLessThan(25_000)
  })

  it('stay bounded however many charges there are', async () => {
    const { rateLimiter, clock, size } = fresh()
    const limit = { key: 'bBudget', max: 1_000_000, windowMs: 180 * dayMs }
    for (let count = 0; count < 80; count += 1) {
      clock.advance(count % 10 === 0 ? dayMs : 1)
      await Promise.all(Array.from({ length: 100 }, () => rateLimiter.take([limit])))
    }
    expect(await rateLimiter.take([{ ...limit, cost: 0 }])).toMatchObject({ used: [8_000] })
    expect(await size()).toBeLessThan(40_000)
  })

  it('give back the newest 512 charges exactly, and of older ones none', async () => {
    const { rateLimiter, clock, charge } = fresh()
    const limit = { key: 'bBudget', max: 5_000, windowMs: dayMs }
    const charges: string[] = []
    for (let count = 0; count < 1_280; count += 1) {
      charges.push(await charge(limit))
      clock.advance(1)
    }
    for (const taken of charges.slice(-512)) {
      await rateLimiter.refund([limit.key], taken)
      await rateLimiter.refund([limit.key], taken)
    }
    const used = async () => (await rateLimiter.take([{ ...limit, cost: 0 }])).used
    expect(await used()).toEqual([768])
    clock.advance(3_600_000)
    for (let count = 0; count < 640; count += 1) await charge(limit)
    for (const taken of charges.slice(1, 700)) await rateLimiter.refund([limit.key], taken)
    expect(await used()).toEqual([1_408])
    // Of merged charges no more units are forgotten than charges were named.
    await rateLimiter.clear([limit.key], 640)
    expect(await used()).toEqual([768])
    await rateLimiter.clear([limit.key], 300)
    expect(await used()).toEqual([468])
    await rateLimiter.clear([limit.key], 400)
    expect(await used()).toEqual([68])
  })

  it('S50 a clock that is set back frees nothing', async () => {
    const prefix = ownName('limiter')
    let present = 1_700_000_000_000
    const options = { prefix, clock: () => present }
    const rateLimiter = redisRateLimiter(connection.client, options)
    const limit = { key: 'mSomebody', max: 3, windowMs: 60_000 }
    await rateLimiter.take([limit])
    present -= 3_600_000
    await rateLimiter.take([limit])
    await rateLimiter.take([limit])
    const refused = await rateLimiter.take([limit])
    expect(refused).toEqual({ ok: false, index: 0, used: [3], retryAfterMs: 3_660_000 })
    present += 3_659_999
    expect((await rateLimiter.take([limit])).ok).toBe(false)
    present += 1
    expect(await rateLimiter.take([limit])).toMatchObject({ ok: true, used: [1] })
  })

  it.each([1, 100])('a clock that is set back brings none of %i to life', async (earlier) => {
    let present = 1_700_000_000_000
    const options = { prefix: ownName('limiter'), clock: () => present }
    const rateLimiter = redisRateLimiter(connection.client, options)
    const minute = { key: 'mSomebody', max: 999, windowMs: 60_000 }
    const limits = [minute, { ...minute, windowMs: 3_600_000 }]
    for (let count = 0; count < earlier; count += 1) await rateLimiter.take(limits)
    for (const pauseMs of [50_000, 11_000, -31_000]) {
      present += pauseMs
      await rateLimiter.take(limits)
    }
    expect(await rateLimiter.take(limits)).toMatchObject({ used: [4, earlier + 4] })
  })

  it('hold very long windows, very large units and fractions of one', async () => {
    const { rateLimiter, clock } = fresh()
    const year = { key: 'aLong', max: 100, windowMs: 366 * dayMs }
    await rateLimiter.take([year])
    clock.advance(366 * dayMs - 1)
    expect(await rateLimiter.take([{ ...year, cost: 100 }])).toMatchObject({
      ok: false,
      retryAfterMs: 1,
    })
    const large = { key: 'aLarge', max: Number.MAX_SAFE_INTEGER, windowMs: dayMs }
    const almost = { ...large, cost: Number.MAX_SAFE_INTEGER - 1 }
    expect(await rateLimiter.take([almost])).toMatchObject({ used: [almost.cost] })
    expect(await rateLimiter.take([large])).toMatchObject({ ok: true, used: [large.max] })
    expect(await rateLimiter.take([large])).toMatchObject({ ok: false, used: [large.max] })
    const small = { key: 'aSmall', max: 1, windowMs: dayMs, cost: 0.4 }
    await rateLimiter.take([small])
    expect(await rateLimiter.take([small])).toMatchObject({ ok: true, used: [0.8] })
    expect(await rateLimiter.take([small])).toMatchObject({ ok: false, used: [0.8] })
  })

  it('refuses limits that share a key but not a cost', async () => {
    const { rateLimiter } = fresh()
    const limit = { key: 'mSomebody', max: 3, windowMs: 60_000 }
    await expect(rateLimiter.take([limit, { ...limit, cost: 2 }])).rejects.toThrow(
      new TypeError('limits that share a key must share a cost'),
    )
  })
})
