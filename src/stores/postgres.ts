import type { PostgresClient } from '../internal/sql/client'
import { postgresChallenges } from '../internal/sql/postgres/challenges'
import {
  migratePostgres,
  postgresDriver,
  sweepPostgres,
} from '../internal/sql/postgres/maintenance'
import { type SchemaOptions, schemaText } from '../internal/sql/schema'
import type { PostgresOptions, SqlOptions } from '../internal/sql/settings'
import { sweepAll } from '../internal/sql/sweep-all'
import { sweepingStore } from '../internal/sql/sweeping'
import type { OtpStore } from '../store'

/**
 * Challenges in PostgreSQL 12 or later. Every operation is one query: a call of a function that
 * `migrate` installs. `attempt` is decided under a lock of the challenge's row.
 *
 * Serialisation failures and deadlocks, which leave nothing behind, are tried again a few times.
 * Anything else is thrown as the client throws it: after a lost connection an attempt may or may
 * not have been charged. Give the store a client that is not inside a transaction of yours.
 *
 * @throws `TypeError` when `client` has no `query`, or an option is wrong.
 *
 * @example
 * ```ts
 * import { migrate, postgresStore } from 'otpkit/stores/postgres'
 * import pg from 'pg'
 *
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * pool.on('error', (error) => console.error(error.message))
 * await migrate(pool)
 *
 * export const store = postgresStore(pool)
 * ```
 */
export function postgresStore(client: PostgresClient, options: PostgresOptions = {}): OtpStore {
  const { query, settings } = postgresDriver('postgresStore', client, options)
  return sweepingStore(postgresChallenges(query, settings), (rows) =>
    sweepPostgres(query, settings, 'challenges', rows),
  )
}

/**
 * Creates the tables, indexes and functions of store and rate limiter, where they are missing. Any
 * number of processes may do it at once: a lock lets them in one by one.
 *
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws,
 * such as a missing right to create tables.
 */
export async function migrate(client: PostgresClient, options: SchemaOptions = {}): Promise<void> {
  await migratePostgres(client, options)
}

/**
 * The DDL of the tables, indexes and functions of store and rate limiter, for your own migration
 * tool; `npx otpkit schema postgres` prints it. It may be run again over what it has created.
 *
 * @throws `TypeError` for a wrong option.
 *
 * @example
 * ```ts
 * import { schema } from 'otpkit/stores/postgres'
 *
 * console.log(schema({ schema: 'auth' }))
 * ```
 */
export function schema(options: SchemaOptions = {}): string {
  return schemaText('postgres', options)
}

/**
 * Removes all expired rows of store and rate limiter, 1,000 at a time so that no lock is held for
 * long. Both remove some by themselves with every 128 writes or so; this is for a nightly job, and
 * for tables that nobody writes to any more.
 *
 * @returns How many rows were removed.
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws.
 */
export async function sweep(client: PostgresClient, options: SqlOptions = {}): Promise<number> {
  // Said once and then no more, so not worth preparing.
  const { query, settings } = postgresDriver('sweep', client, { ...options, prepare: false })
  return sweepAll((table, rows) => sweepPostgres(query, settings, table, rows))
}
