import {
  connectIoRedis,
  connectIoRedisCluster,
  connectNodeRedis,
  connectNodeRedisCluster,
} from './redis-clients'
import { redisClusterUrls, redisUrl } from './shared'

/** Each kind of client that the adapters take, and the run's server for it. */
export const redisKinds = [
  {
    name: 'node-redis',
    async connect() {
      const url = await redisUrl()
      return { urls: [url], ...(await connectNodeRedis(url)) }
    },
  },
  {
    name: 'ioredis',
    async connect() {
      const url = await redisUrl()
      return { urls: [url], ...(await connectIoRedis(url)) }
    },
  },
  {
    name: 'node-redis cluster',
    async connect() {
      const urls = await redisClusterUrls()
      return { urls, ...(await connectNodeRedisCluster(urls)) }
    },
  },
  {
    name: 'ioredis cluster',
    async connect() {
      const urls = await redisClusterUrls()
      return { urls, ...(await connectIoRedisCluster(urls)) }
    },
  },
]
