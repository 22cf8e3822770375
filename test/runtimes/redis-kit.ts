import { redis } from 'otpkit/databases/redis'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { connectIoRedis, connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'

// In workerd a socket that once had a time limit makes a timer with each answer, and a request may
// have 10,000 of them.
const connectWithoutLimit = (url: string) =>
  connectNodeRedis(url, { commandOptions: { timeout: 0 }, socket: { connectTimeout: 0 } })

for (const [name, connect] of Object.entries({ connectIoRedis, connectWithoutLimit })) {
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
