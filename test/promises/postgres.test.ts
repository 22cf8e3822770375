import { postgres } from 'otpkit/databases/postgres'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgres } from '../stores/sql-databases'
import { databaseKind, pairKind } from './places'
import { testPromises } from './suite'

describe('PostgreSQL', () => {
  let opened: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    opened = await openPostgres()
  })
  afterAll(() => opened.close())

  testPromises([
    databaseKind('postgres', (clock) => postgres(opened.pool, { schema: opened.schema, clock }), 2),
    pairKind(
      'postgresStore and postgresRateLimiter',
      (clock) => ({ store: opened.store({ clock }), rateLimiter: opened.rateLimiter({ clock }) }),
      2,
    ),
    pairKind(
      'postgresStore and memoryRateLimiter',
      (clock) => ({ store: opened.store({ clock }), rateLimiter: memoryRateLimiter({ clock }) }),
      2,
    ),
  ])
})
