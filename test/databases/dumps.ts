import { readFile } from 'node:fs/promises'
import type { Redis } from 'ioredis'
import type { OtpDatabase, OtpPlaces } from 'otpkit'
import { mysql } from 'otpkit/databases/mysql'
import { postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { sqlite } from 'otpkit/databases/sqlite'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { redisStore } from 'otpkit/stores/redis'
import { startRedis } from '../servers/redis'
import { connectIoRedis } from '../servers/redis-clients'
import { openMariadb, openPostgres, openSqliteFile } from '../stores/sql-databases'

/** A database on a server, and all that a thief of it would hold. */
export interface DumpedDatabase {
  /** As one database, and as a store beside a limiter. */
  readonly places: readonly [{ readonly database: OtpDatabase }, OtpPlaces]
  /** Every byte of every value that is kept, as a character each. */
  dump(): Promise<string>
  close(): Promise<void>
}

/** Each kind of database, empty and of one's own. */
export const dumpedDatabases: Readonly<Record<string, () => Promise<DumpedDatabase>>> = {
  Redis: async () => {
    const server = await startRedis()
    const { client, close } = await connectIoRedis(server.url)
    return {
      places: [
        { database: redis(client) },
        { store: redisStore(client), rateLimiter: redisRateLimiter(client) },
      ],
      dump: () => dumpRedis(client),
      close: async () => {
        await close()
        await server.stop()
      },
    }
  },

  PostgreSQL: async () => {
    const opened = await openPostgres()
    const { pool, schema } = opened
    return {
      places: [
        { database: postgres(pool, { schema }) },
        { store: opened.store(), rateLimiter: opened.rateLimiter() },
      ],
      dump: async () => {
        const tables = await pool.query(
          'SELECT table_name FROM information_schema.tables WHERE table_schema = $1',
          [schema],
        )
        const texts = tables.rows.map(async ({ table_name: table }) => {
          const { rows } = await pool.query(`SELECT t::text FROM "${schema}"."${table}" t`)
          return rows.map(({ t }) => t).join('\n')
        })
        return (await Promise.all(texts)).join('\n')
      },
      close: opened.close,
    }
  },

  MariaDB: async () => {
    const opened = await openMariadb()
    return {
      places: [
        { database: mysql(opened.pool) },
        { store: opened.store(), rateLimiter: opened.rateLimiter() },
      ],
      dump: async () => {
        const tables = (await opened.query('SHOW TABLES')).flatMap((row) => Object.values(row))
        const rows = await Promise.all(
          tables.map((table) => opened.query(`SELECT * FROM \`${table}\``)),
        )
        return rows.flat().flatMap(Object.values).map(characters).join('\n')
      },
      close: opened.close,
    }
  },

  'SQLite in a file': async () => {
    const opened = await openSqliteFile()
    return {
      places: [
        { database: sqlite(opened.database) },
        { store: opened.store(), rateLimiter: opened.rateLimiter() },
      ],
      dump: async () => {
        const files = ['', '-wal'].map((end) => readFile(`${opened.path}${end}`, 'latin1'))
        return (await Promise.all(files)).join('\n')
      },
      close: opened.close,
    }
  },
}

/** How the values of each type are read in Redis. */
const readings: Readonly<Record<string, (key: string) => readonly [string, ...string[]]>> = {
  string: (key) => ['GET', key],
  hash: (key) => ['HGETALL', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  stream: (key) => ['XRANGE', key, '-', '+'],
}

async function dumpRedis(client: Redis): Promise<string> {
  const keys = await client.keys('*')
  const values = keys.map(async (key) => {
    const type = await client.type(key)
    const reading = readings[type]?.(key)
    if (reading === undefined) throw new Error(`nobody looks into a ${type}`)
    const [command, ...rest] = reading
    return [key, characters(await client.callBuffer(command, ...rest))].join(' ')
  })
  return (await Promise.all(values)).join('\n')
}

function characters(value: unknown): string {
  if (Array.isArray(value)) return value.map(characters).join(' ')
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
}
