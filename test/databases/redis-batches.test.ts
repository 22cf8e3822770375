import type { OtpDatabase, Policy } from 'otpkit'
import { redis } from 'otpkit/databases/redis'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IoRedisClient, RedisClient } from '../../src/internal/redis/client'
import {
  newBeginning,
  newPerson,
  newSubmission,
  type Person,
  unitsOf,
} from '../../src/testing/database-samples'
import { opaque } from '../../src/testing/random'
import { mistaken } from '../broken/redis-scripts'
import { eventually } from '../servers/process'
import { askRedis, startRedis } from '../servers/redis'
import { connectIoRedis } from '../servers/redis-clients'
import { faultClients } from '../servers/redis-fault-clients'
import type { TestServer } from '../servers/server'
import { ownName, redisUrl } from '../servers/shared'
import { type Fault, startTcpProxy, type TcpProxy } from '../servers/tcp-proxy'

const window = { max: 1_000, windowMs: 600_000 }
/** A ledger, and an address that everybody comes from. */
const policy = {
  limits: [
    { key: 0, ...window },
    { key: 1, ...window },
  ],
} as const

/** Somebody with a challenge, and guesses at it from that address. */
async function somebody(database: OtpDatabase, address: string) {
  const person = newPerson()
  const challenge = person.challenge({ attempts: 5 })
  await database.put(challenge)
  const guess = (digest: string) =>
    database.settle(
      newSubmission(person, challenge, {
        policy,
        keys: [person.key('f'), address],
        digests: [digest],
      }),
    )
  return { person, challenge, guess, ledger: person.key('f') }
}

const people = (count: number, database: OtpDatabase, address: string) =>
  Promise.all(Array.from({ length: count }, () => somebody(database, address)))

