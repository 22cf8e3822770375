import type { Policy } from 'otpkit'
import { redis } from 'otpkit/databases/redis'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IoRedisClient } from '../../src/internal/redis/client'
import { newPerson, newSubmission, unitsOf } from '../../src/testing/database-samples'
import { opaque, seededIntegers } from '../../src/testing/random'
import { rateLimiterModel } from '../../src/testing/rate-limiter-model'
import { mistaken } from '../broken/redis-scripts'
import { connectIoRedis, connectNodeRedis } from '../servers/redis-clients'
import { redisKeys } from '../servers/redis-keys'
import { ownName, redisUrl } from '../servers/shared'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
const hourMs = 3_600_000

// Logs of more than 64 charges are kept in two parts; of more than 512 some may be merged.

describe('long logs of redisRateLimiter', () => {
  let url: string
  let connection: Awaited<ReturnType<typeof connectNodeRedis>>
  beforeAll(async () => {
    url = await redisUrl()
    connection = await connectNodeRedis(url)
  })
  afterAll(() => connection.close())

  function fresh() {
    const clock = testClock()
    const prefix = ownName('long')
    const options = { prefix, clock: clock.now }
    return { prefix, clock, rateLimiter: redisRateLimiter(connection.client, options) }
  }

  it(`answer as the model does, beside each other in one record (seed ${seed})`, async () => {
    const below = seededIntegers(seed)
    const { rateLimiter, clock } = fresh()
    const model = rateLimiterModel()
    const charges: { keys: string[]; mine: string; its: string }[] = []
    for (let step = 0; step < 800; step += 1) {
      // Long ones first, and then whatever comes.
      const isFirst = step < 190
      const pauseMs = isFirst ? 1_000 : below(200) === 0 ? below(2 * hourMs) : below(10_000)
      clock.advance(pauseMs)
      model.advance(pauseMs)
      const keys = isFirst
        ? ['uSubject', 'kSubject']
        : ['uSubject', 'kSubject', 'sSubject'].filter(() => below(4) > 0)
      const limits = keys.flatMap((key) => {
        // What is money is charged in large units, of which few have room at last.
        const cost = key === 'sSubject' ? 1e6 + below(3) : 1
        const max = key === 'sSubject' ? 150e6 : 400
        return [
          { key, max, windowMs: hourMs, cost },
          { key, max: max / 2, windowMs: hourMs / 4, cost },
        ]
      })
      const mine = await rateLimiter.take(limits)
      const its = model.take(limits)
      expect({ ...mine, charge: '' }, `step ${step}`).toEqual({ ...its, charge: '' })
      if (mine.ok && its.ok) charges.push({ keys, mine: mine.charge, its: its.charge })
      if (isFirst) continue
      if (below(8) === 0) {
        const back = charges[charges.length - 1 - below(below(4) === 0 ? 150 : 12)]
        if (back !== undefined) {
          await rateLimiter.refund(back.keys, back.mine)
          model.refund(back.keys, back.its)
        }
      }
      if (below(100) === 0) {
        const newest = below(20)
        await rateLimiter.clear(['uSubject'], newest)
        model.clear(['uSubject'], newest)
      }
    }
  })

  it('live as long as the longest window that charged them', async () => {
    const { prefix, rateLimiter } = fresh()
    const limit = { key: 'uSubject', max: 1_000, windowMs: hourMs }
    for (let count = 0; count < 100; count += 1) await rateLimiter.take([limit])
    await rateLimiter.take([{ ...limit, windowMs: 2 * hourMs }])
    const [found] = await redisKeys([url], prefix)
    expect(found?.expiresInMs).toBeGreaterThan(2 * hourMs)
    expect(found?.expiresInMs).toBeLessThanOrEqual(2 * hourMs + 60_000)
  })

  it('say when there is room again, wherever the charge in the way is kept', async () => {
    const { clock, rateLimiter } = fresh()
    const limit = { key: 'uSubject', max: 1_000, windowMs: hourMs }
    const most = Array.from({ length: 20 }, (_, fewer) => fewer + 1)
    for (let count = 1; count <= 100; count += 1) {
      await rateLimiter.take([limit])
      clock.advance(1_000)
      if (count < 64) continue
      const taken = await Promise.all(most.map((max) => rateLimiter.take([{ ...limit, max }])))
      const waits = taken.map(({ ok, retryAfterMs }) => !ok && retryAfterMs)
      expect(waits, `${count} charges`).toEqual(most.map((max) => hourMs - max * 1_000))
    }
  })

  it('are not written over by what else grows in their record', async () => {
    const { clock, rateLimiter } = fresh()
    const limit = { key: 'uSubject', max: 1_000, windowMs: hourMs }
    for (let count = 0; count < 70; count += 1) {
      await rateLimiter.take([limit])
      clock.advance(1_000)
    }
    for (let count = 0; count < 60; count += 1) {
      await rateLimiter.take([{ ...limit, key: 'kSubject' }])
    }
    const seconds = Array.from({ length: 70 }, (_, index) => index + 1)
    const looks = seconds.map((each) => ({ ...limit, cost: 0, windowMs: each * 1_000 + 1 }))
    expect(await rateLimiter.take(looks)).toMatchObject({ used: seconds })
  })

  it('are gone once they are too old, and begin anew', async () => {
    const { prefix, clock, rateLimiter } = fresh()
    const limit = { key: 'uSubject', max: 1_000, windowMs: hourMs }
    for (let count = 0; count < 100; count += 1) await rateLimiter.take([limit])
    clock.advance(hourMs)
    expect(await rateLimiter.take([limit])).toMatchObject({ ok: true, used: [1] })
    const [found] = await redisKeys([url], prefix)
    expect(found?.value.length).toBeLessThan(80)
  })

  it('a clock that is set back frees nothing of them', async () => {
    let present = 1_700_000_000_000
    const prefix = ownName('long')
    const rateLimiter = redisRateLimiter(connection.client, { prefix, clock: () => present })
    const limit = { key: 'uSubject', max: 200, windowMs: hourMs }
    for (let count = 0; count < 200; count += 1) {
      await rateLimiter.take([limit])
      present += count < 150 ? 1_000 : -1_000
    }
    // The newest is of second 150; the clock says second 100.
    const refused = { ok: false, used: [200], retryAfterMs: hourMs - 100_000 }
    expect(await rateLimiter.take([limit])).toMatchObject(refused)
    present += hourMs - 100_001
    expect((await rateLimiter.take([limit])).ok).toBe(false)
    present += 1
    expect((await rateLimiter.take([limit])).ok).toBe(true)
  })
})

