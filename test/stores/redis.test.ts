import { redisStore } from 'otpkit/stores/redis'
import { storeConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { redisKinds } from '../servers/redis-kinds'
import { ownName } from '../servers/shared'

for (const { name, connect } of redisKinds) {
  describe(`redisStore on ${name}`, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection.close())

    const cases = storeConformance(async () => {
      const clock = testClock()
      const options = { prefix: ownName('store'), clock: clock.now }
      return { store: redisStore(connection.client, options), advance: clock.advance }
    })
    for (const { name, run } of cases) it(name, run)
  })
}
