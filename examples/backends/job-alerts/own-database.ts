// For the tests beside it: a database of their own in the run's PostgreSQL.
import pg from 'pg'
import { ownName, postgresUrl } from '../../../test/servers/shared'

export type OwnDatabase = Awaited<ReturnType<typeof openOwnDatabase>>

export async function openOwnDatabase() {
  const shared = await postgresUrl()
  const name = ownName('job_alerts')
  const admin = new pg.Client({ connectionString: shared })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  const url = Object.assign(new URL(shared), { pathname: `/${name}` }).href
  return {
    url,
    /** Forgets every user. */
    empty: async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
      await client.end()
    },
    close: async () => {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}
