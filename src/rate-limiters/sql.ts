import type { MysqlClient, PostgresClient, SqliteDatabase } from '../internal/sql/client'
import { mysqlSettings, postgresDriver, sqliteSettings } from '../internal/sql/drivers'
import { mysqlCharges, sweepMysql } from '../internal/sql/mysql/mysql'
import { postgresCharges, sweepPostgres } from '../internal/sql/postgres/postgres'
import type { PostgresOptions, SqlOptions } from '../internal/sql/settings'
import { sqliteCharges, sweepSqlite } from '../internal/sql/sqlite/sqlite'
import { sweepingRateLimiter } from '../internal/sql/sweeping'
import type { RateLimiter } from '../rate-limiter'

/**
 * Charges in PostgreSQL 12 or later, in one row a key. Every operation is one query: a call of a
 * function that `migrate` of `otpkit/stores/sql` installs, which holds a lock of each key from the
 * first look to the commit, and so is right on keys that do not exist yet.
 *
 * A key keeps its newest 128 units one by one, and what is older at the precision that the contract
 * asks for. A refund in that older part leaves one entry more.
 *
 * @throws `TypeError` when `client` has no `query`, or an option is wrong; from `take` when limits
 * share a key but not a cost, or a cost is no whole number.
 *
 * @example
 * ```ts
 * import { postgresRateLimiter } from 'otpkit/rate-limiters/sql'
 * import { migrate } from 'otpkit/stores/sql'
 * import pg from 'pg'
 *
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * await migrate(pool)
 *
 * export const rateLimiter = postgresRateLimiter(pool)
 * ```
 */
export function postgresRateLimiter(
  client: PostgresClient,
  options: PostgresOptions = {},
): RateLimiter {
  const { query, settings } = postgresDriver(client, options)
  return sweepingRateLimiter(postgresCharges(query, settings), (rows) =>
    sweepPostgres(query, settings, 'charges', rows),
  )
}

/**
 * Charges in MySQL 8 or MariaDB 10.5 and later, over `mysql2/promise`. Every operation is a short
 * transaction on a connection of the pool; logs are kept as `postgresRateLimiter` keeps them.
 *
 * @throws `TypeError` when `client` is not a promise client of mysql2, or an option is wrong; from
 * `take` when limits share a key but not a cost, or a cost is no whole number.
 *
 * @example
 * ```ts
 * import { createPool } from 'mysql2/promise'
 * import { mysqlRateLimiter } from 'otpkit/rate-limiters/sql'
 * import { migrate } from 'otpkit/stores/sql'
 *
 * const pool = createPool('mysql://localhost/otp')
 * await migrate(pool)
 *
 * export const rateLimiter = mysqlRateLimiter(pool)
 * ```
 */
export function mysqlRateLimiter(client: MysqlClient, options: SqlOptions = {}): RateLimiter {
  const settings = mysqlSettings(client, options)
  return sweepingRateLimiter(mysqlCharges(client, settings), (rows) =>
    sweepMysql(client, settings, 'charges', rows),
  )
}

/**
 * Charges in SQLite 3.24 or later: better-sqlite3, libsql, or `DatabaseSync` of `node:sqlite`. Logs
 * are kept as `postgresRateLimiter` keeps them.
 *
 * @throws `TypeError` when `database` has no `prepare` and `exec`, or an option is wrong; from
 * `take` when limits share a key but not a cost, or a cost is no whole number.
 *
 * @example
 * ```ts
 * import Database from 'libsql'
 * import { sqliteRateLimiter } from 'otpkit/rate-limiters/sql'
 * import { migrate } from 'otpkit/stores/sql'
 *
 * const database = new Database('otp.db')
 * await migrate(database)
 *
 * export const rateLimiter = sqliteRateLimiter(database)
 * ```
 */
export function sqliteRateLimiter(database: SqliteDatabase, options: SqlOptions = {}): RateLimiter {
  const settings = sqliteSettings(database, options)
  return sweepingRateLimiter(sqliteCharges(database, settings), (rows) =>
    sweepSqlite(database, settings, 'charges', rows),
  )
}
