import type pg from 'pg'
import type { OtpDatabase } from '../../src/database'
import { postgres } from '../../src/databases/postgres'
import type { PostgresOptions } from '../../src/internal/sql/settings'

/** The database where every step has a client of its own, so that no two of them share a query. */
export function unbatched(pool: pg.Pool, options: PostgresOptions): OtpDatabase {
  const lone = () => postgres({ query: (text, values) => pool.query(text, values) }, options)
  return {
    ...postgres(pool, options),
    begin: (beginning) => lone().begin(beginning),
    settle: (submission) => lone().settle(submission),
  }
}
