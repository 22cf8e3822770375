import type { OtpDatabase } from 'otpkit'
import { redis } from 'otpkit/databases/redis'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RedisClient } from '../../src/internal/redis/client'
import { chargeThenGiveBack } from '../broken/redis-handmade'
import { brokenDatabaseScripts, mistaken } from '../broken/redis-scripts'
import { connectIoRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'

describe('broken Redis databases', () => {
  let connection: Awaited<ReturnType<typeof connectIoRedis>>
  beforeAll(async () => {
    connection = await connectIoRedis(await redisUrl())
  })
  afterAll(() => connection.close())

  /** What this case says of the database. */
  async function failure(
    name: string,
    client: RedisClient,
    change: (sound: OtpDatabase) => OtpDatabase = (sound) => sound,
  ): Promise<string> {
    const clock = testClock()
    const database = change(redis(client, { prefix: ownName('database'), clock: clock.now }))
    const cases = databaseConformance(async () => ({ database, advance: clock.advance }))
    const found = cases.find((one) => one.name === name)
    if (found === undefined) return 'there is no such case'
    return found.run().then(() => 'it passes', String)
  }

  it.each(brokenDatabaseScripts)('finds out: $name', async (broken) => {
    const { failedBy, saying } = broken
    expect(await failure(failedBy, connection.client), 'the sound database').toBe('it passes')
    expect(await failure(failedBy, mistaken(connection.client, broken))).toMatch(saying)
  })

  it.each([
    'S25 guesses at nothing, any number at once, change no answer of the owner',
    'S04 of 200 right codes settled together exactly one verifies',
  ])('finds out: a charge that is given back is seen meanwhile, by %s', async (failedBy) => {
    expect(await failure(failedBy, connection.client, chargeThenGiveBack)).not.toMatch(
      /it passes|no such case/,
    )
  })
})
