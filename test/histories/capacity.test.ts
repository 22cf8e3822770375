import type { History, OtpEvent } from 'otpkit'
import { memoryHistory } from 'otpkit/histories/memory'
import { redisHistory } from 'otpkit/histories/redis'
import { eventLists, listOf } from 'otpkit/internal/history/event-lists'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'

let redis: Awaited<ReturnType<typeof connectNodeRedis>>
beforeAll(async () => {
  redis = await connectNodeRedis(await redisUrl())
})
afterAll(() => redis.close())

const options = { capacity: 100, clock: testClock(Date.now()).now }
const histories: readonly (readonly [string, () => History])[] = [
  ['memory', () => memoryHistory(options)],
  ['Redis', () => redisHistory(redis.client, { ...options, prefix: ownName('capacity') })],
]

it.each(histories)('what is frequent leaves room for what is rare, in %s', async (_name, open) => {
  const history = open()
  const at = options.clock()
  const record = async (type: string, count: number) => {
    for (let index = 0; index < count; index += 1) {
      history.record({ type, at, ...{ fingerprint: 'one', used: index } })
    }
    await history.flush()
  }
  await record('spend', 2)
  await record('looked_up', 3)
  for (let batch = 0; batch < 4; batch += 1) {
    await record('sent', 150)
    await record('incorrect', 60)
  }
  const kept = await history.events({ limit: 1_000 })
  const counted = (type: string) => kept.filter((event) => event.type === type).length
  expect(['spend', 'looked_up'].map(counted)).toEqual([2, 3])
  expect(kept).toHaveLength(100)
  // What is left is for both of the frequent ones, and theirs are the newest.
  expect(counted('sent')).toBeGreaterThanOrEqual(45)
  expect(counted('incorrect')).toBeGreaterThanOrEqual(45)
  expect(kept.find(({ type }) => type === 'incorrect')?.used).toBe(59)
  expect(await history.events({ type: 'spend' })).toHaveLength(2)
  // Of a recipient too, whose events that are gone are passed over.
  const about = { fingerprint: 'one', limit: 1_000 }
  expect(await history.events(about)).toHaveLength(100)
  expect(await history.events({ ...about, type: ['spend', 'looked_up'] })).toHaveLength(5)
  await history.forget('one')
  expect(await history.events()).toEqual([])
  await record('sent', 150)
  expect(await history.events({ limit: 1_000 })).toHaveLength(100)
})

it('has a list for every type that managers tell', () => {
  const types: Readonly<Record<OtpEvent['type'], true>> = {
    sent: true,
    delivery_failed: true,
    unsent: true,
    long_message: true,
    receipt: true,
    refused: true,
    suspected: true,
    spend: true,
    unreadable_ip: true,
    verified: true,
    incorrect: true,
    used: true,
    expired: true,
    canceled: true,
    redeemed: true,
    unlocked: true,
    fault: true,
  }
  expect(Object.keys(types).map(listOf)).toEqual(Object.keys(types))
  expect(new Set([...Object.keys(types), listOf('news')])).toEqual(new Set(eventLists))
})
