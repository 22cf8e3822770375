// For tests: a database of their own.
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { ownName, postgresUrl } from '../../../test/servers/shared'

/** The address of an empty PostgreSQL database, which ends with the test. */
export async function ownPostgres(): Promise<string> {
  const shared = await postgresUrl()
  const admin = new pg.Client({ connectionString: shared })
  await admin.connect()
  const name = ownName('example')
  await admin.query(`CREATE DATABASE ${name}`)
  onTestFinished(async () => {
    // A process that was killed may not have let go of it yet.
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.end()
  })
  return Object.assign(new URL(shared), { pathname: `/${name}` }).href
}
