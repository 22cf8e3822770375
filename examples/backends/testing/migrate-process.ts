// For tests: a process that waits for a line, then opens a database and says how it went.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type Kysely, sql } from 'kysely'
import { type DatabasePlace, openDatabase } from '../setup/database'

const [name, where = ''] = process.argv.slice(2)
const place: DatabasePlace =
  name === 'SQLite' ? { name, file: where } : { name: 'PostgreSQL', url: where }

// Long enough that processes are sure to meet in it.
const slow = sql`with recursive numbers (number) as (
  select 1 union all select number + 1 from numbers where number < 300000
) select count(*) from numbers`

const migration = (table: string) => ({
  up: async (database: Kysely<unknown>) => {
    await slow.execute(database)
    await sql`create table ${sql.table(table)} (number integer)`.execute(database)
    await sql`insert into ${sql.table(table)} values (1)`.execute(database)
  },
})

console.log('ready')
const lines = createInterface({ input: process.stdin })
await once(lines, 'line')
lines.close()
const migrations = { '0001': migration('first'), '0002': migration('second') }
const database = await openDatabase<{ second: { number: number } }>(
  place,
  'example',
  migrations,
  () => {},
)
console.log(JSON.stringify(await database.selectFrom('second').selectAll().execute()))
await database.destroy()
