import type { OtpStore } from 'otpkit'
import { redisStore } from 'otpkit/stores/redis'
import { storeConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getCompareDelete } from '../broken/redis-handmade'
import { brokenStoreScripts, expiryCheck, mistaken } from '../broken/redis-scripts'
import { connectIoRedis } from '../servers/redis-clients'
import { expectExpiries } from '../servers/redis-keys'
import { ownName, redisUrl } from '../servers/shared'

const challenge = { id: 'an-id', digest: 'a-digest', attempts: 3, ttlMs: 300_000, data: 'data' }

interface Options {
  readonly prefix: string
  readonly clock: () => number
}

describe('broken Redis stores', () => {
  let url: string
  let connection: Awaited<ReturnType<typeof connectIoRedis>>
  beforeAll(async () => {
    url = await redisUrl()
    connection = await connectIoRedis(url)
  })
  afterAll(() => connection.close())

  /** What this case says of the store. */
  async function failure(name: string, create: (options: Options) => OtpStore): Promise<string> {
    const clock = testClock()
    const prefix = ownName('store')
    const store = create({ prefix, clock: clock.now })
    const cases = storeConformance(async () => ({ store, advance: clock.advance }))
    const expiry = async () => {
      await store.put(challenge)
      await expectExpiries([url], prefix)
    }
    const found = name === expiryCheck ? { run: expiry } : cases.find((one) => one.name === name)
    if (found === undefined) return 'there is no such case'
    return found.run().then(() => 'it passes', String)
  }

  it.each(brokenStoreScripts)('finds out: $name', async (broken) => {
    const { failedBy, saying } = broken
    expect(
      await failure(failedBy, (options) => redisStore(connection.client, options)),
      'the sound store',
    ).toBe('it passes')
    const client = mistaken(connection.client, broken)
    expect(await failure(failedBy, (options) => redisStore(client, options))).toMatch(saying)
  })

  it.each([
    'S04 of 200 right codes together exactly one verifies',
    'S30 of 200 wrong codes together exactly as many are compared as there are attempts',
  ])('finds out: GET, compare, DEL, by %s', async (failedBy) => {
    const create = (options: Options) => getCompareDelete(redisStore(connection.client, options))
    expect(await failure(failedBy, create)).toMatch(/outcomes: expected/)
  })
})
