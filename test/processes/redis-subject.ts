import type { RedisClient } from '../../src/internal/redis/client'
import { redisRateLimiter } from '../../src/rate-limiters/redis'
import { redisStore } from '../../src/stores/redis'
import { getCompareDelete, getThenIncrement } from '../broken/redis-handmade'
import {
  connectIoRedis,
  connectIoRedisCluster,
  connectNodeRedis,
  connectNodeRedisCluster,
} from '../servers/redis-clients'
import type { OpenSubject, Subject } from './history'

export const nodeRedis: OpenSubject = async (url, space) =>
  adapters(await connectNodeRedis(url), space)

export const ioredis: OpenSubject = async (url, space) => adapters(await connectIoRedis(url), space)

export const nodeRedisCluster: OpenSubject = async (urls, space) =>
  adapters(await connectNodeRedisCluster(urls.split(',')), space)

export const ioredisCluster: OpenSubject = async (urls, space) =>
  adapters(await connectIoRedisCluster(urls.split(',')), space)

/** Both of them broken: what people write by hand. */
export const handmade: OpenSubject = async (url, space) => {
  const { client, close } = await connectIoRedis(url)
  const { store } = adapters({ client, close }, space)
  return { store: getCompareDelete(store), rateLimiter: getThenIncrement(client, space), close }
}

interface Connection {
  readonly client: RedisClient
  close(): Promise<void>
}

function adapters({ client, close }: Connection, prefix: string): Subject {
  const store = redisStore(client, { prefix })
  return { store, rateLimiter: redisRateLimiter(client, { prefix }), close }
}
