import { redis } from 'otpkit/databases/redis'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { redisStore } from 'otpkit/stores/redis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { RedisClientOptions } from 'redis'
import { askRedis, startRedis } from '../test/servers/redis'
import { connectIoRedis, connectNodeRedis } from '../test/servers/redis-clients'
import type { Codes, CreateConsumer } from './by-hand'
import { type Calls, counted } from './counted'
import type { Floor } from './floor'
import { compare } from './report'

// `tsx bench/redis.ts [node-redis | node-redis-untimed | ioredis]`: sends and verifications on a
// Redis server of its own, beside the least that the same client could do and what people write by
// hand.

const seconds = 300

/** The commands that the references need, whatever the client. */
interface Commands {
  run(sha1: string, key: string, value: string): Promise<unknown>
  set(key: string, value: string): Promise<unknown>
  get(key: string): Promise<string | null>
  increment(key: string): Promise<number>
  remove(...keys: string[]): Promise<unknown>
}

interface Connection {
  readonly client: Parameters<typeof redisStore>[0]
  readonly count: Calls
  readonly commands: Commands
  /** Of a limiter of rate-limiter-flexible. */
  readonly options: { readonly storeClient: unknown; readonly useRedisPackage?: boolean }
  close(): Promise<void>
}

const methods = ['eval', 'evalSha', 'evalsha', 'rlflxIncr', 'get', 'set', 'incr', 'del']

async function useNodeRedis(
  url: string,
  clientOptions: RedisClientOptions = {},
): Promise<Connection> {
  const connected = await connectNodeRedis(url, clientOptions)
  const { client, count } = counted(connected.client, methods)
  const commands: Commands = {
    run: (sha1, key, value) => client.evalSha(sha1, { keys: [key], arguments: [value] }),
    set: (key, value) => client.set(key, value, { EX: seconds }),
    get: (key) => client.get(key),
    increment: (key) => client.incr(key),
    remove: (...keys) => client.del(keys),
  }
  const options = { storeClient: client, useRedisPackage: true }
  return { client, count, commands, options, close: connected.close }
}

async function useIoRedis(url: string): Promise<Connection> {
  const connected = await connectIoRedis(url)
  const { client, count } = counted(connected.client, methods)
  const commands: Commands = {
    run: (sha1, key, value) => client.evalsha(sha1, 1, key, value),
    set: (key, value) => client.set(key, value, 'EX', seconds),
    get: (key) => client.get(key),
    increment: (key) => client.incr(key),
    remove: (...keys) => client.del(keys),
  }
  return { client, count, commands, options: { storeClient: client }, close: connected.close }
}

async function floorOf(url: string, commands: Commands): Promise<Floor> {
  const script = async (source: string) => {
    const sha1 = String(await askRedis(url, 'SCRIPT', 'LOAD', source))
    return async (key: string) => {
      if ((await commands.run(sha1, key, '123456')) === null)
        throw new Error('there is no such key')
    }
  }
  const put = await script(`return redis.call('SET', KEYS[1], ARGV[1], 'EX', ${seconds})`)
  const get = await script(`return redis.call('GET', KEYS[1]) or ''`)
  const attempt = await script(
    `return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1])`,
  )
  const take = await script(
    `return redis.call('INCR', KEYS[1]) + redis.call('EXPIRE', KEYS[1], ${seconds})`,
  )
  const refund = await script(`return redis.call('DECR', KEYS[1])`)
  return {
    put: (to) => put(`floor:${to}`),
    get: (to) => get(`floor:${to}`),
    attempt: (to) => attempt(`floor:${to}`),
    take: (to) => take(`count:${to}`),
    refund: (to) => refund(`count:${to}`),
  }
}

function codesIn(commands: Commands): Codes {
  return {
    save: (to, code) => commands.set(`code:${to}`, code),
    use: async (to, code) => {
      const expected = await commands.get(`code:${to}`)
      const attempts = await commands.increment(`attempts:${to}`)
      if (attempts > 3 || expected !== code) return false
      await commands.remove(`code:${to}`, `attempts:${to}`)
      return true
    },
  }
}

const kinds = new Map<string, (url: string) => Promise<Connection>>([
  ['node-redis', useNodeRedis],
  // By itself node-redis sets a timer for every command, as the adapters do once more.
  ['node-redis-untimed', (url: string) => useNodeRedis(url, { commandOptions: { timeout: 0 } })],
  ['ioredis', useIoRedis],
])
const name = process.argv[2] ?? 'node-redis'
const connect = kinds.get(name)
if (connect === undefined) throw new Error(`the clients are ${[...kinds.keys()].join(', ')}`)
const server = await startRedis()
const connected = await connect(server.url)
const { client, count, commands, options } = connected
const createConsumer: CreateConsumer = async (keyPrefix, points, duration) =>
  new RateLimiterRedis({ ...options, keyPrefix, points, duration })
try {
  await compare({
    server: `Redis with ${name}`,
    database: redis(client),
    store: redisStore(client),
    rateLimiter: redisRateLimiter(client),
    floor: await floorOf(server.url, commands),
    createConsumer,
    codes: codesIn(commands),
    count,
  })
} finally {
  await connected.close()
  await server.stop()
}
