import { postgres } from 'otpkit/databases/postgres'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { afterAll, beforeAll, describe } from 'vitest'
import { unbatched } from '../databases/unbatched'
import { connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'
import { openPostgres } from '../stores/sql-databases'
import { databaseKind, pairKind } from './places'
import { testPromises } from './suite'

describe('PostgreSQL', () => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  let beside: Awaited<ReturnType<typeof connectNodeRedis>>
  beforeAll(async () => {
    opened = await openPostgres()
    beside = await connectNodeRedis(await redisUrl())
  })
  afterAll(() => Promise.all([opened.close(), beside.close()]))

  testPromises([
    databaseKind('postgres', (clock) => postgres(opened.pool, { schema: opened.schema, clock }), 2),
    databaseKind(
      'postgres, every step alone',
      (clock) => unbatched(opened.pool, { schema: opened.schema, clock }),
      1,
    ),
    pairKind(
      'postgresStore and postgresRateLimiter',
      (clock) => ({ store: opened.store({ clock }), rateLimiter: opened.rateLimiter({ clock }) }),
      1,
    ),
    pairKind(
      'postgresStore and redisRateLimiter',
      (clock) => {
        const options = { prefix: ownName('promises'), clock }
        return {
          store: opened.store({ clock }),
          rateLimiter: redisRateLimiter(beside.client, options),
        }
      },
      1,
    ),
  ])
})
