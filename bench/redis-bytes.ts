import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { memoryStore } from 'otpkit/stores/memory'
import { redisStore } from 'otpkit/stores/redis'
import { askRedis, startRedis } from '../test/servers/redis'
import { connectNodeRedis } from '../test/servers/redis-clients'
import { fill, noLimits } from './fill'

// `tsx bench/redis-bytes.ts`: what a pending challenge and its limits cost a Redis server of its own,
// by `used_memory`, with everything that the server keeps about a key.

const sends = 100_000
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
  const challenge = await measure(() => fill(sends, redisStore(client), noLimits))
  const limits = await measure(() => fill(sends, memoryStore(), redisRateLimiter(client)))
  console.log(`Redis, at ${sends.toLocaleString('en')} challenges`)
  console.log(`${challenge} bytes per pending challenge`)
  console.log(`${limits} bytes for the limits of its message, in two keys`)
} finally {
  await close()
  await server.stop()
}
