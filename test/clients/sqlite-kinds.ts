import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate, sqlite } from 'otpkit/databases/sqlite'
import type { ClientKind } from './kinds'

type Database = Parameters<typeof sqlite>[0] & { close(): unknown }

export function sqliteKind(name: string, create: () => Promise<Database>): ClientKind {
  return {
    name,
    open: async () => {
      const database = await create()
      await migrate(database)
      return {
        database: (clock) => sqlite(database, { clock }),
        close: async () => void database.close(),
      }
    },
  }
}

export const sqliteKinds: readonly ClientKind[] = [
  sqliteKind('better-sqlite3', async () => new BetterSqlite3(':memory:')),
  sqliteKind('drizzle-orm over better-sqlite3', async () => {
    const db = drizzle(new BetterSqlite3(':memory:'))
    return db.$client
  }),
]
