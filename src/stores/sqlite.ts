import type { SqliteDatabase } from '../internal/sql/client'
import { type SchemaOptions, schemaText } from '../internal/sql/schema'
import type { SqlOptions } from '../internal/sql/settings'
import { sqliteChallenges } from '../internal/sql/sqlite/challenges'
import { migrateSqlite, sqliteSettings, sweepSqlite } from '../internal/sql/sqlite/maintenance'
import { sweepAll } from '../internal/sql/sweep-all'
import { sweepingStore } from '../internal/sql/sweeping'
import type { OtpStore } from '../store'

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
 * import { migrate, sqliteStore } from 'otpkit/stores/sqlite'
 *
 * const database = new Database('otp.db')
 * await migrate(database)
 *
 * export const store = sqliteStore(database)
 * ```
 */
export function sqliteStore(database: SqliteDatabase, options: SqlOptions = {}): OtpStore {
  const settings = sqliteSettings('sqliteStore', database, options)
  return sweepingStore(sqliteChallenges(database, settings), (rows) =>
    sweepSqlite(database, settings, 'challenges', rows),
  )
}

/**
 * Creates the tables and indexes of store and rate limiter where they are missing. Any number of
 * processes may do it at once: the database's write lock lets them in one by one.
 *
 * @throws `TypeError` for something that is no database or a wrong option; what the database throws.
 */
export async function migrate(
  database: SqliteDatabase,
  options: SchemaOptions = {},
): Promise<void> {
  await migrateSqlite(database, sqliteSettings('migrate', database, options))
}

/**
 * The DDL of the tables and indexes of store and rate limiter, for your own migration tool;
 * `npx otpkit schema sqlite` prints it. It may be run again over what it has created.
 *
 * @throws `TypeError` for a wrong option.
 *
 * @example
 * ```ts
 * import { schema } from 'otpkit/stores/sqlite'
 *
 * console.log(schema({ prefix: 'auth_' }))
 * ```
 */
export function schema(options: SchemaOptions = {}): string {
  return schemaText('sqlite', options)
}

/**
 * Removes all expired rows of store and rate limiter, 1,000 at a time so that no lock is held for
 * long. Both remove some by themselves with every 128 writes or so; this is for a nightly job, and
 * for tables that nobody writes to any more.
 *
 * @returns How many rows were removed.
 * @throws `TypeError` for something that is no database or a wrong option; what the database throws.
 */
export async function sweep(database: SqliteDatabase, options: SqlOptions = {}): Promise<number> {
  const settings = sqliteSettings('sweep', database, options)
  return sweepAll((table, rows) => sweepSqlite(database, settings, table, rows))
}
