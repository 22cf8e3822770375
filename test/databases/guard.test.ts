import { mysql } from 'otpkit/databases/mysql'
import { postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { sqlite } from 'otpkit/databases/sqlite'
import { afterAll, describe, expect, it } from 'vitest'
import { randomSeed, withSeed } from '../../src/testing/random'
import {
  databaseKind,
  memoryDatabase,
  memoryPair,
  type OpenPlace,
  type PlaceKind,
} from '../promises/places'
import { connectIoRedisCluster, connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisClusterUrls, redisUrl } from '../servers/shared'
import { openMariadb, openPostgres, openSqlite } from '../stores/sql-databases'
import { compareWithRules, openGuarded } from './guard-model'

const closing: (() => unknown)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

/** A kind whose server is opened with its first place. */
function opening(name: string, connect: () => Promise<PlaceKind>): PlaceKind {
  let kind: Promise<PlaceKind> | undefined
  const open = async (): Promise<OpenPlace> => {
    kind ??= connect()
    return (await kind).open()
  }
  return { name, isDatabase: true, open }
}

const kinds: readonly PlaceKind[] = [
  memoryDatabase,
  memoryPair,
  opening('redis', async () => {
    const { client, close } = await connectNodeRedis(await redisUrl())
    closing.push(close)
    return databaseKind('redis', (clock) => redis(client, { clock, prefix: ownName('guard') }))
  }),
  opening('redis, a cluster', async () => {
    const { client, close } = await connectIoRedisCluster(await redisClusterUrls())
    closing.push(close)
    return databaseKind('redis', (clock) => redis(client, { clock, prefix: ownName('guard') }))
  }),
  opening('postgres', async () => {
    const opened = await openPostgres()
    closing.push(opened.close)
    return databaseKind('postgres', (clock) =>
      postgres(opened.pool, { schema: opened.schema, clock }),
    )
  }),
  opening('mysql', async () => {
    const opened = await openMariadb()
    closing.push(opened.close)
    return databaseKind('mysql', (clock) => mysql(opened.pool, { clock }))
  }),
  opening('sqlite', async () => {
    const opened = await openSqlite()
    closing.push(opened.close)
    return databaseKind('sqlite', (clock) => sqlite(opened.database, { clock }))
  }),
]

describe.each(kinds)('the guard over $name', (kind) => {
  it('refuses exactly what its rules say, whatever was sent and verified before', async () => {
    await withSeed(Number(process.env.OTPKIT_SEED ?? randomSeed()), async (below) => {
      const counts = await compareWithRules(kind, below, 200, 6)
      expect(Math.min(...Object.values(counts))).toBeGreaterThanOrEqual(6)
    })
  })

  it('lets no more through of 200 messages at once than of one after another', async () => {
    const { otp, settle } = await openGuarded(kind, { guard: { mode: 'refuse' } })
    const send = (nth: number) =>
      otp.send({
        to: `+91987654${String(nth).padStart(4, '0')}`,
        channel: 'sms',
        purpose: 'login',
        ip: `198.51.100.${nth}`,
        // Of a withheld message it is the same.
        deliver: nth % 2 === 0,
      })
    const answers = await Promise.all(Array.from({ length: 200 }, (_, nth) => send(nth)))
    await settle()
    const passed = answers.filter(({ ok }) => ok).length
    expect(passed).toBeLessThanOrEqual(23)
    // Of two places, or in a cluster, one may be refused for another that is refused too.
    if (kind !== memoryPair && kind.name !== 'redis, a cluster') expect(passed).toBe(23)
  })

  it('spends no more at once than the cap has room for', async () => {
    const { otp, settle } = await openGuarded(kind, {
      spend: { perDay: 1, prices: { currency: 'EUR', perMessage: { sms: 0.075 } } },
    })
    const send = (nth: number) =>
      otp.send({
        to: `+91987654${String(nth).padStart(4, '0')}`,
        channel: 'sms',
        purpose: 'login',
        ip: null,
      })
    const answers = await Promise.all(Array.from({ length: 60 }, (_, nth) => send(nth)))
    await settle()
    const passed = answers.filter(({ ok }) => ok).length
    expect(passed).toBeLessThanOrEqual(13)
    if (kind !== memoryPair && kind.name !== 'redis, a cluster') expect(passed).toBe(13)
    const refused = answers.find(({ ok }) => !ok)
    expect(refused).toMatchObject({ reason: 'rate_limited', limit: 'budget', cap: 'perDay' })
  })
})
