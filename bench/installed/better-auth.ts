import { type BetterAuthOptions, betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { APIError } from 'better-auth/api'
import { getMigrations } from 'better-auth/db/migration'
import { phoneNumber } from 'better-auth/plugins'
import { SqliteDialect } from 'kysely'
import type { Place } from '../protocol'
import { connectMariadb, connectPostgres, connectRedis, openSqlite } from './clients'
import { type Contender, type Deliver, noBackend } from './contender'

/**
 * better-auth's `phoneNumber`, called on the server without HTTP, verifying with
 * `consumePhoneNumberOTP`: no user is looked up and no session made.
 */
export async function createBetterAuth(place: Place, deliver: Deliver): Promise<Contender> {
  const { options, close } = await open(place)
  const settings = {
    ...options,
    secret: 'what four processes of one backend have in common',
    baseURL: 'http://localhost',
    logger: { disabled: true },
    telemetry: { enabled: false },
    plugins: [phoneNumber({ sendOTP: ({ phoneNumber: to, code }) => deliver(to, code) })],
  } satisfies BetterAuthOptions
  const auth = betterAuth(settings)
  if (place.backend !== 'memory' && place.backend !== 'redis') {
    const { runMigrations } = await getMigrations(settings)
    await runMigrations()
  }
  return {
    async send(to) {
      await auth.api.sendPhoneNumberOTP({ body: { phoneNumber: to } })
      return true
    },
    async verify(to, code) {
      try {
        await auth.api.consumePhoneNumberOTP({ body: { phoneNumber: to, code } })
        return 'verified'
      } catch (error) {
        if (!(error instanceof APIError)) throw error
        return error.body?.code === 'INVALID_OTP' ? 'incorrect' : 'refused'
      }
    },
    close,
  }
}

async function open(place: Place): Promise<{ options: BetterAuthOptions; close(): Promise<void> }> {
  const tables = () => memoryAdapter({ user: [], session: [], account: [], verification: [] })
  switch (place.backend) {
    case 'memory':
      return { options: { database: tables() }, close: async () => {} }
    case 'redis': {
      const client = await connectRedis(place.url)
      const key = (name: string) => `better-auth:${name}`
      const secondaryStorage = {
        get: (name: string) => client.get(key(name)),
        getAndDelete: (name: string) => client.getDel(key(name)),
        set: (name: string, value: string, seconds = 300) =>
          client.set(key(name), value, { EX: Math.max(1, Math.floor(seconds)) }),
        delete: async (name: string) => void (await client.del(key(name))),
        increment: async (name: string, seconds: number) => {
          const count = await client.incr(key(name))
          if (count === 1) await client.expire(key(name), seconds)
          return count
        },
      }
      return {
        options: { database: tables(), secondaryStorage },
        close: async () => client.destroy(),
      }
    }
    case 'postgres': {
      const pool = await connectPostgres(place.url)
      return { options: { database: pool }, close: () => pool.end() }
    }
    case 'mariadb': {
      const pool = await connectMariadb(place.url)
      return { options: { database: pool }, close: () => pool.end() }
    }
    case 'sqlite': {
      const file = await openSqlite(place.url)
      // better-auth takes this client for something else when it looks for the dialect itself.
      const database = { dialect: new SqliteDialect({ database: file }), type: 'sqlite' } as const
      return { options: { database }, close: async () => void file.close() }
    }
    default:
      return noBackend(place)
  }
}
