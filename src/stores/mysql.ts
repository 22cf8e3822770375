import type { MysqlClient } from '../internal/sql/client'
import { mysqlChallenges } from '../internal/sql/mysql/challenges'
import { migrateMysql, mysqlSettings, sweepMysql } from '../internal/sql/mysql/maintenance'
import { type SchemaOptions, schemaText } from '../internal/sql/schema'
import type { SqlOptions } from '../internal/sql/settings'
import { sweepAll } from '../internal/sql/sweep-all'
import { sweepingStore } from '../internal/sql/sweeping'
import type { OtpStore } from '../store'

/**
 * Challenges in MySQL 8 or MariaDB 10.5 and later, over `mysql2/promise`. Every operation is a short
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
 * import { migrate, mysqlStore } from 'otpkit/stores/mysql'
 *
 * const pool = createPool('mysql://localhost/otp')
 * await migrate(pool)
 *
 * export const store = mysqlStore(pool)
 * ```
 */
export function mysqlStore(client: MysqlClient, options: SqlOptions = {}): OtpStore {
  const settings = mysqlSettings('mysqlStore', client, options)
  return sweepingStore(mysqlChallenges(client, settings), (rows) =>
    sweepMysql(client, settings, 'challenges', rows),
  )
}

/**
 * Creates the tables of store and rate limiter where they are missing. Any number of processes may
 * do it at once: a lock lets them in one by one.
 *
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws,
 * such as a missing right to create tables.
 */
export async function migrate(client: MysqlClient, options: SchemaOptions = {}): Promise<void> {
  await migrateMysql(client, mysqlSettings('migrate', client, options))
}

/**
 * The DDL of the tables of store and rate limiter, for your own migration tool;
 * `npx otpkit schema mysql` prints it. It may be run again over what it has created.
 *
 * @throws `TypeError` for a wrong option.
 *
 * @example
 * ```ts
 * import { schema } from 'otpkit/stores/mysql'
 *
 * console.log(schema({ schema: 'auth' }))
 * ```
 */
export function schema(options: SchemaOptions = {}): string {
  return schemaText('mysql', options)
}

/**
 * Removes all expired rows of store and rate limiter, 1,000 at a time so that no lock is held for
 * long. Both remove some by themselves with every 128 writes or so; this is for a nightly job, and
 * for tables that nobody writes to any more.
 *
 * @returns How many rows were removed.
 * @throws `TypeError` for something that is no client or a wrong option; what the client throws.
 */
export async function sweep(client: MysqlClient, options: SqlOptions = {}): Promise<number> {
  const settings = mysqlSettings('sweep', client, options)
  return sweepAll((table, rows) => sweepMysql(client, settings, table, rows))
}
