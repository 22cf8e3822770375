import type { OtpDatabase, Policy } from 'otpkit'
import { redis } from 'otpkit/databases/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IoRedisClient } from '../../src/internal/redis/client'
import { newBeginning, newPerson, newSubmission, unitsOf } from '../../src/testing/database-samples'
import { opaque } from '../../src/testing/random'
import { compareThenWrite, mistaken } from '../broken/redis-scripts'
import { askRedis, startRedis } from '../servers/redis'
import { connectIoRedis } from '../servers/redis-clients'
import type { TestServer } from '../servers/server'

const window = { max: 100, windowMs: 600_000 }
const ledger: Policy = { limits: [{ key: 0, ...window }] }
const ledgerAndAddress: Policy = {
  limits: [
    { key: 0, ...window },
    { key: 1, ...window },
  ],
}

describe('redis on a full server that refuses to forget', () => {
  let server: TestServer
  let connection: Awaited<ReturnType<typeof connectIoRedis>>
  beforeAll(async () => {
    server = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] })
    connection = await connectIoRedis(server.url, { maxRetriesPerRequest: 0 })
  })
  afterAll(async () => {
    await connection.close()
    await server.stop()
  })

  // Of bytes: an idle server has less than a megabyte.
  const fill = (isFull: boolean) =>
    askRedis(server.url, 'CONFIG', 'SET', 'maxmemory', isFull ? '1' : '0')

  /** What ten wrong guesses and the right one come to while the server is full. */
  async function guesses(client: IoRedisClient, policy: Policy, way: 'settle' | 'attempt') {
    const database: OtpDatabase = redis(client)
    const person = newPerson()
    const challenge = person.challenge({ attempts: 20 })
    const keys = [person.key('f'), 'vAddress'].slice(0, policy.limits.length)
    const guess = async (digest: string) => {
      if (way === 'attempt') return (await database.attempt(challenge.id, [digest])).outcome
      const submission = newSubmission(person, challenge, { policy, keys, digests: [digest] })
      return (await database.settle(submission)).attempt?.outcome
    }
    await database.put(challenge)
    await guess(opaque())
    await database.clear(keys)
    await fill(true)
    const faults: unknown[] = []
    try {
      for (const digest of [...Array.from({ length: 10 }, opaque), challenge.digest]) {
        faults.push(await guess(digest).catch((error: unknown) => String(error)))
      }
    } finally {
      await fill(false)
    }
    const found = await database.get(challenge.id)
    const units = await unitsOf(database, ...keys)
    return { faults, found, units, guess, challenge }
  }

  for (const [name, policy] of [
    ['a ledger alone', ledger],
    ['a ledger and an address', ledgerAndAddress],
  ] as const) {
    for (const way of ['settle', 'attempt'] as const) {
      it(`${way} compares nothing, with ${name}`, async () => {
        const { faults, found, units, guess, challenge } = await guesses(
          connection.client,
          policy,
          way,
        )
        expect(faults).toHaveLength(11)
        for (const fault of faults) expect(fault).toMatch(/OOM/)
        expect(found).toMatchObject({ digest: challenge.digest, attemptsLeft: 19 })
        expect(units).toEqual(units.map(() => 0))
        expect(await guess(challenge.digest)).toBe('verified')
      })
    }
  }

  it('a used challenge is compared with nothing either', async () => {
    const database = redis(connection.client)
    const person = newPerson()
    const challenge = person.challenge({ attempts: 3 })
    const guess = () => database.attempt(challenge.id, [challenge.digest])
    await database.put(challenge)
    await guess()
    await fill(true)
    for (const _ of [1, 2, 3]) await expect(guess()).rejects.toThrow(/OOM/)
    await fill(false)
    expect([await guess(), await guess(), await guess()]).toEqual([
      { outcome: 'used' },
      { outcome: 'used' },
      { outcome: 'gone' },
    ])
  })

  it('begin charges nothing and puts nothing', async () => {
    const database = redis(connection.client)
    const person = newPerson()
    const beginning = newBeginning(person, person.challenge())
    await database.begin(newBeginning(person, person.challenge()))
    await fill(true)
    await expect(database.begin(beginning)).rejects.toThrow(/OOM/)
    await fill(false)
    expect(await database.get(beginning.challenge.id)).toBeNull()
    expect(await unitsOf(database, ...beginning.keys)).toEqual([0, 1, 0])
  })

  it('the same calls find out a script that compares before it writes', async () => {
    const client = mistaken(connection.client, compareThenWrite)
    for (const way of ['settle', 'attempt'] as const) {
      const { faults, found } = await guesses(client, ledger, way)
      expect(faults.at(-1)).toBe('verified')
      expect(faults.filter((fault) => /OOM/.test(String(fault)))).toHaveLength(10)
      expect(found).toMatchObject({ used: true })
    }
  })
})