describe('steps of redis that share a script', () => {
  // A server of its own: a script that another test made the shared one forget is sent twice.
  let server: TestServer
  let connection: Awaited<ReturnType<typeof connectIoRedis>>
  beforeAll(async () => {
    server = await startRedis()
    connection = await connectIoRedis(server.url)
  })
  afterAll(async () => {
    await connection.close()
    await server.stop()
  })

  /** A database whose scripts are seen: how many steps each took, by the challenges among its keys. */
  function fresh() {
    const { client } = connection
    const scripts: number[] = []
    const steps = (keys: readonly string[]) =>
      keys.filter((key) => /[^:]*:[^{]*:\{/.test(key)).length
    const watched: IoRedisClient = {
      eval: (script, count, ...rest) => {
        scripts.push(steps(rest.slice(0, count)))
        return client.eval(script, count, ...rest)
      },
      evalsha: (sha1, count, ...rest) => {
        scripts.push(steps(rest.slice(0, count)))
        return client.evalsha(sha1, count, ...rest)
      },
    }
    const prefix = ownName('batches')
    return { prefix, scripts, database: redis(watched, { prefix }) }
  }

  it('are those of one moment, at most 64; one alone waits for nobody', async () => {
    const { database, scripts } = fresh()
    const all = await people(300, database, 'vEverybody')
    await all[0]?.guess(opaque())
    scripts.length = 0
    const outcomes = await Promise.all(all.map(({ guess }) => guess(opaque())))
    for (const { attempt } of outcomes) expect(attempt?.outcome).toBe('incorrect')
    expect(scripts.reduce((sum, steps) => sum + steps)).toBe(300)
    expect(scripts.length).toBeLessThan(20)
    expect(Math.max(...scripts)).toBe(64)
    expect(await unitsOf(database, 'vEverybody')).toEqual([301])
    scripts.length = 0
    await all[1]?.guess(opaque())
    expect(scripts).toEqual([1])
  })

  it('of one recipient keep their order, also between scripts', async () => {
    const { database } = fresh()
    const all = await people(40, database, 'vEverybody')
    const outcomes = await Promise.all(
      all.flatMap(({ person, challenge, guess }) => [
        guess(opaque()),
        database.begin(newBeginning(person, person.challenge({ id: challenge.id }))),
        guess(challenge.digest),
        database.begin(newBeginning(person, person.challenge({ id: challenge.id }))),
        guess(challenge.digest),
      ]),
    )
    const told = outcomes.map((one) =>
      'attempt' in one ? one.attempt?.outcome : 'put' in one && one.put ? 'put' : 'standing',
    )
    for (const [index] of all.entries()) {
      expect(told.slice(index * 5, index * 5 + 5)).toEqual([
        ...['incorrect', 'standing', 'verified', 'put', 'incorrect'],
      ])
    }
  })

  it('count what one of them charges in the record of the next', async () => {
    const { database, scripts } = fresh()
    const ring = Array.from({ length: 20 }, newPerson)
    await Promise.all(
      ring.map((person, index) => {
        const keys = [person.key('f'), (ring[index + 1] ?? ring[0] ?? person).key('m')]
        return database.begin(newBeginning(person, person.challenge(), { policy, keys }))
      }),
    )
    expect(Math.max(...scripts)).toBeGreaterThan(10)
    for (const person of ring) {
      expect(await unitsOf(database, person.key('f'), person.key('m'))).toEqual([1, 1])
    }
  })

  it('begin a record together that later ones go on with', async () => {
    const clock = testClock()
    const options = { prefix: ownName('batches'), clock: clock.now }
    const database = redis(connection.client, options)
    const begin = (address: string) => {
      const person = newPerson()
      const keys = [person.key('f'), address]
      return database.begin(newBeginning(person, person.challenge(), { policy, keys }))
    }
    // The first ones go alone, and the rest wait for them.
    const addresses = ['vOne', 'vTwo', ...Array.from({ length: 20 }, () => 'vEverybody')]
    await Promise.all(addresses.map(begin))
    const used: (readonly number[])[] = []
    for (const pauseMs of [60_000, 540_000]) {
      clock.advance(pauseMs)
      used.push((await begin('vEverybody')).taken.used)
    }
    expect(used).toEqual([
      [1, 21],
      [1, 2],
    ])
  })

  it('fail where a key holds a text of somebody else', async () => {
    const { database, prefix } = fresh()
    const { challenge, guess } = await somebody(database, 'vEverybody')
    const key = `${prefix}:${challenge.id.slice(0, -22)}:{${challenge.id.slice(-22)}}`
    await connection.client.set(key, 'long enough to be read as a challenge')
    for (const ask of [() => guess(challenge.digest), () => database.get(challenge.id)]) {
      await expect(ask()).rejects.toThrow('a key holds something else')
    }
  })

  it('fail alone where one cannot be carried out', async () => {
    const { database, prefix } = fresh()
    const all = await people(60, database, 'vEverybody')
    const [broken, damaged, fine] = all
    if (broken === undefined || damaged === undefined || fine === undefined) throw new Error()
    const { challenge } = broken
    const key = `${prefix}:${challenge.id.slice(0, -22)}:{${challenge.id.slice(-22)}}`
    await connection.client.del(key)
    await connection.client.rpush(key, 'not a challenge')
    const record = `${prefix}:{${damaged.challenge.id.slice(-22)}}`
    await connection.client.set(record, 'not a record')
    const outcomes = await Promise.allSettled(all.map(({ guess }) => guess(opaque())))
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...['rejected', 'rejected'],
      ...Array.from({ length: 58 }, () => 'fulfilled'),
    ])
    expect(String(outcomes[0]?.status === 'rejected' && outcomes[0].reason)).toMatch(/WRONGTYPE/)
    expect(await unitsOf(database, 'vEverybody', fine.ledger, broken.ledger)).toEqual([58, 1, 0])
    expect((await fine.guess(fine.challenge.digest)).attempt?.outcome).toBe('verified')
  })

  it('of one recipient fail alone one after another, and leave no rejection to nobody', async () => {
    const { database, prefix } = fresh()
    const all = await people(20, database, 'vEverybody')
    const [broken] = all
    if (broken === undefined) throw new Error()
    const { person, challenge, guess } = broken
    const record = `${prefix}:{${challenge.id.slice(-22)}}`
    await connection.client.set(record, 'not a record')
    const begin = () => database.begin(newBeginning(person, person.challenge({ id: challenge.id })))
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    try {
      const told = await Promise.allSettled([
        ...[guess(opaque()), begin(), guess(opaque()), begin()],
        ...all.slice(1).map((one) => one.guess(opaque())),
      ])
      expect(told.map(({ status }) => status)).toEqual([
        ...Array.from({ length: 4 }, () => 'rejected'),
        ...Array.from({ length: 19 }, () => 'fulfilled'),
      ])
      await new Promise((done) => setImmediate(done))
    } finally {
      process.off('unhandledRejection', note)
    }
    expect(unhandled).toEqual([])
  })

  it.each([
    ['too few answers', (reply: unknown[]) => reply.slice(1)],
    ['no list', () => '1'],
    ['nothing', () => null],
  ])('are no success of anybody where the server answers %s', async (_, change) => {
    const { client } = connection
    const strange: RedisClient = {
      eval: async (script: string, count: number, ...rest: string[]) => {
        const reply = await client.eval(script, count, ...rest)
        return Array.isArray(reply) ? change(reply) : reply
      },
      evalsha: async () => {
        throw new Error('NOSCRIPT')
      },
    }
    const database = redis(strange, { prefix: ownName('batches') })
    const all = await people(10, database, 'vEverybody')
    const outcomes = await Promise.allSettled(all.map(({ guess }) => guess(opaque())))
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { code: 'database_unavailable' } })
    }
  })

  it('of everybody behind one address are refused from the limit on, no earlier and no later', async () => {
    const { database } = fresh()
    const crowd = Array.from({ length: 500 }, newPerson)
    const busy = {
      limits: [
        { key: 0, ...window },
        { key: 1, max: 120, windowMs: 600_000 },
      ],
    } as const
    const begun = await Promise.all(
      crowd.map((person) =>
        database.begin(
          newBeginning(person, person.challenge(), {
            policy: busy,
            keys: [person.key('f'), 'iEverybody'],
          }),
        ),
      ),
    )
    expect(begun.filter(({ put }) => put)).toHaveLength(120)
    expect(await unitsOf(database, 'iEverybody')).toEqual([120])
  })
})

