import type { OtpDatabase } from '../database'
import type { MysqlClient } from '../internal/sql/client'
import { mysqlDatabase } from '../internal/sql/mysql/database'
import { migrateMysql, mysqlSettings, sweepMysql } from '../internal/sql/mysql/maintenance'
import type { SchemaOptions } from '../internal/sql/schema'
import type { SqlOptions } from '../internal/sql/settings'
import { sweepingDatabase } from '../internal/sql/sweeping'

/**
 * Everything in MySQL 8 or MariaDB 10.5 and later, over `mysql2/promise`. Every operation, `begin`
 * and `settle` too, is one short transaction on a connection of the pool; a single connection is
 * used by one operation at a time.
 *
 * Deadlocks, which leave nothing behind, are tried again a few times. Anything else is thrown as
 * the client throws it: after a connection that was lost in the commit, a guess may have been
 * charged or have verified. Never give it a connection that is inside a transaction of yours: it
 * would be committed.
 *
 * @throws `TypeError` when `client` is not a promise client of mysql2, or an option is wrong.
 *
 * @example
 * ```ts
 * import { createPool } from 'mysql2/promise'
 * import { OtpManager } from 'otpkit'
 * import { migrate, mysql } from 'otpkit/databases/mysql'
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 *
 * const pool = createPool('mysql://localhost/otp')
 * await migrate(pool)
 *
 * export const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   database: mysql(pool),
 *   deliveries: { email: consoleDelivery() },
 *   purposes: ['login'],
 * })
 * ```
 */
export function mysql(client: MysqlClient, options: SqlOptions = {}): OtpDatabase {
  const settings = mysqlSettings('mysql', client, options)
  return sweepingDatabase(mysqlDatabase(client, settings), (table, rows) =>
    sweepMysql(client, settings, table, rows),
  )
}

/**
 * Creates the tables where they are missing. Any number of processes may do it at once: a lock lets
 * them in one by one. `otpkit/stores/mysql` has the DDL as text, and `sweep`.
 *
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws,
 * such as a missing right to create tables.
 */
export async function migrate(client: MysqlClient, options: SchemaOptions = {}): Promise<void> {
  await migrateMysql(client, mysqlSettings('migrate', client, options))
}
