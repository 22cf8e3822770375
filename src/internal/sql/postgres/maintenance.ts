import type { PostgresClient } from '../client'
import { expectMethods } from '../expect-methods'
import {
  type PostgresOptions,
  type SqlOptions,
  type SqlSettings,
  type SqlTable,
  sqlSettings,
} from '../settings'
import { type PostgresQuery, postgresCalls, postgresQuery } from './query'
import { postgresSchema } from './schema'
import { instantOf, numbersOf, onlyRow } from './values'

/** A PostgreSQL client and its settings. Throws a `TypeError` for anything else. */
export function postgresDriver(
  factory: string,
  client: PostgresClient,
  options: PostgresOptions,
): { readonly query: PostgresQuery; readonly settings: SqlSettings } {
  expectMethods(factory, 'client', client, ['query'])
  const settings = sqlSettings(factory, options, '"')
  return { query: postgresCalls(client, options.prepare), settings }
}

/** Creates what is missing. One statement, so the lock holds to the end of all of it. */
export async function migratePostgres(client: PostgresClient, options: SqlOptions): Promise<void> {
  const { settings } = postgresDriver('migrate', client, options)
  const statements = postgresSchema(settings).map((statement) => `${statement};`)
  const lock = `pg_catalog.hashtextextended('${settings.name('migrate')}', 0)`
  await postgresQuery(client, false)(
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
  const sweep = `SELECT answer FROM ${name}($1::text::integer, $2::text::bigint)`
  const [removed = 0] = numbersOf(
    onlyRow(await query(sweep, [String(batch), instantOf(settings)()])),
    1,
  )
  return removed
}
