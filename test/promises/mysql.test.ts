import { mysql } from 'otpkit/databases/mysql'
import { afterAll, beforeAll, describe } from 'vitest'
import { openMariadb } from '../stores/sql-databases'
import { databaseKind, pairKind } from './places'
import { testPromises } from './suite'

describe('MariaDB', () => {
  let opened: Awaited<ReturnType<typeof openMariadb>>
  beforeAll(async () => {
    opened = await openMariadb()
  })
  afterAll(() => opened.close())

  testPromises([
    databaseKind('mysql', (clock) => mysql(opened.pool, { clock }), 1),
    pairKind(
      'mysqlStore and mysqlRateLimiter',
      (clock) => ({ store: opened.store({ clock }), rateLimiter: opened.rateLimiter({ clock }) }),
      1,
    ),
  ])
})
