import { redis } from 'otpkit/databases/redis'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { redisKinds } from '../servers/redis-kinds'
import { ownName } from '../servers/shared'

for (const { name, connect } of redisKinds) {
  describe(`redis on ${name}`, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection.close())

    const cases = databaseConformance(async () => {
      const clock = testClock()
      const options = { prefix: ownName('database'), clock: clock.now }
      return { database: redis(connection.client, options), advance: clock.advance }
    })
    for (const { name, run } of cases) it(name, run)
  })
}