describe('begins of redis that share a script, and a budget', () => {
  let connection: Awaited<ReturnType<typeof connectIoRedis>>
  beforeAll(async () => {
    connection = await connectIoRedis(await redisUrl())
  })
  afterAll(() => connection.close())

  const messages: Policy = {
    limits: [
      { key: 0, ...window },
      { key: 1, max: 1_000, windowMs: 86_400_000 },
    ],
  }
  const begin = (
    database: OtpDatabase,
    person: Person,
    budget: string,
    challenge = person.challenge(),
  ) =>
    database.begin(
      newBeginning(person, challenge, { policy: messages, keys: [person.key('m'), budget] }),
    )

  /** A client of a server that cannot write the record of this subject. */
  const notWriting = (subject: string) =>
    mistaken(connection.client, {
      right: 'local function write(record, logs, lifeMs, hasLong)\n',
      wrong: `local function write(record, logs, lifeMs, hasLong)
  if find(record.key, '{${subject}}', 1, true) then error('no room') end
`,
    })

  it.each([20, 100])(
    'charge it for what was begun, and for no step that failed (%i before)',
    async (before) => {
      const prefix = ownName('budget')
      const people = Array.from({ length: 60 }, newPerson)
      const [damaged, occupied, full] = people
      if (damaged === undefined || occupied === undefined || full === undefined) throw new Error()
      const database = redis(notWriting(full.key('')), { prefix })
      await Promise.all(
        Array.from({ length: before }, () => begin(database, newPerson(), 'gBudget')),
      )
      await connection.client.set(`${prefix}:{${damaged.key('')}}`, 'not a record')
      const challenge = occupied.challenge()
      const tail = occupied.key('')
      await connection.client.rpush(
        `${prefix}:${challenge.id.slice(0, -22)}:{${tail}}`,
        'no challenge',
      )
      const begun = await Promise.allSettled(
        people.map((person) =>
          begin(database, person, 'gBudget', person === occupied ? challenge : person.challenge()),
        ),
      )
      expect(begun.map(({ status }) => status)).toEqual([
        ...['rejected', 'rejected', 'rejected'],
        ...Array.from({ length: 57 }, () => 'fulfilled'),
      ])
      expect(await unitsOf(database, 'gBudget', full.key('m'), occupied.key('m'))).toEqual([
        ...[before + 57, 0, 0],
      ])
      const used = begun.map((one) => (one.status === 'fulfilled' ? one.value.taken.used[1] : 0))
      expect(used.filter((units) => units !== 0)).toEqual(
        Array.from({ length: 57 }, (_, index) => before + index + 1),
      )
    },
  )

  it('are all in vain where it cannot be written', async () => {
    const prefix = ownName('budget')
    const people = Array.from({ length: 40 }, newPerson)
    const database = redis(notWriting('Budget'), { prefix })
    const begun = await Promise.allSettled(
      people.map((person) => begin(database, person, 'gBudget')),
    )
    for (const one of begun)
      expect(String(one.status === 'rejected' && one.reason)).toMatch('no room')
    const mended = redis(connection.client, { prefix })
    expect(await unitsOf(mended, 'gBudget')).toEqual([0])
    const again = await Promise.all(people.map((person) => begin(mended, person, 'gBudget')))
    expect(again.every(({ taken }) => taken.ok)).toBe(true)
    expect(await unitsOf(mended, 'gBudget')).toEqual([40])
  })

  it('count in a record that another step writes itself', async () => {
    const database = redis(connection.client, { prefix: ownName('budget') })
    const people = Array.from({ length: 40 }, newPerson)
    const after = (index: number) => people[(index + 1) % 40] ?? newPerson()
    const steps = [0, 1, 2].flatMap(() =>
      people.map((person, index) => begin(database, person, after(index).key('x'))),
    )
    for (const { taken } of await Promise.all(steps)) expect(taken.ok).toBe(true)
    for (const person of people) {
      expect(await unitsOf(database, person.key('m'), person.key('x'))).toEqual([3, 3])
    }
  })
})

