import { migrate } from 'otpkit/histories/postgres'
import pg from 'pg'
import { ownName, postgresUrl } from '../servers/shared'

/** A pool, and schemas of one's own in which a history can stand. */
export async function openHistories() {
  const connectionString = await postgresUrl()
  const pool = new pg.Pool({ connectionString, max: 4 })
  // A killed connection that is idle is no test failure.
  pool.on('error', () => {})
  const schemas: string[] = []
  return {
    pool,
    connectionString,
    schema: async () => {
      const schema = ownName('history')
      await pool.query(`CREATE SCHEMA "${schema}"`)
      await migrate(pool, { schema })
      schemas.push(schema)
      return schema
    },
    close: async () => {
      for (const schema of schemas) await pool.query(`DROP SCHEMA "${schema}" CASCADE`)
      await pool.end()
    },
  }
}
