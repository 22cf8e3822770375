import { redis } from 'otpkit/databases/redis'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { redisStore } from 'otpkit/stores/redis'
import { afterAll, beforeAll, describe } from 'vitest'
import { redisKinds } from '../servers/redis-kinds'
import { ownName } from '../servers/shared'
import { databaseKind, pairKind } from './places'
import { testPromises } from './suite'

for (const { name, connect } of redisKinds) {
  describe(name, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection.close())

    const options = (clock: () => number) => ({ clock, prefix: ownName('promises') })
    testPromises([
      databaseKind('redis', (clock) => redis(connection.client, options(clock)), 2),
      pairKind(
        'redisStore and redisRateLimiter',
        (clock) => ({
          store: redisStore(connection.client, options(clock)),
          rateLimiter: redisRateLimiter(connection.client, options(clock)),
        }),
        2,
      ),
    ])
  })
}
