import {
  type IRateLimiterStoreOptions,
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterMySQL,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterSQLite,
} from 'rate-limiter-flexible'
import type { Place } from '../protocol'
import { connectPostgres, connectRedis, openSqlite } from './clients'
import { noBackend } from './contender'

/** Makes limiters of rate-limiter-flexible at a place. */
export interface Limiters {
  limiter(name: string, points: number, seconds: number): Promise<RateLimiterAbstract>
  close(): Promise<void>
}

/** A limiter with a table tells by a callback when that is made. */
type WithTable = new (
  options: IRateLimiterStoreOptions,
  ready: (error?: Error) => void,
) => RateLimiterAbstract

export async function createLimiters(place: Place): Promise<Limiters> {
  switch (place.backend) {
    case 'memory':
      return {
        limiter: async (keyPrefix, points, duration) =>
          new RateLimiterMemory({ keyPrefix, points, duration }),
        close: async () => {},
      }
    case 'redis': {
      const storeClient = await connectRedis(place.url)
      return {
        limiter: async (keyPrefix, points, duration) =>
          new RateLimiterRedis({ storeClient, useRedisPackage: true, keyPrefix, points, duration }),
        close: async () => storeClient.destroy(),
      }
    }
    case 'postgres': {
      const storeClient = await connectPostgres(place.url)
      return {
        limiter: withTable(RateLimiterPostgres, { storeClient, storeType: 'pool' }),
        close: () => storeClient.end(),
      }
    }
    case 'mariadb': {
      // It calls its client back, and would wait for promises for ever.
      const { createPool } = await import('mysql2')
      const storeClient = createPool({ uri: place.url, connectionLimit: 20 })
      const options = { storeClient, storeType: 'pool', dbName: 'otpkit' }
      return {
        limiter: withTable(RateLimiterMySQL, options),
        close: async () => storeClient.end(() => {}),
      }
    }
    case 'sqlite': {
      const storeClient = await openSqlite(place.url)
      const options = { storeClient, storeType: 'better-sqlite3' }
      return {
        limiter: withTable(RateLimiterSQLite, options),
        close: async () => void storeClient.close(),
      }
    }
    default:
      return noBackend(place)
  }
}

function withTable(
  Limiter: WithTable,
  options: Pick<IRateLimiterStoreOptions, 'storeClient'> & { storeType: string },
): Limiters['limiter'] {
  return (tableName, points, duration) =>
    new Promise((resolve, reject) => {
      const settings = { ...options, tableName, keyPrefix: tableName, points, duration }
      const limiter = new Limiter(settings, (error) => {
        if (error instanceof Error) reject(error)
        else queueMicrotask(() => resolve(limiter))
      })
    })
}
