import type { RateLimiter } from 'otpkit'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { rateLimiterConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { incrementThenExpire } from '../broken/redis-handmade'
import { brokenRateLimiterScripts, expiryCheck, mistaken } from '../broken/redis-scripts'
import { connectIoRedis } from '../servers/redis-clients'
import { expectExpiries } from '../servers/redis-keys'
import { ownName, redisUrl } from '../servers/shared'
import { startTcpProxy } from '../servers/tcp-proxy'

const limit = { key: 'mSomebody', max: 5, windowMs: 60_000 }

interface Options {
  readonly prefix: string
  readonly clock: () => number
}

describe('broken Redis rate limiters', () => {
  let url: string
  let connection: Awaited<ReturnType<typeof connectIoRedis>>
  beforeAll(async () => {
    url = await redisUrl()
    connection = await connectIoRedis(url)
  })
  afterAll(() => connection.close())

  /** What this case says of the limiter. */
  async function failure(name: string, create: (options: Options) => RateLimiter): Promise<string> {
    const clock = testClock()
    const prefix = ownName('limiter')
    const rateLimiter = create({ prefix, clock: clock.now })
    const cases = rateLimiterConformance(async () => ({ rateLimiter, advance: clock.advance }))
    const expiry = async () => {
      await rateLimiter.take([limit])
      await expectExpiries([url], prefix)
    }
    const found = name === expiryCheck ? { run: expiry } : cases.find((one) => one.name === name)
    if (found === undefined) return 'there is no such case'
    return found.run().then(() => 'it passes', String)
  }

  it.each(brokenRateLimiterScripts)('finds out: $name', async (broken) => {
    const { failedBy, saying } = broken
    expect(
      await failure(failedBy, (options) => redisRateLimiter(connection.client, options)),
      'the sound limiter',
    ).toBe('it passes')
    const client = mistaken(connection.client, broken)
    expect(await failure(failedBy, (options) => redisRateLimiter(client, options))).toMatch(saying)
  })

  // The sound limiter stands the same cut in redis-faults.test.ts.
  it(`finds out: INCR, then EXPIRE in another call, by ${expiryCheck}`, async () => {
    const proxy = await startTcpProxy(Number(new URL(await redisUrl()).port))
    const { client, close } = await connectIoRedis(`redis://127.0.0.1:${proxy.port}`, {
      maxRetriesPerRequest: 0,
    })
    const prefix = ownName('limiter')
    const struck = proxy.cut('before the request', 1)
    await expect(incrementThenExpire(client, prefix).take([limit])).rejects.toThrow()
    await struck
    await expect(expectExpiries([url], prefix)).rejects.toThrow(/keys without a time to live/)
    await close()
    await proxy.stop()
  })

  it('finds out: INCR counts fixed windows and charges what it refuses', async () => {
    for (const failedBy of [
      'S39 no burst across the border of two windows, wherever the border is',
      'when one limit refuses, none is charged',
    ]) {
      const create = ({ prefix }: Options) => incrementThenExpire(connection.client, prefix)
      expect(await failure(failedBy, create)).not.toMatch(/it passes|no such case/)
    }
  })
})
