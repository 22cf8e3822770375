import type { MysqlClient, PostgresClient, SqlClient, SqliteDatabase } from '../internal/sql/client'
import { driverOf, mysqlSettings, postgresDriver, sqliteSettings } from '../internal/sql/drivers'
import { mysqlChallenges, sweepMysql } from '../internal/sql/mysql/mysql'
import { postgresChallenges, sweepPostgres } from '../internal/sql/postgres/postgres'
import { type SchemaOptions, type SqlDialect, schemaText } from '../internal/sql/schema'
import type { PostgresOptions, SqlOptions } from '../internal/sql/settings'
import { sqliteChallenges, sweepSqlite } from '../internal/sql/sqlite/sqlite'
import { sweepingStore } from '../internal/sql/sweeping'
import type { OtpStore } from '../store'

const rowsPerBatch = 1_000

/**
 * Challenges in PostgreSQL 12 or later. Every operation is one query; `attempt` is decided by a
 * function that `migrate` installs, under a lock of the challenge's row.
 *
 * Serialisation failures and deadlocks, which leave nothing behind, are tried again a few times.
 * Anything else is thrown as the client throws it: after a lost connection an attempt may or may
 * not have been charged. Give the store a client that is not inside a transaction of yours.
 *
 * @throws `TypeError` when `client` has no `query`, or an option is wrong.
 *
 * @example
 * ```ts
 * import { migrate, postgresStore } from 'otpkit/stores/sql'
 * import pg from 'pg'
 *
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * await migrate(pool)
 *
 * export const store = postgresStore(pool)
 * ```
 */
export function postgresStore(client: PostgresClient, options: PostgresOptions = {}): OtpStore {
  const { query, settings } = postgresDriver(client, options)
  return sweepingStore(postgresChallenges(query, settings), (rows) =>
    sweepPostgres(query, settings, 'challenges', rows),
  )
}

/**
 * Challenges in MySQL 8 or MariaDB 10.5 and later, over `mysql2/promise`. `attempt` is a short
 * transaction on a connection of the pool; a single connection is used by one operation at a time.
 *
 * Deadlocks, which leave nothing behind, are tried again a few times. Anything else is thrown as
 * the client throws it: after a lost connection an attempt may or may not have been charged. Never
 * give the store a connection that is inside a transaction of yours: it would be committed.
 *
 * @throws `TypeError` when `client` is not a promise client of mysql2, or an option is wrong.
 *
 * @example
 * ```ts
 * import { createPool } from 'mysql2/promise'
 * import { migrate, mysqlStore } from 'otpkit/stores/sql'
 *
 * const pool = createPool('mysql://localhost/otp')
 * await migrate(pool)
 *
 * export const store = mysqlStore(pool)
 * ```
 */
export function mysqlStore(client: MysqlClient, options: SqlOptions = {}): OtpStore {
  const settings = mysqlSettings(client, options)
  return sweepingStore(mysqlChallenges(client, settings), (rows) =>
    sweepMysql(client, settings, 'challenges', rows),
  )
}

/**
 * Challenges in SQLite 3.24 or later: better-sqlite3, libsql, or `DatabaseSync` of `node:sqlite`.
 * Processes may share one file; while another one writes, an operation is tried again for some
 * seconds.
 *
 * @throws `TypeError` when `database` has no `prepare` and `exec`, or an option is wrong.
 *
 * @example
 * ```ts
 * import Database from 'libsql'
 * import { migrate, sqliteStore } from 'otpkit/stores/sql'
 *
 * const database = new Database('otp.db')
 * await migrate(database)
 *
 * export const store = sqliteStore(database)
 * ```
 */
export function sqliteStore(database: SqliteDatabase, options: SqlOptions = {}): OtpStore {
  const settings = sqliteSettings(database, options)
  return sweepingStore(sqliteChallenges(database, settings), (rows) =>
    sweepSqlite(database, settings, 'challenges', rows),
  )
}

/**
 * The DDL of the tables, indexes and functions of store and rate limiter, for your own migration
 * tool; `npx otpkit schema postgres` prints it. It may be run again over what it has created.
 *
 * @throws `TypeError` for an unknown dialect or a wrong option.
 *
 * @example
 * ```ts
 * import { schema } from 'otpkit/stores/sql'
 *
 * console.log(schema('postgres', { schema: 'auth' }))
 * ```
 */
export function schema(dialect: SqlDialect, options: SchemaOptions = {}): string {
  return schemaText(dialect, options)
}

/**
 * Creates the tables, indexes and functions of store and rate limiter, where they are missing. Any
 * number of processes may do it at once: a lock lets them in one by one.
 *
 * @param client - Tells by its methods which database it is.
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws,
 * such as a missing right to create tables.
 */
export async function migrate(client: SqlClient, options: SchemaOptions = {}): Promise<void> {
  await driverOf(client, options).migrate()
}

/**
 * Removes all expired rows of store and rate limiter, 1,000 at a time so that no lock is held for
 * long. Both remove some by themselves with every 128 writes or so; this is for a nightly job, and
 * for tables that nobody writes to any more.
 *
 * @param client - Tells by its methods which database it is.
 * @returns How many rows were removed.
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws.
 */
export async function sweep(client: SqlClient, options: SqlOptions = {}): Promise<number> {
  const driver = driverOf(client, options)
  let total = 0
  for (const table of ['challenges', 'charges'] as const) {
    let removed = rowsPerBatch
    while (removed === rowsPerBatch) {
      removed = await driver.sweep(table, rowsPerBatch)
      total += removed
    }
  }
  return total
}
