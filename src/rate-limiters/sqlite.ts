import type { SqliteDatabase } from '../internal/sql/client'
import type { SqlOptions } from '../internal/sql/settings'
import { sqliteCharges } from '../internal/sql/sqlite/charges'
import { sqliteSettings, sweepSqlite } from '../internal/sql/sqlite/maintenance'
import { sweepingRateLimiter } from '../internal/sql/sweeping'
import type { RateLimiter } from '../rate-limiter'

/**
 * Charges in SQLite 3.24 or later, in one row a key: better-sqlite3, libsql, or `DatabaseSync` of
 * `node:sqlite`.
 *
 * A key keeps its newest 128 units one by one, and what is older at the precision that the contract
 * asks for. A refund in that older part leaves one entry more.
 *
 * @throws `TypeError` when `database` has no `prepare` and `exec`, or an option is wrong; from
 * `take` when limits share a key but not a cost, or a cost is no whole number.
 *
 * @example
 * ```ts
 * import Database from 'libsql'
 * import { sqliteRateLimiter } from 'otpkit/rate-limiters/sqlite'
 * import { migrate } from 'otpkit/stores/sqlite'
 *
 * const database = new Database('otp.db')
 * await migrate(database)
 *
 * export const rateLimiter = sqliteRateLimiter(database)
 * ```
 */
export function sqliteRateLimiter(database: SqliteDatabase, options: SqlOptions = {}): RateLimiter {
  const settings = sqliteSettings('sqliteRateLimiter', database, options)
  return sweepingRateLimiter(sqliteCharges(database, settings), (rows) =>
    sweepSqlite(database, settings, 'charges', rows),
  )
}
