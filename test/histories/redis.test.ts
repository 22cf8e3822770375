import { redisHistory } from 'otpkit/histories/redis'
import { historyConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { redisKinds } from '../servers/redis-kinds'
import { ownName } from '../servers/shared'

for (const { name, connect } of redisKinds) {
  describe(`redisHistory on ${name}`, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection.close())

    const cases = historyConformance(async () => {
      // Keys end by the server's clock.
      const { now } = testClock(Date.now())
      const options = { prefix: ownName('history'), clock: now }
      const open = () => redisHistory(connection.client, options)
      return { history: open(), other: open(), now }
    })
    for (const { name, run } of cases) it(name, run)
  })
}
