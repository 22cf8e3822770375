import { migrate, sqlite } from 'otpkit/databases/sqlite'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openSqlite, openSqliteFile } from '../stores/sql-databases'

type Client = Parameters<typeof sqlite>[0]

interface Opened {
  readonly database: Client
  close(): Promise<void>
}

const openers: Readonly<Record<string, () => Promise<Opened>>> = {
  'of libsql in memory': () => openSqlite(),
  'of libsql in a file': openSqliteFile,
  // Node 20 has none.
  ...(process.getBuiltinModule('node:sqlite') === undefined
    ? {}
    : { 'of node:sqlite': openNodeSqlite }),
}

async function openNodeSqlite(): Promise<Opened> {
  const { DatabaseSync } = Object(process.getBuiltinModule('node:sqlite'))
  const database: Client & { close(): void } = new DatabaseSync(':memory:')
  await migrate(database)
  return { database, close: async () => database.close() }
}

for (const [name, open] of Object.entries(openers)) {
  describe(`sqlite over a database ${name}`, () => {
    let opened: Opened
    // One for all cases, which share the tables: a sweep that one of them began may end in the next.
    const clock = testClock()
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    const cases = databaseConformance(async () => ({
      database: sqlite(opened.database, { clock: clock.now }),
      advance: clock.advance,
    }))
    for (const { name, run } of cases) it(name, run)
  })
}
