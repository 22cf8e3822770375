import type { OtpDatabase } from '../database'
import type { SqliteDatabase } from '../internal/sql/client'
import type { SchemaOptions } from '../internal/sql/schema'
import type { SqlOptions } from '../internal/sql/settings'
import { sqliteDatabase } from '../internal/sql/sqlite/database'
import { migrateSqlite, sqliteSettings, sweepSqlite } from '../internal/sql/sqlite/maintenance'
import { sweepingDatabase } from '../internal/sql/sweeping'

/**
 * Everything in SQLite 3.24 or later: better-sqlite3, libsql, or `DatabaseSync` of `node:sqlite`.
 * Every operation, `begin` and `settle` too, is one transaction, over within one turn of the event
 * loop. Processes may share one file; while another one writes, an operation is tried again for
 * some seconds.
 *
 * @throws `TypeError` when `database` has no `prepare` and `exec`, or an option is wrong.
 *
 * @example
 * ```ts
 * import Database from 'libsql'
 * import { OtpManager } from 'otpkit'
 * import { migrate, sqlite } from 'otpkit/databases/sqlite'
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 *
 * const database = new Database('otp.db')
 * await migrate(database)
 *
 * export const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   database: sqlite(database),
 *   deliveries: { email: consoleDelivery() },
 *   purposes: ['login'],
 * })
 * ```
 */
export function sqlite(database: SqliteDatabase, options: SqlOptions = {}): OtpDatabase {
  const settings = sqliteSettings('sqlite', database, options)
  return sweepingDatabase(sqliteDatabase(database, settings), (table, rows) =>
    sweepSqlite(database, settings, table, rows),
  )
}

/**
 * Creates the tables and indexes where they are missing. Any number of processes may do it at once:
 * the database's write lock lets them in one by one. `otpkit/stores/sqlite` has the DDL as text,
 * and `sweep`.
 *
 * @throws `TypeError` for something that is no database or a wrong option; what the database throws.
 */
export async function migrate(
  database: SqliteDatabase,
  options: SchemaOptions = {},
): Promise<void> {
  await migrateSqlite(database, sqliteSettings('migrate', database, options))
}
