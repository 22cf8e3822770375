import { PGlite } from '@electric-sql/pglite'
import { Pool as NeonPool, neon, neonConfig } from '@neondatabase/serverless'
import { drizzle } from 'drizzle-orm/node-postgres'
import { drizzle as drizzleOfPostgresJs } from 'drizzle-orm/postgres-js'
import knex from 'knex'
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely'
import { migrate, postgres } from 'otpkit/databases/postgres'
import pg from 'pg'
import postgresJs from 'postgres'
import { Sequelize } from 'sequelize'
import { DataSource } from 'typeorm'
import { WebSocket } from 'ws'
import { ownName, postgresUrl } from '../servers/shared'
import type { ClientKind } from './kinds'
import { relayNeonHttp, relayNeonSocket } from './relays'

type Client = Parameters<typeof postgres>[0]

interface Connected {
  readonly client: Client
  close(): Promise<unknown>
}

/** A client of the run's PostgreSQL, in a schema of its own that the client has migrated. */
function kind(name: string, connect: (url: string) => Promise<Connected>): ClientKind {
  return {
    name,
    open: async () => {
      const url = await postgresUrl()
      const schema = ownName('client')
      const admin = new pg.Client({ connectionString: url })
      await admin.connect()
      await admin.query(`CREATE SCHEMA "${schema}"`)
      const { client, close } = await connect(url)
      await migrate(client, { schema })
      return {
        database: (clock) => postgres(client, { schema, clock }),
        close: async () => {
          await close()
          await admin.query(`DROP SCHEMA "${schema}" CASCADE`)
          await admin.end()
        },
      }
    },
  }
}

function pool(connectionString: string): pg.Pool {
  const made = new pg.Pool({ connectionString, max: 10 })
  made.on('error', () => {})
  return made
}

/** Every client of PostgreSQL, each handed in as docs/hosting.md says. */
export const postgresKinds: readonly ClientKind[] = [
  kind('postgres (postgres.js)', async (url) => {
    const sql = postgresJs(url, { onnotice: () => {} })
    const client: Client = {
      query: async (text, values = []) => ({ rows: await sql.unsafe(text, values) }),
    }
    return { client, close: () => sql.end() }
  }),
  kind('postgres (postgres.js), prepared', async (url) => {
    const sql = postgresJs(url, { onnotice: () => {} })
    const client: Client = {
      query: async (text, values = []) => ({
        rows: await sql.unsafe(text, values, { prepare: true }),
      }),
    }
    return { client, close: () => sql.end() }
  }),
  {
    name: '@electric-sql/pglite',
    open: async () => {
      const client = new PGlite()
      await migrate(client)
      return { database: (clock) => postgres(client, { clock }), close: () => client.close() }
    },
  },
  kind('kysely', async (url) => {
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pool(url) }) })
    const client: Client = {
      query: (text, values = []) => db.executeQuery(CompiledQuery.raw(text, values)),
    }
    return { client, close: () => db.destroy() }
  }),
  kind('drizzle-orm over pg', async (url) => {
    const db = drizzle(pool(url))
    return { client: db.$client, close: () => db.$client.end() }
  }),
  kind('drizzle-orm over postgres.js', async (url) => {
    const db = drizzleOfPostgresJs(postgresJs(url, { onnotice: () => {} }))
    const client: Client = {
      query: async (text, values = []) => ({ rows: await db.$client.unsafe(text, values) }),
    }
    return { client, close: () => db.$client.end() }
  }),
  kind('typeorm', async (url) => {
    const dataSource = await new DataSource({ type: 'postgres', url }).initialize()
    const client: Client = {
      query: async (text, values) => ({ rows: await dataSource.query(text, values) }),
    }
    return { client, close: () => dataSource.destroy() }
  }),
  kind('knex', async (url) => {
    const db = knex({ client: 'pg', connection: url, pool: { min: 0, max: 10 } })
    const client: Client = {
      query: async (text, values = []) => db.raw(text.replace(/\$\d+/g, '?'), values),
    }
    return { client, close: () => db.destroy() }
  }),
  kind('sequelize', async (url) => {
    const sequelize = new Sequelize(url, { logging: false, pool: { max: 10 } })
    const client: Client = {
      query: async (text, bind = []) => {
        const [rows] = await sequelize.query(text, bind.length > 0 ? { bind } : {})
        return { rows: Array.isArray(rows) ? rows.map((row) => Object(row)) : [] }
      },
    }
    return { client, close: () => sequelize.close() }
  }),
  kind('@neondatabase/serverless, neon()', async (url) => {
    const relay = await relayNeonHttp(url)
    neonConfig.fetchEndpoint = `${relay.url}/sql`
    const client = neon('postgres://user:password@host.example/otp', { fullResults: true })
    return { client, close: () => relay.close() }
  }),
  kind('@neondatabase/serverless, Pool', async (url) => {
    const relay = await relayNeonSocket(url)
    neonConfig.webSocketConstructor = WebSocket
    neonConfig.wsProxy = relay.url
    neonConfig.useSecureWebSocket = false
    neonConfig.pipelineConnect = false
    const client = new NeonPool({ connectionString: url, max: 10 })
    client.on('error', () => {})
    return {
      client,
      close: async () => {
        await client.end()
        await relay.close()
      },
    }
  }),
]
