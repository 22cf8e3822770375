import { mysql } from 'otpkit/databases/mysql'
import { postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { sqlite } from 'otpkit/databases/sqlite'
import { describe, expect, it } from 'vitest'
import { openSchema } from '../databases/own-schema'
import { connectIoRedis, connectIoRedisCluster, connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisClusterUrls, redisUrl } from '../servers/shared'
import { openMariadb, openSqlite } from '../stores/sql-databases'
import { storm } from './storm/storm'
import type { OpenDatabase } from './storm/world'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 31)
// Seconds for which storms are tried on each database; otherwise it is one.
const longMs = 1_000 * Number(process.env.OTPKIT_STORM ?? 0)

interface Opened {
  readonly open: OpenDatabase
  close(): Promise<void>
}

async function overRedis(
  connecting: ReturnType<
    typeof connectIoRedis | typeof connectNodeRedis | typeof connectIoRedisCluster
  >,
): Promise<Opened> {
  const { client, close } = await connecting
  const prefix = ownName('storm')
  return { open: (clock) => redis(client, { prefix, clock }), close }
}

async function overPostgres(settings: Parameters<typeof openSchema>[0] = {}): Promise<Opened> {
  const { pool, schema, close } = await openSchema(settings)
  return { open: (clock) => postgres(pool, { schema, clock }), close }
}

const databases: Readonly<Record<string, () => Promise<Opened>>> = {
  'Redis over ioredis': async () => overRedis(connectIoRedis(await redisUrl())),
  'Redis over node-redis': async () => overRedis(connectNodeRedis(await redisUrl())),
  'a cluster of Redis': async () => overRedis(connectIoRedisCluster(await redisClusterUrls())),
  'PostgreSQL over a pool': () => overPostgres(),
  'PostgreSQL over one connection': () => overPostgres({ max: 1 }),
  MariaDB: async () => {
    const { pool, close } = await openMariadb()
    return { open: (clock) => mysql(pool, { clock }), close }
  },
  SQLite: async () => {
    const { database, close } = await openSqlite()
    return { open: (clock) => sqlite(database, { clock }), close }
  },
}

describe(`a storm over a database (OTPKIT_SEED=${seed})`, () => {
  it.each(Object.entries(databases))(
    'leaves money, counts and codes as the provider says, on %s',
    async (_, connect) => {
      const { open, close } = await connect()
      try {
        const until = Date.now() + longMs
        let count = 0
        do {
          const one = seed + 1_000 * count
          const { carried } = await storm(one, undefined, open).catch((cause: unknown) => {
            const text = cause instanceof Error ? cause.message : String(cause)
            throw new Error(`seed ${one}: ${text}`, { cause })
          })
          expect(carried, 'messages').toBeGreaterThan(0)
          count += 1
        } while (Date.now() < until)
      } finally {
        await close()
      }
    },
    longMs + 300_000,
  )
})
