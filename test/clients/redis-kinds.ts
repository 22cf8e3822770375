import { Redis as UpstashRedis } from '@upstash/redis'
import { Decoder, GlideClient } from '@valkey/valkey-glide'
import { Redis as IoRedis5 } from 'ioredis5'
import { Redis as IoValkey } from 'iovalkey'
import { redis } from 'otpkit/databases/redis'
import { createClient as createClient4 } from 'redis4'
import { createClient as createClient5 } from 'redis5'
import { ownName, redisUrl } from '../servers/shared'
import type { ClientKind } from './kinds'
import { relayUpstash } from './relays'

type Client = Parameters<typeof redis>[0]

function kind(
  name: string,
  connect: (url: string) => Promise<{ readonly client: Client; close(): Promise<unknown> }>,
): ClientKind {
  return {
    name,
    open: async () => {
      const { client, close } = await connect(await redisUrl())
      return {
        database: (clock) => redis(client, { clock, prefix: ownName('client') }),
        close: async () => void (await close()),
      }
    },
  }
}

/** Clients of Redis that are not among the root's; those are in test/servers/redis-kinds.ts. */
export const redisClientKinds: readonly ClientKind[] = [
  kind('ioredis 5', async (url) => {
    const client = new IoRedis5(url)
    return { client, close: async () => client.disconnect() }
  }),
  kind('iovalkey', async (url) => {
    const client = new IoValkey(url)
    return { client, close: async () => client.disconnect() }
  }),
  kind('redis (node-redis) 4', async (url) => {
    const client = createClient4({ url })
    client.on('error', () => {})
    await client.connect()
    return { client, close: () => client.disconnect() }
  }),
  kind('redis (node-redis) 5', async (url) => {
    const client = createClient5({ url })
    client.on('error', () => {})
    await client.connect()
    return { client, close: async () => client.destroy() }
  }),
  kind('@upstash/redis', async (url) => {
    const relay = await relayUpstash(url)
    const client = new UpstashRedis({
      url: relay.url,
      token: 'token',
      automaticDeserialization: false,
      enableAutoPipelining: false,
    })
    return { client, close: () => relay.close() }
  }),
  kind('@valkey/valkey-glide', async (url) => {
    const { hostname, port } = new URL(url)
    const glide = await GlideClient.createClient({
      addresses: [{ host: hostname, port: Number(port) }],
      defaultDecoder: Decoder.String,
    })
    const client: Client = {
      eval: (script: string, count: number, ...rest: string[]) =>
        glide.customCommand(['EVAL', script, String(count), ...rest]),
      evalsha: (sha1: string, count: number, ...rest: string[]) =>
        glide.customCommand(['EVALSHA', sha1, String(count), ...rest]),
    }
    return { client, close: async () => glide.close() }
  }),
]