describe.each(faultClients)('a batch on $name, the connection broken', ({ connect, resends }) => {
  let server: TestServer
  let proxy: TcpProxy
  let connection: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    server = await startRedis()
    proxy = await startTcpProxy(server.port)
    connection = await connect(`redis://127.0.0.1:${proxy.port}`)
  })
  afterAll(async () => {
    await connection.close()
    await proxy.stop()
    await server.stop()
  })

  it.each(['before the request', 'after the request', 'before the reply'] as const)(
    'S46 %s: nobody is verified twice, and nobody pays twice for a call',
    async (fault: Fault) => {
      const database = redis(connection.client, { timeoutMs: 20_000 })
      await askRedis(server.url, 'FLUSHALL')
      const all = await eventually(() => people(50, database, 'vEverybody'))
      await all[0]?.guess(opaque())
      const struck = proxy.cut(fault)
      const first = await Promise.allSettled(
        all.map(({ guess, challenge }, index) => guess(index % 2 ? challenge.digest : opaque())),
      )
      await struck
      for (const [index, { challenge, guess, ledger }] of all.entries()) {
        const before = await eventually(() => database.get(challenge.id))
        const [failed = 0] = await eventually(() => unitsOf(database, ledger))
        const told = first[index]
        const outcome = told?.status === 'fulfilled' ? told.value.attempt?.outcome : 'lost'
        if (index % 2) {
          const again = (await guess(challenge.digest)).attempt?.outcome
          const wasVerified = outcome === 'verified' || before?.used === true
          expect([again, outcome]).toEqual([wasVerified ? 'used' : 'verified', outcome])
        } else {
          const most = (resends ? 2 : 1) + (index === 0 ? 1 : 0)
          expect(failed).toBeLessThanOrEqual(most)
          expect(failed).toBe(5 - (before?.attemptsLeft ?? 0))
          if (outcome === 'incorrect') expect(failed).toBeGreaterThan(0)
        }
      }
    },
  )
})
