import { neon, neonConfig } from '@neondatabase/serverless'
import { Redis as UpstashRedis } from '@upstash/redis/cloudflare'
import { Redis } from 'ioredis'
import { createConnection } from 'mysql2/promise'
import { type OtpDatabase, OtpManager } from 'otpkit'
import { mysql } from 'otpkit/databases/mysql'
import { postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { capturedDelivery } from 'otpkit/testing'
import pg from 'pg'
import postgresJs from 'postgres'
import { createClient } from 'redis'

// A worker that serves each request by the `client` that it names: made for the request, or of all
// requests, with `made=once`, that of the first.

/** Where the databases are. */
interface Addresses {
  readonly POSTGRES: string
  readonly REDIS: string
  readonly MYSQL: string
  readonly NEON: string
  readonly UPSTASH: string
  readonly HYPERDRIVE: { readonly connectionString: string }
}

interface Opened {
  readonly database: OtpDatabase
  close(): unknown
}

// A silent client is given up soon, but not where the machine is busy.
const options = { timeoutMs: 6_000 }

async function openPg(connectionString: string): Promise<Opened> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  return { database: postgres(client, options), close: () => client.end() }
}

const opens: Readonly<Record<string, (env: Addresses) => Promise<Opened>>> = {
  'a Client of pg': ({ POSTGRES }) => openPg(POSTGRES),
  'a Client of pg, by Hyperdrive': ({ HYPERDRIVE }) => openPg(HYPERDRIVE.connectionString),
  'a Pool of pg': async ({ POSTGRES }) => {
    const pool = new pg.Pool({ connectionString: POSTGRES, max: 5 })
    pool.on('error', () => {})
    return { database: postgres(pool, options), close: () => pool.end() }
  },
  'postgres.js': async ({ HYPERDRIVE }) => {
    const sql = postgresJs(HYPERDRIVE.connectionString, { max: 5, fetch_types: false })
    const database = postgres(
      { query: async (text, values = []) => ({ rows: await sql.unsafe(text, values) }) },
      options,
    )
    return { database, close: () => sql.end() }
  },
  ioredis: async ({ REDIS }) => {
    const client = new Redis(REDIS)
    client.on('error', () => {})
    return { database: redis(client, options), close: () => client.disconnect() }
  },
  'node-redis': async ({ REDIS }) => {
    const client = createClient({ url: REDIS })
    client.on('error', () => {})
    await client.connect()
    return { database: redis(client, options), close: () => client.close() }
  },
  mysql2: async ({ MYSQL }) => {
    const connection = await createConnection({ uri: MYSQL, disableEval: true })
    return { database: mysql(connection), close: () => connection.end() }
  },
  'neon()': async ({ NEON }) => {
    neonConfig.fetchEndpoint = `${NEON}/sql`
    const sql = neon('postgres://user:password@host.example/otp', { fullResults: true })
    return { database: postgres(sql), close: () => {} }
  },
  '@upstash/redis': async ({ UPSTASH }) => {
    const client = new UpstashRedis({
      url: UPSTASH,
      token: 'token',
      automaticDeserialization: false,
      enableAutoPipelining: false,
    })
    return { database: redis(client), close: () => {} }
  },
}

const kept = new Map<string, Promise<Opened>>()

/** What a code of a new recipient came to: the right one after a wrong one, and then once more. */
async function exchange(database: OtpDatabase): Promise<readonly boolean[]> {
  const email = capturedDelivery({ name: 'captured', reaches: ['email'] })
  const otp = new OtpManager({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    database,
    deliveries: { email },
    purposes: ['login'],
  })
  const ip = `10.${crypto.getRandomValues(new Uint8Array(3)).join('.')}`
  const login = { to: `${crypto.randomUUID()}@example.com`, purpose: 'login', ip } as const
  await otp.send({ ...login, channel: 'email' })
  const code = email.lastCode()
  const wrong = (code.startsWith('1') ? '2' : '1') + code.slice(1)
  const answers: boolean[] = []
  for (const guess of [wrong, code, code]) {
    answers.push((await otp.verify({ ...login, code: guess })).ok)
  }
  return answers
}

function told(error: unknown): string {
  const { cause } = Object(error)
  return `${error}${cause === undefined ? '' : `: ${told(cause)}`}`
}

export default {
  async fetch(
    request: Request,
    env: Addresses,
    context: { waitUntil(work: Promise<unknown>): void },
  ): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const name = searchParams.get('client') ?? ''
    const open = opens[name]
    if (open === undefined) return new Response(`no client ${name}`, { status: 404 })
    try {
      if (searchParams.get('made') === 'once') {
        const opened = kept.get(name) ?? open(env)
        kept.set(name, opened)
        return Response.json(await exchange((await opened).database))
      }
      const { database, close } = await open(env)
      try {
        return Response.json(await exchange(database))
      } finally {
        context.waitUntil(Promise.resolve(close()))
      }
    } catch (error) {
      return Response.json(told(error))
    }
  },
}
