import { redisStore } from 'otpkit/stores/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../servers/process'
import { startRedis } from '../servers/redis'
import { faultClients } from '../servers/redis-fault-clients'
import { expectExpiries } from '../servers/redis-keys'
import type { TestServer } from '../servers/server'
import { type Fault, startTcpProxy, type TcpProxy } from '../servers/tcp-proxy'

const faults: readonly Fault[] = ['before the request', 'after the request', 'before the reply']
const challenge = { id: 'an-id', digest: 'a-digest', attempts: 5, ttlMs: 300_000, data: 'data' }

// A server of its own, since a script that another test made the server forget is sent again, and
// that is a request more.
describe.each(faultClients)(
  'redisStore on $name, the connection broken',
  ({ connect, resends }) => {
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

    const open = () => redisStore(connection.client, { timeoutMs: 20_000 })

    /** A store whose scripts the server knows, with a living challenge. */
    async function prepared() {
      const store = open()
      await eventually(() => store.put(challenge))
      await store.attempt(challenge.id, [challenge.digest])
      await store.put(challenge)
      await store.get(challenge.id)
      return store
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

    it.each(faults)('S46 %s: a right code succeeds at most once', async (fault) => {
      const store = await prepared()
      const right = () => store.attempt(challenge.id, [challenge.digest])
      const first = await during(fault, right)
      const second = await eventually(right)
      const outcomes = [first?.outcome, second.outcome]
      expect(outcomes.filter((outcome) => outcome === 'verified').length).toBeLessThanOrEqual(1)
      // A reply that was lost is a success that was lost: nobody may have it twice.
      if (fault === 'before the reply') expect(second).toEqual({ outcome: 'used' })
      if (fault === 'before the request') expect(outcomes).toContain('verified')
      expect(await store.get(challenge.id)).toMatchObject({ used: true })
    })

    it.each(faults)('S46 %s: a wrong attempt is never forgotten', async (fault) => {
      const store = await prepared()
      const first = await during(fault, () => store.attempt(challenge.id, ['wrong']))
      const left = (await eventually(() => store.get(challenge.id)))?.attemptsLeft
      expect(left).toBeGreaterThanOrEqual(resends ? 3 : 4)
      if (fault === 'before the reply' || first !== undefined) expect(left).toBeLessThanOrEqual(4)
      if (first?.outcome === 'incorrect') expect(left).toBe(first.attemptsLeft)
    })

    it.each(faults)('%s: a put is done as a whole or not at all', async (fault) => {
      const store = await prepared()
      const successor = { ...challenge, digest: 'another', attempts: 2, data: 'more' }
      await store.attempt(challenge.id, ['wrong'])
      await during(fault, () => store.put(successor))
      const found = await eventually(() => store.get(challenge.id))
      const { digest, attemptsLeft, data } = found ?? {}
      expect([
        { digest: 'a-digest', attemptsLeft: 4, data: 'data' },
        { digest: 'another', attemptsLeft: 2, data: 'more' },
      ]).toContainEqual({ digest, attemptsLeft, data })
    })

    it('answers in time when the server does not', async () => {
      const store = await prepared()
      const patient = redisStore(connection.client, { timeoutMs: 200 })
      proxy.holdReplies(true)
      await expect(patient.attempt(challenge.id, [challenge.digest])).rejects.toMatchObject({
        code: 'store_unavailable',
        message: 'Redis did not answer within 200 ms',
      })
      proxy.holdReplies(false)
      const outcome = await eventually(() => store.attempt(challenge.id, [challenge.digest]))
      expect(outcome).toEqual({ outcome: 'used' })
    })

    it('rejects while the server is gone, and goes on by itself when it is back', async () => {
      const store = await prepared()
      await server.kill()
      const impatient = redisStore(connection.client, { timeoutMs: 300 })
      for (const _ of [1, 2, 3]) {
        await expect(impatient.attempt(challenge.id, [challenge.digest])).rejects.toThrow()
      }
      await server.restart()
      await eventually(() => store.put(challenge))
      expect(await eventually(() => store.get(challenge.id))).toMatchObject({ digest: 'a-digest' })
      expect((await store.attempt(challenge.id, [challenge.digest])).outcome).toBe('verified')
      await expectExpiries([server.url], '')
    })
  },
)
