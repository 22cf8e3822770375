import { migrate, postgres } from 'otpkit/databases/postgres'
import { schema as ddl } from 'otpkit/stores/postgres'
import { databaseConformance, testClock } from 'otpkit/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../servers/postgres'
import type { TestServer } from '../servers/server'
import { everyOperation } from './every-operation'

// A PostgreSQL with the roles and default privileges of Supabase: whatever `postgres` creates in
// `public` is granted to the roles of its HTTP API. `web_anon` is of another host, and `app` and
// `owner` are those of somebody who keeps migrations and application apart.
const host = `
  CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role BYPASSRLS;
  CREATE ROLE web_anon;
  CREATE ROLE authenticator LOGIN; GRANT anon, authenticated, service_role, web_anon TO authenticator;
  CREATE ROLE owner LOGIN CREATEROLE; CREATE ROLE app LOGIN;
  GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role, web_anon, app;
  GRANT CREATE ON SCHEMA public TO owner;
  ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public
    GRANT ALL ON TABLES TO anon, authenticated, service_role, web_anon;
  ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public
    GRANT ALL ON FUNCTIONS TO anon, authenticated, service_role, web_anon;
  ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public
    GRANT ALL ON SEQUENCES TO anon, authenticated, service_role, web_anon;`

/** What docs/sql.md tells to run for the application's role. */
const grants = `
  GRANT SELECT, INSERT, UPDATE, DELETE ON otpkit_challenges, otpkit_charges TO app;
  GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO app;
  CREATE POLICY app ON otpkit_challenges TO app USING (true);
  CREATE POLICY app ON otpkit_charges TO app USING (true);`

const strangers = ['anon', 'authenticated', 'web_anon'] as const

let server: TestServer
let admin: pg.Pool
const pools: pg.Pool[] = []

/** A pool of this role, in a database of its own. */
function poolOf(user: string, database: string): pg.Pool {
  const url = Object.assign(new URL(server.url), { username: user, pathname: `/${database}` })
  const pool = new pg.Pool({ connectionString: url.href, max: 8 })
  pool.on('error', () => {})
  pools.push(pool)
  return pool
}

async function hostedDatabase(name: string): Promise<void> {
  await admin.query(`CREATE DATABASE ${name}`)
  await poolOf('postgres', name).query(
    name === 'first' ? host : host.replace(/CREATE ROLE [^;]+;/g, ''),
  )
}

beforeAll(async () => {
  server = await startPostgres()
  admin = new pg.Pool({ connectionString: server.url, max: 1 })
  admin.on('error', () => {})
  await hostedDatabase('first')
  await hostedDatabase('second')
})
afterAll(async () => {
  await Promise.all([admin, ...pools].map((pool) => pool.end()))
  await server.stop()
})

/** Statements that a stranger could send, each of which must be refused. */
async function statementsOf(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string; count: number }>(
    `SELECT oid::regproc::text AS name, (pronargs)::integer AS count FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'otpkit%' AND prokind = 'f'`,
  )
  expect(rows.length).toBeGreaterThan(10)
  const calls = rows.map(({ name, count }) => `SELECT ${name}(${Array(count).fill('NULL').join()})`)
  const tables = ['otpkit_challenges', 'otpkit_charges'].flatMap((table) => [
    `SELECT * FROM ${table}`,
    `DELETE FROM ${table}`,
    `UPDATE ${table} SET expires_at = 0`,
    `TRUNCATE ${table}`,
    `INSERT INTO ${table} SELECT * FROM ${table}`,
    `SELECT count(expires_at) FROM ${table}`,
  ])
  return [...tables, ...calls]
}

async function expectRefused(database: string): Promise<void> {
  const pool = poolOf('authenticator', database)
  const statements = await statementsOf(pool)
  for (const role of strangers) {
    const client = await pool.connect()
    await client.query(`SET ROLE ${role}`)
    for (const statement of statements) {
      await expect(client.query(statement), `${role}: ${statement}`).rejects.toMatchObject({
        code: '42501',
      })
    }
    client.release(true)
  }
}

describe('on a host that grants all that is created to the roles of its API', () => {
  it('these may read and call nothing of what migrate creates, however often it runs', async () => {
    const owner = poolOf('owner', 'first')
    for (const _ of [1, 2]) {
      await migrate(owner)
      await expectRefused('first')
    }
    await everyOperation(postgres(owner))
  })

  it('nor of what the printed DDL creates', async () => {
    const owner = poolOf('owner', 'second')
    for (const _ of [1, 2]) {
      await owner.query(ddl({ schema: 'public' }))
      await expectRefused('second')
    }
    await everyOperation(postgres(owner))
  })

  it('another role is told that it may not, and may once it is granted what the docs say', async () => {
    const owner = poolOf('owner', 'first')
    const database = postgres(poolOf('app', 'first'))
    const calls = [() => database.get('id'), () => database.attempt('id', ['digest'])]
    for (const call of calls) {
      await expect(call()).rejects.toThrow(/^this role may not use the tables or functions/)
    }
    await owner.query(grants)
    await everyOperation(database)
    // It may go on so after the next start has migrated again.
    await migrate(owner)
    await everyOperation(database)
    await expectRefused('first')
  })

  describe('the kit passes with that role', () => {
    const clock = testClock()
    let pool: pg.Pool
    beforeAll(() => {
      pool = poolOf('app', 'first')
    })
    const cases = databaseConformance(async () => ({
      database: postgres(pool, { clock: clock.now }),
      advance: clock.advance,
    }))
    for (const { name, run } of cases) it(name, run)
  })
})
