import { redis } from '../../src/databases/redis'
import type { RedisClient } from '../../src/internal/redis/client'
import { redisRateLimiter } from '../../src/rate-limiters/redis'
import { redisStore } from '../../src/stores/redis'
import { chargeAttemptRefund } from '../broken/charge-attempt-refund'
import { getCompareDelete, getThenIncrement } from '../broken/redis-handmade'
import {
  connectIoRedis,
  connectIoRedisCluster,
  connectNodeRedis,
  connectNodeRedisCluster,
} from '../servers/redis-clients'
import type { OpenSubject, Subject } from './history'

export const nodeRedis: OpenSubject = async (url, space) => {
  const connection = await connectNodeRedis(url)
  const admin = await connectNodeRedis(url)
  return {
    ...adapters(connection, space),
    cut: async () => {
      const id = await connection.client.sendCommand(['CLIENT', 'ID'])
      await admin.client.sendCommand(['CLIENT', 'KILL', 'ID', String(id)])
    },
    close: async () => {
      await Promise.all([connection.close(), admin.close()])
    },
  }
}

/** Adapters as they should be, put together as they should not. */
export const chargingFirst: OpenSubject = async (url, space) => {
  const subject = adapters(await connectNodeRedis(url), space)
  return { ...subject, database: chargeAttemptRefund(subject.store, subject.rateLimiter) }
}

export const ioredis: OpenSubject = async (url, space) => adapters(await connectIoRedis(url), space)

export const nodeRedisCluster: OpenSubject = async (urls, space) =>
  adapters(await connectNodeRedisCluster(urls.split(',')), space)

export const ioredisCluster: OpenSubject = async (urls, space) =>
  adapters(await connectIoRedisCluster(urls.split(',')), space)

/** Both of them broken: what people write by hand. */
export const handmade: OpenSubject = async (url, space) => {
  const { client, close } = await connectIoRedis(url)
  const sound = adapters({ client, close }, space)
  return {
    ...sound,
    store: getCompareDelete(sound.store),
    rateLimiter: getThenIncrement(client, space),
  }
}

interface Connection {
  readonly client: RedisClient
  close(): Promise<void>
}

function adapters({ client, close }: Connection, prefix: string): Subject {
  return {
    store: redisStore(client, { prefix }),
    rateLimiter: redisRateLimiter(client, { prefix }),
    database: redis(client, { prefix }),
    close,
  }
}
