import type { MysqlClient } from '../internal/sql/client'
import { mysqlCharges } from '../internal/sql/mysql/charges'
import { mysqlSettings, sweepMysql } from '../internal/sql/mysql/maintenance'
import type { SqlOptions } from '../internal/sql/settings'
import { sweepingRateLimiter } from '../internal/sql/sweeping'
import type { RateLimiter } from '../rate-limiter'

/**
 * Charges in MySQL 8 or MariaDB 10.5 and later, over `mysql2/promise`, in one row a key. Every
 * operation is a short transaction on a connection of the pool.
 *
 * A key keeps its newest 128 units one by one, and what is older at the precision that the contract
 * asks for. A refund in that older part leaves one entry more.
 *
 * @throws `TypeError` when `client` is not a promise client of mysql2, or an option is wrong; from
 * `take` when limits share a key but not a cost, or a cost is no whole number.
 *
 * @example
 * ```ts
 * import { createPool } from 'mysql2/promise'
 * import { mysqlRateLimiter } from 'otpkit/rate-limiters/mysql'
 * import { migrate } from 'otpkit/stores/mysql'
 *
 * const pool = createPool('mysql://localhost/otp')
 * await migrate(pool)
 *
 * export const rateLimiter = mysqlRateLimiter(pool)
 * ```
 */
export function mysqlRateLimiter(client: MysqlClient, options: SqlOptions = {}): RateLimiter {
  const settings = mysqlSettings('mysqlRateLimiter', client, options)
  return sweepingRateLimiter(mysqlCharges(client, settings), (rows) =>
    sweepMysql(client, settings, 'charges', rows),
  )
}
