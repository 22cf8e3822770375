import { redis } from 'otpkit/databases/redis'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { connectIoRedis, connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'

for (const [name, connect] of Object.entries({ connectIoRedis, connectNodeRedis })) {
  describe(name, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect(await redisUrl())
    })
    afterAll(() => connection.close())

    const cases = databaseConformance(async () => {
      const clock = testClock()
      const options = { prefix: ownName('runtime'), clock: clock.now }
      return { database: redis(connection.client, options), advance: clock.advance }
    })
    for (const { name, run } of cases) it(name, run)
  })
}
