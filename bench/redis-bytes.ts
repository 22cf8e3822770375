import { redis } from 'otpkit/databases/redis'
import { redisStore } from 'otpkit/stores/redis'
import { askRedis, startRedis } from '../test/servers/redis'
import { connectNodeRedis } from '../test/servers/redis-clients'
import { fill, noLimits } from './fill'

// `tsx bench/redis-bytes.ts [sends]`: what a pending challenge and its limits cost a Redis server of its own,
// by `used_memory`, with everything that the server keeps about a key; where each recipient asks from an address
// of its own, and where many are behind a few.

const sends = Number(process.argv[2] ?? 100_000)
const server = await startRedis()
const { client, close } = await connectNodeRedis(server.url)

async function usedMemory(): Promise<number> {
  const info = String(await askRedis(server.url, 'INFO', 'memory'))
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1])
}

async function measure(work: () => Promise<void>): Promise<number> {
  await askRedis(server.url, 'FLUSHALL', 'SYNC')
  const before = await usedMemory()
  await work()
  return Math.round(((await usedMemory()) - before) / sends)
}

try {
  const all = await measure(() => fill(sends, { database: redis(client) }))
  const behindFew = await measure(() => fill(sends, { database: redis(client) }, 8))
  const places = { store: redisStore(client), rateLimiter: noLimits }
  const challenge = await measure(() => fill(sends, places))
  console.log(`Redis, at ${sends.toLocaleString('en')} challenges`)
  console.log(`${all} bytes per pending challenge with the limits of its message, in three keys`)
  console.log(`${behindFew} where all recipients are behind 8 addresses`)
  console.log(`${challenge} of them for the challenge`)
} finally {
  await close()
  await server.stop()
}
