import { DeliveryError, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { mysql } from 'otpkit/databases/mysql'
import { postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { sqlite } from 'otpkit/databases/sqlite'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededIntegers } from '../../src/testing/random'
import { secret } from '../fixture'
import { connectIoRedis, connectIoRedisCluster } from '../servers/redis-clients'
import { ownName, redisClusterUrls, redisUrl } from '../servers/shared'
import { openMariadb, openSqlite } from '../stores/sql-databases'
import { type Asked, askingAll } from './asking-all'
import { openSchema } from './own-schema'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 31)
const requests = Number(process.env.OTPKIT_REQUESTS ?? 120)
const people = ['+919876543210', '+919876543211', '+919812300001', 'a@example.com'] as const
const purposes = ['login', 'signup', 'reset'] as const
const minute = 60_000

describe(`a manager over all databases at once (OTPKIT_SEED=${seed})`, () => {
  const clock = testClock()
  const closings: (() => Promise<void>)[] = []
  let others: readonly Asked[] = []
  beforeAll(async () => {
    const [single, cluster, schema, mariadb, lite] = await Promise.all([
      connectIoRedis(await redisUrl()),
      connectIoRedisCluster(await redisClusterUrls()),
      openSchema(),
      openMariadb(),
      openSqlite(),
    ])
    const now = { clock: clock.now }
    const prefix = ownName('same')
    others = [
      { name: 'Redis', database: redis(single.client, { prefix, ...now }) },
      { name: 'a cluster of Redis', database: redis(cluster.client, { prefix, ...now }) },
      { name: 'PostgreSQL', database: postgres(schema.pool, { schema: schema.schema, ...now }) },
      { name: 'MariaDB', database: mysql(mariadb.pool, now) },
      { name: 'SQLite', database: sqlite(lite.database, now) },
    ]
    closings.push(...[single, cluster, schema, mariadb, lite].map(({ close }) => close))
  })
  afterAll(async () => {
    for (const close of closings) await close()
  })

  it('gets the same answers of each of them', async () => {
    const below = seededIntegers(seed)
    const one = () => below(2) === 0
    const pick = <Item>(items: readonly [Item, ...Item[]]): Item =>
      items[below(items.length)] ?? items[0]
    const { database, differences } = askingAll(memory({ clock: clock.now }), others)
    const sms = capturedDelivery({ reaches: ['phone'] })
    const mail = capturedDelivery({ reaches: ['email'] })
    const failing: typeof sms = {
      ...sms,
      deliver: async (...message) => {
        if (below(6) > 0) return sms.deliver(...message)
        if (one()) throw new Error('late')
        throw new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'captured' })
      },
    }
    const works: Promise<void>[] = []
    const create = () => {
      const isBehind = one()
      return new OtpManager({
        secret,
        namespace: ownName('same'),
        database,
        deliveries: { sms: failing, email: mail },
        countries: ['IN'],
        purposes: {
          login: {},
          signup: { bind: 'challenge', attempts: 6 },
          reset: { resend: 'new', lifetime: '30s', limits: { cooldown: '1s' } },
        },
        limits: {
          country: [{ max: 40, per: '5m' }],
          ...(one() ? { global: [{ max: 60, per: '1h' }] } : {}),
        },
        guard: {
          mode: pick(['record', 'challenge', 'refuse'] as const),
          growth: { floor: 20, times: 1 },
          levels: { block: { honest: 0.5, attack: 0.2, error: 0.1 } },
        },
        // So small that a log holds few enough units for every database to be exact.
        spend: {
          perDay: 0.001,
          prices: { currency: 'EUR', perMessage: { sms: 0.00002, email: 0.00001 } },
        },
        clock: clock.now,
        ...(isBehind && { background: (work: Promise<void>) => void works.push(work) }),
      })
    }
    const handles = new Map<string, string>()
    const codes = new Map<string, string>()
    let otp = create()

    const request = async () => {
      const to = pick(people)
      const purpose = pick(purposes)
      const ip = pick([null, '203.0.113.7', `198.51.100.${below(90)}`])
      const channel = to.includes('@') ? 'email' : 'sms'
      const challengeId = handles.get(`${to} ${purpose}`)
      const target = challengeId !== undefined && one() ? { challengeId, purpose } : { to, purpose }
      const action = below(20)
      if (action < 5) {
        const deliver = below(5) > 0
        const asked = {
          to,
          purpose,
          ip,
          channel,
          deliver,
          known: one(),
          challenged: one(),
        } as const
        const sent = await otp.send(asked)
        if (sent.ok) handles.set(`${to} ${purpose}`, sent.challengeId)
        const { messages } = channel === 'sms' ? sms : mail
        codes.set(to, messages.findLast((message) => message.to === to)?.code ?? '123456')
      } else if (action < 10) {
        const right = codes.get(to) ?? '123456'
        const guess = String(below(1_000_000)).padStart(pick([6, 8]), '0')
        await otp.verify({ ...target, ip, code: one() ? right : guess, proof: '1m' })
      } else if (action < 12) await otp.resend({ ...target, ip, challenged: one() })
      else if (action < 14) await otp.relay({ to, purpose, ip, channel, code: `10000${below(3)}` })
      else if (action === 14) await otp.explain({ to, purpose, ip, channel })
      else if (action > 15)
        clock.advance(pick([1, 999, 1_000, 30_000, minute, 5 * minute, 60 * minute]))
      else if (one()) await otp.cancel(target)
      else await otp.unlock(to)
    }
    for (let number = 0; number < requests; number += 1) {
      if (number % 75 === 74) otp = create()
      await request().catch((error: unknown) => {
        if (Reflect.get(Object(error), 'code') !== 'delivery_failed') throw error
      })
      await Promise.all(works.splice(0))
      expect(await differences(), `request ${number}`).toEqual([])
    }
  })
})
