import { redis } from 'otpkit/databases/redis'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { redisStore } from 'otpkit/stores/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgiving } from '../../src/testing/database-forgiveness-cases'
import { newBeginning, newPerson, newSubmission } from '../../src/testing/database-samples'
import { opaque } from '../../src/testing/random'
import { expectExpiries, redisKeys } from '../servers/redis-keys'
import { redisKinds } from '../servers/redis-kinds'
import { ownName } from '../servers/shared'

const ledgerMs = 180 * 86_400_000

for (const { name, connect } of redisKinds) {
  describe(`keys of redis on ${name}`, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection.close())

    /** A database, somebody with a challenge, and the names and lives of all keys. */
    function fresh() {
      const prefix = ownName('database')
      const { urls, client } = connection
      const person = newPerson()
      const challenge = person.challenge({ attempts: 5 })
      const tail = person.key('').slice(-22)
      const names = {
        challenge: `${prefix}:${challenge.id.slice(0, -22)}:{${tail}}`,
        logs: `${prefix}:{${tail}}`,
        address: `${prefix}:{Address}`,
      }
      const found = async () => {
        await expectExpiries(urls, prefix)
        const keys = await redisKeys(urls, prefix)
        return new Map(keys.map(({ key, expiresInMs }) => [key, expiresInMs]))
      }
      const guess = (digest: string, call = opaque()) => {
        const keys = [person.key('f'), 'vAddress', person.key('o')]
        return newSubmission(person, challenge, {
          policy: forgiving,
          keys,
          digests: [digest],
          call,
        })
      }
      return { database: redis(client, { prefix }), person, challenge, names, found, guess, prefix }
    }

    /** Redis may keep a key a minute longer than it counts, but must not end it earlier. */
    function expectLife(found: ReadonlyMap<string, number>, key: string, lifeMs: number) {
      expect((found.get(key) ?? 0) - lifeMs).toBeGreaterThan(0)
      expect((found.get(key) ?? 0) - lifeMs).toBeLessThanOrEqual(60_000)
    }

    it('S45 are the challenge and the logs that were charged, and all end by themselves', async () => {
      const { database, person, challenge, names, found, guess } = fresh()
      const beginning = newBeginning(person, challenge, {
        keys: [person.key('f'), person.key('m'), 'vAddress'],
      })
      await database.begin(beginning)
      const begun = await found()
      expect([...begun.keys()].sort()).toEqual([names.challenge, names.logs, names.address].sort())
      expectLife(begun, names.challenge, challenge.ttlMs)
      expectLife(begun, names.logs, 3_600_000)
      expectLife(begun, names.address, 60_000)

      await database.begin(beginning)
      await database.settle(guess(opaque()))
      const failed = await found()
      expect([...failed.keys()].sort()).toEqual([...begun.keys()].sort())
      expectLife(failed, names.challenge, challenge.ttlMs)
      expectLife(failed, names.logs, ledgerMs)

      for (const call of ['a-call', 'another', 'a-call']) {
        await database.settle(guess(challenge.digest, call))
        const used = await found()
        // The ledger was forgiven, which leaves nothing of it.
        expect([...used.keys()].sort()).toEqual([...begun.keys()].sort())
        expectLife(used, names.challenge, 60_000)
        expectLife(used, names.logs, 86_400_000)
      }
      await database.clear(['vAddress'])
      await database.begin(beginning)
      expectLife(await found(), names.challenge, challenge.ttlMs)
    })

    it('are none of what was refused, found nothing, was looked at or taken back', async () => {
      const { database, person, challenge, names, found, guess } = fresh()
      const keys = [person.key('f'), person.key('m'), 'vAddress']
      for (const costs of [
        [1, 4, 1],
        [1, 1, 6],
      ]) {
        const { taken } = await database.begin(newBeginning(person, challenge, { keys, costs }))
        expect(taken.ok).toBe(false)
      }
      expect([...(await found()).keys()]).toEqual([])
      await database.settle(guess(challenge.digest))
      // A guess at nothing is charged to its address alone.
      expect([...(await found()).keys()]).toEqual([names.address])
      const { taken } = await database.begin(newBeginning(person, challenge, { keys }))
      if (taken.ok) await database.refund(keys, taken.charge)
      await database.delete(challenge.id, challenge.digest)
      expect([...(await found()).keys()]).toEqual([names.address])
    })

    it.each([
      [ledgerMs, 60_000],
      [60_000, ledgerMs],
    ])('S45 live as long as the longest of their logs, of %i and %i', async (...windows) => {
      const { database, person, challenge, names, found } = fresh()
      const [first, second] = windows.map((windowMs, key) => ({ key, max: 9, windowMs }))
      if (first === undefined || second === undefined) throw new Error('there are two')
      const policy = { limits: [first, second] } as const
      const keys = [person.key('f'), person.key('m')]
      for (const _ of [1, 2]) {
        await database.begin(newBeginning(person, challenge, { policy, keys }))
        expectLife(await found(), names.logs, ledgerMs)
      }
    })

    it('are those of the store and the limiter', async () => {
      const { database, person, challenge, found, prefix } = fresh()
      const store = redisStore(connection.client, { prefix })
      const rateLimiter = redisRateLimiter(connection.client, { prefix })
      const limits = [{ key: person.key('m'), max: 3, windowMs: 3_600_000 }]
      await store.put(challenge)
      await rateLimiter.take(limits)
      const before = [...(await found()).keys()].sort()
      const beginning = newBeginning(person, challenge, {
        policy: { limits: [{ key: 0, max: 3, windowMs: 3_600_000 }] },
        keys: [person.key('m')],
      })
      const begun = await database.begin(beginning)
      expect(begun).toMatchObject({ taken: { used: [2] }, standing: { digest: challenge.digest } })
      expect([...(await found()).keys()].sort()).toEqual(before)
      if (begun.taken.ok) await rateLimiter.refund([person.key('m')], begun.taken.charge)
      expect(await rateLimiter.take(limits)).toMatchObject({ used: [2] })
    })
  })
}
