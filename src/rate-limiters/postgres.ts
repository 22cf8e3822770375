import type { PostgresClient } from '../internal/sql/client'
import { postgresCharges } from '../internal/sql/postgres/charges'
import { postgresDriver, sweepPostgres } from '../internal/sql/postgres/maintenance'
import type { PostgresOptions } from '../internal/sql/settings'
import { sweepingRateLimiter } from '../internal/sql/sweeping'
import type { RateLimiter } from '../rate-limiter'

/**
 * Charges in PostgreSQL 12 or later, in one row a key. Every operation is one query: a call of a
 * function that `migrate` of `otpkit/stores/postgres` installs, which holds a lock of each key from
 * the first look to the commit, and so is right on keys that do not exist yet.
 *
 * A key keeps its newest 128 units one by one, and what is older at the precision that the contract
 * asks for. A refund in that older part leaves one entry more.
 *
 * @throws `TypeError` when `client` has no `query`, or an option is wrong; from `take` when limits
 * share a key but not a cost, or a cost is no whole number.
 *
 * @example
 * ```ts
 * import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
 * import { migrate } from 'otpkit/stores/postgres'
 * import pg from 'pg'
 *
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
 * pool.on('error', (error) => console.error(error.message))
 * await migrate(pool)
 *
 * export const rateLimiter = postgresRateLimiter(pool)
 * ```
 */
export function postgresRateLimiter(
  client: PostgresClient,
  options: PostgresOptions = {},
): RateLimiter {
  const { query, settings } = postgresDriver('postgresRateLimiter', client, options)
  return sweepingRateLimiter(postgresCharges(query, settings), (rows) =>
    sweepPostgres(query, settings, 'charges', rows),
  )
}
