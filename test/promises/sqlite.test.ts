import { sqlite } from 'otpkit/databases/sqlite'
import { afterAll, beforeAll, describe } from 'vitest'
import { openSqlite } from '../stores/sql-databases'
import { databaseKind, pairKind } from './places'
import { testPromises } from './suite'

describe('SQLite', () => {
  let opened: Awaited<ReturnType<typeof openSqlite>>
  beforeAll(async () => {
    opened = await openSqlite()
  })
  afterAll(() => opened.close())

  testPromises([
    databaseKind('sqlite', (clock) => sqlite(opened.database, { clock }), 2),
    pairKind(
      'sqliteStore and sqliteRateLimiter',
      (clock) => ({ store: opened.store({ clock }), rateLimiter: opened.rateLimiter({ clock }) }),
      2,
    ),
  ])
})
