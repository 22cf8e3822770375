import type { History } from '../history'
import { postgresHistoryPlace, sweepHistory } from '../internal/history/postgres'
import { postgresHistorySchema } from '../internal/history/postgres-schema'
import { historyIn } from '../internal/history/recorder'
import {
  type HistoryOptions,
  historyOptionNames,
  historySettings,
  type RetentionOptions,
} from '../internal/history/settings'
import { knownOptions } from '../internal/known-options'
import type { PostgresClient } from '../internal/sql/client'
import { migratePostgres, postgresDriver } from '../internal/sql/postgres/maintenance'
import type { SchemaOptions } from '../internal/sql/schema'
import { type PostgresOptions, postgresNames, sqlSettings } from '../internal/sql/settings'

/** Options of `postgresHistory`. */
export type PostgresHistoryOptions = Omit<PostgresOptions, 'clock'> & HistoryOptions

/**
 * A history in PostgreSQL 12 or later, shared by all processes, in four tables that `migrate`
 * creates. Events are gathered for a tenth of a second and written behind what else is under
 * way; rows that are kept no longer are removed with later ones.
 *
 * It may have a pool of its own, so that its queries never wait for those of requests, nor these for
 * its.
 *
 * @throws `TypeError` when `client` has no `query`, or an option is wrong.
 *
 * @example
 * ```ts
 * import { migrate, postgresHistory } from 'otpkit/histories/postgres'
 * import pg from 'pg'
 *
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * pool.on('error', (error) => console.error(error.message))
 * await migrate(pool)
 *
 * export const history = postgresHistory(pool)
 * ```
 */
export function postgresHistory(
  client: PostgresClient,
  given: PostgresHistoryOptions = {},
): History {
  const options = knownOptions('postgresHistory', given, {
    ...postgresNames,
    ...historyOptionNames,
  })
  const { retention, clock, ...sending } = options
  const { query, settings } = postgresDriver('postgresHistory', client, sending)
  // There are too many of them to prepare each.
  const reads = postgresDriver('postgresHistory', client, { ...sending, prepare: false })
  const { retention: kept, now } = historySettings('postgresHistory', options)
  return historyIn(postgresHistoryPlace(query, reads.query, settings, kept), {
    now,
    retention: kept,
  })
}

/**
 * Creates the tables, indexes and functions of a history, where they are missing. Any number of
 * processes may do it at once: a lock lets them in one by one.
 *
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws,
 * such as a missing right to create tables.
 */
export async function migrate(client: PostgresClient, options: SchemaOptions = {}): Promise<void> {
  await migratePostgres(client, options, postgresHistorySchema)
}

/**
 * The DDL of the tables, indexes and functions of a history, for your own migration tool. It may be
 * run again over what it has created.
 *
 * @throws `TypeError` for a wrong option.
 *
 * @example
 * ```ts
 * import { schema } from 'otpkit/histories/postgres'
 *
 * console.log(schema({ schema: 'auth' }))
 * ```
 */
export function schema(options: SchemaOptions = {}): string {
  return postgresHistorySchema(sqlSettings('schema', options, '"'))
    .map((statement) => `${statement};\n`)
    .join('\n')
}

/** Options of `sweep`. */
export interface SweepOptions extends SchemaOptions {
  /** How long what is kept, as the history has it. */
  readonly retention?: RetentionOptions
}

/**
 * Removes all rows that are kept no longer, some at a time. A history removes some by itself with
 * every 64 batches; this is for tables that nobody writes to any more.
 *
 * @returns How many rows were removed.
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws.
 */
export async function sweep(client: PostgresClient, options: SweepOptions = {}): Promise<number> {
  const { retention = {}, ...names } = options
  const { query, settings } = postgresDriver('sweep', client, { ...names, prepare: false })
  const { retention: kept, now } = historySettings('sweep', { retention })
  let removed = 0
  for (;;) {
    const some = await sweepHistory(query, settings, kept, now())
    if (some === 0) return removed
    removed += some
  }
}
