import type { OtpDatabase } from 'otpkit'
import { redis } from 'otpkit/databases/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgiving } from '../../src/testing/database-forgiveness-cases'
import { newBeginning, newPerson, newSubmission, unitsOf } from '../../src/testing/database-samples'
import { opaque } from '../../src/testing/random'
import { eventually } from '../servers/process'
import { startRedis } from '../servers/redis'
import { faultClients } from '../servers/redis-fault-clients'
import { expectExpiries, flushScripts } from '../servers/redis-keys'
import type { TestServer } from '../servers/server'
import { type Fault, startTcpProxy, type TcpProxy } from '../servers/tcp-proxy'

const faults: readonly Fault[] = ['before the request', 'after the request', 'before the reply']

// A server of its own, since a script that another test made the server forget is sent again, and
// that is a request more.
describe.each(faultClients)(
  'redis on $name, the connection broken',
  ({ name, connect, resends }) => {
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

    /** A challenge of 5 attempts, two of which were wrong, and a server that knows the scripts. */
    async function prepared(
      database: OtpDatabase = redis(connection.client, { timeoutMs: 20_000 }),
    ) {
      const person = newPerson()
      const challenge = person.challenge({ attempts: 5 })
      const keys = [person.key('f'), person.key('v'), person.key('o')]
      const guess = (digest: string) =>
        newSubmission(person, challenge, { policy: forgiving, keys, digests: [digest] })
      await eventually(() => database.begin(newBeginning(person, challenge)))
      for (const _ of [1, 2]) await database.settle(guess(opaque()))
      expect(await unitsOf(database, ...keys)).toEqual([2, 2, 0])
      const used = () => eventually(() => unitsOf(database, ...keys))
      return { database, person, challenge, guess, used }
    }

    /** What becomes of a call while the connection is cut; it must come to something. */
    async function during<T>(fault: Fault, call: () => Promise<T>): Promise<T | undefined> {
      const struck = proxy.cut(fault)
      const result = await call().catch((error: unknown) => {
        expect(error).toBeInstanceOf(Error)
        return undefined
      })
      await struck
      await expectExpiries([server.url], '')
      return result
    }

    it.each(faults)('S46 %s: the right code settles once, for its own call', async (fault) => {
      const { database, challenge, guess, used } = await prepared()
      const right = guess(challenge.digest)
      const first = await during(fault, () => database.settle(right))
      const verified = { outcome: 'verified', data: challenge.data, attemptsUsed: 3 }
      // A client that sends it again is answered as if nothing had been lost.
      if (resends) expect(first?.attempt).toMatchObject(verified)
      const other = await eventually(() => database.settle(guess(challenge.digest)))
      if (fault === 'before the reply' || first !== undefined) {
        expect(other.attempt).toEqual({ outcome: 'used' })
        const again = await database.settle(right)
        expect(again.attempt).toMatchObject(verified)
        // Once for the right code and once for the other call; the resent one costs nothing.
        expect(await used()).toEqual([0, 4, 2])
      } else {
        expect(['used', 'verified']).toContain(other.attempt?.outcome)
        const [ledger, address = 0, forgiven] = await used()
        expect([ledger, forgiven]).toEqual([0, 2])
        expect(address).toBe(other.attempt?.outcome === 'used' ? 4 : 3)
      }
    })

    it.each(faults)('S46 %s: a wrong guess takes an attempt and all charges', async (fault) => {
      const { database, challenge, guess, used } = await prepared()
      const first = await during(fault, () => database.settle(guess(opaque())))
      const left = (await eventually(() => database.get(challenge.id)))?.attemptsLeft ?? 0
      const guesses = 3 - left
      expect(await used()).toEqual([2 + guesses, 2 + guesses, 0])
      expect(guesses).toBeLessThanOrEqual(resends ? 2 : 1)
      if (fault === 'before the reply' || first !== undefined) expect(guesses).toBeGreaterThan(0)
      if (fault === 'before the request' && !resends) {
        expect(guesses).toBe(first === undefined ? 0 : 1)
      }
    })

    it.each(faults)('S46 %s: a begin charges and puts, or neither', async (fault) => {
      const { database, person } = await prepared()
      const challenge = person.challenge()
      const beginning = newBeginning(person, challenge)
      const [, messages = '', address = ''] = beginning.keys
      const first = await during(fault, () => database.begin(beginning))
      const found = await eventually(() => database.get(challenge.id))
      const [sent = 0, ...others] = await unitsOf(database, messages, address)
      const charged = sent - 1
      expect(others).toEqual([charged])
      expect(charged).toBeLessThanOrEqual(resends ? 2 : 1)
      expect(found === null).toBe(charged === 0)
      if (fault === 'before the reply' || first !== undefined) {
        expect(found).toMatchObject({ digest: challenge.digest, attemptsLeft: 3 })
      }
      // Sent again, it meets its own challenge.
      if (first?.put === false) expect(first.standing?.digest).toBe(challenge.digest)
      else if (first !== undefined) expect(first.put).toBe(true)
    })

    it('answers in time when the server does not', async () => {
      const patient = redis(connection.client, { timeoutMs: 200 })
      const { database, person, challenge, guess } = await prepared()
      proxy.holdReplies(true)
      const right = guess(challenge.digest)
      for (const call of [
        () => patient.settle(right),
        () => patient.begin(newBeginning(person, person.challenge())),
      ]) {
        await expect(call()).rejects.toMatchObject({
          code: 'database_unavailable',
          message: 'Redis did not answer within 200 ms',
        })
      }
      proxy.holdReplies(false)
      const { attempt } = await eventually(() => database.settle(right))
      expect(attempt?.outcome).toBe('verified')
    })

    it('goes on when the server has forgotten the scripts', async () => {
      const { database, challenge, guess, person } = await prepared()
      const right = guess(challenge.digest)
      for (const _ of [1, 2]) {
        await flushScripts([server.url])
        expect((await database.settle(right)).attempt?.outcome).toBe('verified')
      }
      await flushScripts([server.url])
      const { put } = await database.begin(newBeginning(person, person.challenge()))
      expect(put).toBe(true)
    })

    it(`${name} rejects while the server is gone, and goes on by itself when it is back`, async () => {
      const { challenge, guess, person } = await prepared()
      const impatient = redis(connection.client, { timeoutMs: 300 })
      await server.kill()
      for (const _ of [1, 2]) {
        await expect(impatient.settle(guess(challenge.digest))).rejects.toThrow()
        const beginning = newBeginning(person, person.challenge())
        await expect(impatient.begin(beginning)).rejects.toThrow()
      }
      await server.restart()
      // A server without persistence has forgotten everything.
      const after = await prepared()
      const { attempt } = await after.database.settle(after.guess(after.challenge.digest))
      expect(attempt?.outcome).toBe('verified')
      await expectExpiries([server.url], '')
    })
  },
)
