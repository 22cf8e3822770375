import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../servers/process'
import { startRedis } from '../servers/redis'
import { faultClients } from '../servers/redis-fault-clients'
import { expectExpiries } from '../servers/redis-keys'
import type { TestServer } from '../servers/server'
import { ownName } from '../servers/shared'
import { type Fault, startTcpProxy, type TcpProxy } from '../servers/tcp-proxy'

const faults: readonly Fault[] = ['before the request', 'after the request', 'before the reply']

// A server of its own, since a script that another test made the server forget is sent again, and
// that is a request more.
describe.each(faultClients)(
  'redisRateLimiter on $name, the connection broken',
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

    /** A limiter whose scripts the server knows, and limits with one charge each. */
    async function prepared() {
      const rateLimiter = redisRateLimiter(connection.client, { timeoutMs: 20_000 })
      const limits = [
        { key: ownName('m'), max: 5, windowMs: 60_000 },
        { key: ownName('i'), max: 5, windowMs: 3_600_000 },
      ]
      const taken = await eventually(() => rateLimiter.take(limits))
      await rateLimiter.refund(
        limits.map(({ key }) => key),
        'abcdefgh',
      )
      await rateLimiter.clear([ownName('m')], 1)
      const used = async () => {
        const looks = limits.map((limit) => ({ ...limit, cost: 0 }))
        return (await eventually(() => rateLimiter.take(looks))).used
      }
      return { rateLimiter, limits, used, charge: taken.ok ? taken.charge : '' }
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

    it.each(faults)(
      'S46 %s: a charge is made on all keys or on none, and never lost',
      async (fault) => {
        const { rateLimiter, limits, used } = await prepared()
        const taken = await during(fault, () => rateLimiter.take(limits))
        const [units = 0, others] = await used()
        expect(others).toBe(units)
        if (fault === 'before the reply' || taken !== undefined)
          expect(units).toBeGreaterThanOrEqual(2)
        // Sent twice, it may be charged twice.
        expect(units).toBeLessThanOrEqual(resends ? 3 : 2)
        if (taken?.ok === true) expect(units).toBe(taken.used[0])
      },
    )

    it.each(faults)('S46 %s: a refund takes back one charge or none', async (fault) => {
      const { rateLimiter, limits, used, charge } = await prepared()
      await rateLimiter.take(limits)
      await during(fault, () =>
        rateLimiter.refund(
          limits.map(({ key }) => key),
          charge,
        ),
      )
      const [units = 0, others] = await used()
      expect(others).toBe(units)
      expect([1, 2]).toContain(units)
      if (fault === 'before the reply') expect(units).toBe(1)
      await rateLimiter.refund(
        limits.map(({ key }) => key),
        charge,
      )
      expect(await used()).toEqual([1, 1])
    })

    it.each(faults)('%s: a clear forgets all or nothing', async (fault) => {
      const { rateLimiter, limits, used } = await prepared()
      await during(fault, () => rateLimiter.clear(limits.map(({ key }) => key)))
      expect([
        [0, 0],
        [1, 1],
      ]).toContainEqual(await used())
    })

    it('answers in time when the server does not, and the charge stands', async () => {
      const { limits, used } = await prepared()
      const impatient = redisRateLimiter(connection.client, { timeoutMs: 200 })
      proxy.holdReplies(true)
      await expect(impatient.take(limits)).rejects.toMatchObject({
        code: 'rate_limiter_unavailable',
        message: 'Redis did not answer within 200 ms',
      })
      proxy.holdReplies(false)
      expect(await used()).toEqual([2, 2])
    })

    it('rejects while the server is gone, and goes on by itself when it is back', async () => {
      const { rateLimiter, limits } = await prepared()
      await server.kill()
      const impatient = redisRateLimiter(connection.client, { timeoutMs: 300 })
      for (const _ of [1, 2, 3]) await expect(impatient.take(limits)).rejects.toThrow()
      await server.restart()
      const taken = await eventually(() => rateLimiter.take(limits))
      expect(taken.ok).toBe(true)
      await expectExpiries([server.url], '')
    })
  },
)
