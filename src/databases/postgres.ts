import type { OtpDatabase } from '../database'
import type { PostgresClient } from '../internal/sql/client'
import { batchedSteps } from '../internal/sql/postgres/batched-steps'
import { postgresChallenges } from '../internal/sql/postgres/challenges'
import { postgresCharges } from '../internal/sql/postgres/charges'
import {
  migratePostgres,
  postgresDriver,
  sweepPostgres,
} from '../internal/sql/postgres/maintenance'
import type { SchemaOptions } from '../internal/sql/schema'
import type { PostgresOptions } from '../internal/sql/settings'
import { sweepingDatabase } from '../internal/sql/sweeping'

// A sweep that finds nothing costs as much as several batched calls.
const rowsBetweenSweeps = 512

/**
 * Everything in PostgreSQL 12 or later. Every operation, `begin` and `settle` too, is one query: a
 * call of a function that `migrate` installs, which holds locks of its keys to the end. Calls of
 * `begin` and `settle` that are under way at once on a client share queries.
 *
 * Serialisation failures and deadlocks, which leave nothing behind, are tried again a few times.
 * Anything else is thrown as the client throws it: after a lost connection a guess may or may not
 * have been charged. Give it a client that is not inside a transaction of yours.
 *
 * @throws `TypeError` when `client` has no `query`, or an option is wrong.
 *
 * @example
 * ```ts
 * import { OtpManager } from 'otpkit'
 * import { migrate, postgres } from 'otpkit/databases/postgres'
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 * import pg from 'pg'
 *
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * pool.on('error', (error) => console.error(error.message))
 * await migrate(pool)
 *
 * export const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   database: postgres(pool),
 *   deliveries: { email: consoleDelivery() },
 *   purposes: ['login'],
 * })
 * ```
 */
export function postgres(client: PostgresClient, options: PostgresOptions = {}): OtpDatabase {
  const { query, settings } = postgresDriver('postgres', client, options)
  const database = {
    ...postgresChallenges(query, settings),
    ...postgresCharges(query, settings),
    ...batchedSteps(client, query, settings, options),
  }
  return sweepingDatabase(
    database,
    (table, rows) => sweepPostgres(query, settings, table, rows),
    rowsBetweenSweeps,
  )
}

/**
 * Creates the tables, indexes and functions where they are missing. Any number of processes may do
 * it at once: a lock lets them in one by one. `otpkit/stores/postgres` has the DDL as text, and
 * `sweep`.
 *
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws,
 * such as a missing right to create tables.
 */
export async function migrate(client: PostgresClient, options: SchemaOptions = {}): Promise<void> {
  await migratePostgres(client, options)
}
