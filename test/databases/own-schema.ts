import { migrate } from 'otpkit/databases/postgres'
import pg from 'pg'
import { ownName, postgresUrl } from '../servers/shared'

/** A migrated schema of one's own, and a pool that knows no other. */
export async function openSchema(settings: pg.PoolConfig = {}) {
  const schema = ownName('database')
  const connectionString = await postgresUrl()
  const pool = new pg.Pool({ connectionString, max: 10, ...settings })
  // A killed connection that is idle is no test failure.
  pool.on('error', () => {})
  await pool.query(`CREATE SCHEMA "${schema}"`)
  await migrate(pool, { schema })
  return {
    pool,
    schema,
    connectionString,
    close: async () => {
      await pool.query(`DROP SCHEMA "${schema}" CASCADE`)
      await pool.end()
    },
  }
}