describe('long logs in a script of several steps', () => {
  // Every third write of a script fails where it is the first one of its step.
  const failing = {
    right: 'local function write(record, logs, lifeMs, hasLong)\n',
    wrong: `local writes = 0
local function write(record, logs, lifeMs, hasLong)
  writes = writes + 1
  if writes % 3 == 0 and find(record.key, 'Everybody', 1, true) then error('no room') end
`,
  }
  const window = { max: 1e6, windowMs: hourMs }
  const policy: Policy = {
    limits: [
      { key: 0, ...window },
      { key: 1, ...window },
      { key: 2, ...window },
    ],
  }

  /** What is left when all charges of everybody's log but one are forgotten, and what is in the other one. */
  async function charges(client: IoRedisClient) {
    const database = redis(client, { prefix: ownName('long') })
    for (let round = 0; round < 12; round += 1) {
      const guesses = Array.from({ length: 40 }, (_, index) => {
        const person = newPerson()
        const address = index % 3 === 0 ? 'vFixed' : `vOther${index}`
        const keys = [person.key('f'), 'vEverybody', address]
        const submission = { policy, keys, digests: [opaque()] }
        return database.settle(newSubmission(person, person.challenge(), submission))
      })
      // One that has failed is tried once more by itself, where nothing fails.
      await Promise.all(guesses)
    }
    // One is left over if each of them is one.
    await database.clear(['vEverybody'], 12 * 40 - 1)
    return unitsOf(database, 'vEverybody', 'vFixed')
  }

  it('hold what was charged, whichever steps could not write', async () => {
    const { client, close } = await connectIoRedis(await redisUrl())
    try {
      expect(await charges(mistaken(client, failing))).toEqual([1, 12 * 14])
      const remembering = mistaken(client, {
        right: 'if not isDone then forgetPasts() end',
        wrong: '',
      })
      expect(await charges(mistaken(remembering, failing))).not.toEqual([1, 12 * 14])
    } finally {
      await close()
    }
  })
})
