import { createConnection } from 'mysql2/promise'
import { mysql } from 'otpkit/databases/mysql'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openMariadb } from '../stores/sql-databases'

type Mariadb = Awaited<ReturnType<typeof openMariadb>>

interface Connected {
  readonly client: Parameters<typeof mysql>[0]
  end(): Promise<void>
}

/** Ways to reach the server; those of a single connection end it themselves. */
const clients: Readonly<Record<string, (mariadb: Mariadb) => Promise<Connected>>> = {
  'over a pool': async ({ pool }: Mariadb) => ({ client: pool, end: async () => {} }),
  'over one connection': async ({ uri }: Mariadb) => {
    const client = await createConnection(uri)
    return { client, end: () => client.end() }
  },
}

for (const [name, connect] of Object.entries(clients)) {
  describe(`mysql on MariaDB ${name}`, () => {
    let opened: Mariadb
    let connected: Connected
    // One for all cases, which share the tables: a sweep that one of them began may end in the next.
    const clock = testClock()
    beforeAll(async () => {
      opened = await openMariadb()
      connected = await connect(opened)
    })
    afterAll(async () => {
      await connected.end()
      await opened.close()
    })

    const cases = databaseConformance(async () => ({
      database: mysql(connected.client, { clock: clock.now }),
      advance: clock.advance,
    }))
    for (const { name, run } of cases) it(name, run)
  })
}
