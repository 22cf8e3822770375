import { migrate, postgres } from 'otpkit/databases/postgres'
import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { postgresStore } from 'otpkit/stores/postgres'
import pg from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { startPostgres } from '../test/servers/postgres'
import type { Codes, CreateConsumer } from './by-hand'
import { counted } from './counted'
import type { Floor } from './floor'
import { compare } from './report'

// `tsx bench/postgres.ts [milliseconds]`: sends and verifications on a PostgreSQL server of its own,
// beside the least that the same pool could do and what people write by hand. Every commit waits
// for the disk, and for so many milliseconds more.

async function floorIn(pool: pg.Pool): Promise<Floor> {
  await pool.query('CREATE TABLE floor (key text PRIMARY KEY, code text, expires_at bigint)')
  await pool.query('CREATE TABLE counts (key text PRIMARY KEY, units bigint)')
  const statement =
    (name: string, text: string) =>
    async (...values: (string | number)[]) => {
      const { rowCount } = await pool.query({ name, text, values })
      if (rowCount !== 1) throw new Error(`${name} found no row`)
    }
  const put = statement(
    'floor-put',
    `INSERT INTO floor VALUES ($1, $2, $3)
    ON CONFLICT (key) DO UPDATE SET code = excluded.code, expires_at = excluded.expires_at`,
  )
  const get = statement('floor-get', 'SELECT max(code) FROM floor WHERE key = $1')
  const attempt = statement(
    'floor-attempt',
    'DELETE FROM floor WHERE key = $1 AND code = $2 AND expires_at > $3',
  )
  const take = statement(
    'floor-take',
    'INSERT INTO counts VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET units = counts.units + 1',
  )
  const refund = statement('floor-refund', 'UPDATE counts SET units = units - 1 WHERE key = $1')
  return {
    put: (to) => put(to, '123456', Date.now() + 300_000),
    get: (to) => get(to),
    attempt: (to) => attempt(to, '123456', Date.now()),
    take: (to) => take(to),
    refund: (to) => refund(to),
  }
}

async function codesIn(pool: pg.Pool): Promise<Codes> {
  await pool.query(
    `CREATE TABLE codes (email text PRIMARY KEY, code text NOT NULL, attempts integer NOT NULL,
      expires_at timestamptz NOT NULL)`,
  )
  return {
    save: (to, code) =>
      pool.query(
        `INSERT INTO codes VALUES ($1, $2, 0, now() + interval '5 minutes')
        ON CONFLICT (email) DO UPDATE SET code = excluded.code, attempts = 0,
          expires_at = excluded.expires_at`,
        [to, code],
      ),
    use: async (to, code) => {
      const found = await pool.query('SELECT * FROM codes WHERE email = $1', [to])
      const row = found.rows[0]
      if (row === undefined || row.attempts >= 3 || row.expires_at < new Date()) return false
      await pool.query('UPDATE codes SET attempts = attempts + 1 WHERE email = $1', [to])
      if (row.code !== code) return false
      await pool.query('DELETE FROM codes WHERE email = $1', [to])
      return true
    },
  }
}

const delayMs = Number(process.argv[2] ?? 0)
// The tests' server never waits for the disk, which any other one does.
const settings = ['fsync=on', `commit_delay=${delayMs * 1000}`, 'commit_siblings=0']
const server = await startPostgres({ args: settings.flatMap((setting) => ['-c', setting]) })
const connections = new pg.Pool({ connectionString: server.url })
const { client: pool, count } = counted(connections, ['query'])
const createConsumer: CreateConsumer = (name, points, duration) =>
  new Promise((resolve, reject) => {
    const options = { storeClient: pool, storeType: 'pool', tableName: name, points, duration }
    const limiter = new RateLimiterPostgres(options, (error) =>
      error === undefined ? resolve(limiter) : reject(error),
    )
  })
try {
  await migrate(pool)
  await compare({
    server: `PostgreSQL, 10 connections of pg, commits ${delayMs} ms longer`,
    database: postgres(pool),
    store: postgresStore(pool),
    rateLimiter: postgresRateLimiter(pool),
    floor: await floorIn(pool),
    createConsumer,
    codes: await codesIn(pool),
    count,
  })
} finally {
  await connections.end()
  await server.stop()
}
