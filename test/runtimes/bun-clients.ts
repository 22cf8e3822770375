import { postgres } from '../../src/databases/postgres'
import { migrate, sqlite } from '../../src/databases/sqlite'
import { databaseConformance, testClock } from '../../src/testing'

// Run by Bun: the kit over the two clients that no other runtime has. Prints what came of it.

const [connectionString = '', schema = ''] = process.argv.slice(2)
const clock = testClock()

async function kit(database: Parameters<typeof databaseConformance>[0]) {
  const cases = databaseConformance(database)
  const failed: string[] = []
  for (const { name, run } of cases) {
    await run().catch((error: unknown) => failed.push(`${name}: ${error}`))
  }
  return { cases: cases.length, failed }
}

async function overBunSqlite() {
  const name: string = 'bun:sqlite'
  const { Database } = Object(await import(name))
  const client = new Database(':memory:')
  await migrate(client)
  return kit(async () => ({
    database: sqlite(client, { clock: clock.now }),
    advance: clock.advance,
  }))
}

async function overBunSql() {
  const { SQL } = Object(Reflect.get(globalThis, 'Bun'))
  const sql = new SQL(connectionString, { max: 5 })
  const client = {
    query: async (text: string, values: readonly unknown[] = []) => ({
      rows: await sql.unsafe(text, values),
    }),
  }
  const outcome = await kit(async () => ({
    database: postgres(client, { schema, clock: clock.now }),
    advance: clock.advance,
  }))
  await sql.close()
  return outcome
}

console.log(JSON.stringify({ 'bun:sqlite': await overBunSqlite(), 'Bun.SQL': await overBunSql() }))
