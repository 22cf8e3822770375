import { once } from 'node:events'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { createClient, createCluster, type RedisClientOptions } from 'redis'

/** A connected node-redis client. */
export async function connectNodeRedis(url: string, options: RedisClientOptions = {}) {
  const client = createClient({ url, ...options })
  client.on('error', () => {})
  await client.connect()
  return { client, close: async () => client.destroy() }
}

/** A connected ioredis client. */
export async function connectIoRedis(
  url: string,
  options: Omit<RedisOptions, 'replyMapping'> = {},
) {
  const client = new Redis(url, options)
  client.on('error', () => {})
  await once(client, 'ready')
  return { client, close: async () => client.disconnect() }
}

/** A connected cluster client of node-redis. */
export async function connectNodeRedisCluster(urls: readonly string[]) {
  const client = createCluster({ rootNodes: urls.map((url) => ({ url })) })
  client.on('error', () => {})
  await client.connect()
  return { client, close: async () => client.destroy() }
}

/** A connected cluster client of ioredis. */
export async function connectIoRedisCluster(urls: readonly string[]) {
  const nodes = urls.map((url) => ({
    host: new URL(url).hostname,
    port: Number(new URL(url).port),
  }))
  const client = new Cluster(nodes, { lazyConnect: true })
  client.on('error', () => {})
  await client.connect()
  return { client, close: async () => client.disconnect() }
}
