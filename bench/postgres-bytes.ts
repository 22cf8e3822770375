import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { migrate, postgresStore } from 'otpkit/stores/postgres'
import pg from 'pg'
import { startPostgres } from '../test/servers/postgres'
import { fill } from './fill'

// `tsx bench/postgres-bytes.ts`: what a pending challenge and its limits cost a PostgreSQL server of
// its own, by `pg_total_relation_size`, which counts the indexes too.

const sends = 100_000
const server = await startPostgres()
const pool = new pg.Pool({ connectionString: server.url })

async function bytesOf(table: string): Promise<number> {
  const { rows } = await pool.query('SELECT pg_total_relation_size($1) AS size', [table])
  return Math.round(Number(rows[0]?.size) / sends)
}

try {
  await migrate(pool)
  await fill(sends, { store: postgresStore(pool), rateLimiter: postgresRateLimiter(pool) })
  console.log(`PostgreSQL, at ${sends.toLocaleString('en')} challenges`)
  console.log(`${await bytesOf('otpkit_challenges')} bytes per pending challenge`)
  console.log(`${await bytesOf('otpkit_charges')} bytes for the limits of its message, in two rows`)
} finally {
  await pool.end()
  await server.stop()
}
