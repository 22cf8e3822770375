import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { rateLimiterConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { redisKinds } from '../servers/redis-kinds'
import { ownName } from '../servers/shared'

for (const { name, connect } of redisKinds) {
  describe(`redisRateLimiter on ${name}`, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection.close())

    const cases = rateLimiterConformance(async () => {
      const clock = testClock()
      const options = { prefix: ownName('limiter'), clock: clock.now }
      return { rateLimiter: redisRateLimiter(connection.client, options), advance: clock.advance }
    })
    for (const { name, run } of cases) it(name, run)
  })
}
