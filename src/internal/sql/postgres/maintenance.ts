import {
  drizzle,
  type Instead,
  knex,
  kysely,
  mongo,
  mysqlClient,
  pgPromise,
  prisma,
  refuseStrangeClients,
  sequelize,
  sqliteDatabase,
  supabase,
  typeorm,
  unsafeSql,
} from '../../strange-clients'
import { isTimeLimit } from '../../within'
import { wrongOption } from '../../wrong-option'
import type { PostgresClient } from '../client'
import { expectMethods } from '../expect-methods'
import { textOf } from '../rows'
import {
  type PostgresOptions,
  postgresNames,
  type SqlOptions,
  type SqlSettings,
  type SqlTable,
  sqlSettings,
} from '../settings'
import { type PostgresQuery, postgresCalls, postgresQuery, uncached } from './query'
import { postgresSchema } from './schema'
import { instantOf, numbersOf, onlyRow } from './values'

const defaultTimeoutMs = 10_000
// Another process may be at it, and lets one after the other in.
const migrationMs = 120_000

const wrap = (rows: string) => `give { query: async (text, values) => (${rows}) }`
const strangeClients: readonly Instead[] = [
  // First of all, since the one of bun:sqlite has a query() too.
  [sqliteDatabase, 'use otpkit/databases/sqlite'],
  [typeorm, wrap('{ rows: await dataSource.query(text, values) }')],
  [
    sequelize,
    wrap('{ rows: (await sequelize.query(text, values.length ? { bind: values } : {}))[0] }'),
  ],
  [knex, wrap("await knex.raw(text.replace(/\\$\\d+/g, '?'), values)")],
  [kysely, wrap('await db.executeQuery(CompiledQuery.raw(text, values))')],
  [drizzle, 'give its $client'],
  [prisma, wrap('{ rows: await prisma.$queryRawUnsafe(text, ...values) }')],
  [pgPromise, wrap('await db.result(text, values)')],
  [unsafeSql, wrap('{ rows: await sql.unsafe(text, values) }')],
  [mysqlClient, 'use otpkit/databases/mysql'],
  [supabase, 'give a pool of pg with the connection string of the project'],
  [mongo, 'MongoDB is not supported'],
]

/** A PostgreSQL client and its settings. Throws a `TypeError` for anything else. */
export function postgresDriver(
  factory: string,
  client: PostgresClient,
  options: PostgresOptions,
): { readonly query: PostgresQuery; readonly settings: SqlSettings } {
  refuseStrangeClients(factory, 'client', client, strangeClients)
  expectMethods(factory, 'client', client, ['query'])
  const settings = sqlSettings(factory, options, '"', postgresNames)
  const { prepare = true, timeoutMs = defaultTimeoutMs } = options
  if (!isTimeLimit(timeoutMs)) {
    throw wrongOption(factory, 'timeoutMs', 'must be a number of milliseconds, 1 or more')
  }
  return { query: postgresCalls(client, { prepare, timeoutMs }), settings }
}

/** Creates what is missing. One statement, so the lock holds to the end of all of it. */
export async function migratePostgres(
  client: PostgresClient,
  options: SqlOptions,
  statementsOf: (settings: SqlSettings) => readonly string[] = postgresSchema,
): Promise<void> {
  const { query, settings } = postgresDriver('migrate', client, { ...options, prepare: false })
  // A client that is not connected, or answers in a way of its own, is found out before anything is
  // created.
  const answer = textOf(onlyRow(await query("SELECT 'otpkit'::text AS answer", [])), 'answer')
  if (answer !== 'otpkit')
    throw new Error('the client answered with another text than it was given')
  const statements = statementsOf(settings).map((statement) => `${statement};`)
  const lock = `pg_catalog.hashtextextended('${settings.name('migrate')}', 0)`
  await postgresQuery(client, { prepare: false, timeoutMs: migrationMs })(
    `DO $migrate$
BEGIN
PERFORM pg_catalog.pg_advisory_xact_lock(${lock});
${statements.join('\n')}
END
$migrate$`,
    [],
  )
}

/** Removes some expired rows and says how many. */
export async function sweepPostgres(
  query: PostgresQuery,
  settings: SqlSettings,
  table: SqlTable,
  batch: number,
): Promise<number> {
  const name = settings.name(`sweep_${table}`)
  const sweep = `SELECT answer FROM ${name}($1::text::integer, $2::text::bigint)
    ${uncached}`
  const [removed = 0] = numbersOf(
    onlyRow(await query(sweep, [String(batch), instantOf(settings)()])),
    1,
  )
  return removed
}
