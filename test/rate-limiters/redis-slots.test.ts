import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis } from '../servers/redis'
import { connectIoRedis } from '../servers/redis-clients'
import type { TestServer } from '../servers/server'
import { ownName } from '../servers/shared'

const recipient = { key: 'mRecipient', max: 2, windowMs: 60_000 }
const ledger = { key: 'fRecipient', max: 9, windowMs: 600_000 }
const address = { key: 'iAddress', max: 2, windowMs: 30_000 }
const budget = { key: 'bEverybody', max: 2, windowMs: 90_000 }

describe('limits over several slots of a cluster', () => {
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

  // One server behind what looks like a cluster client: what is sent, and what fails, is seen.
  function fresh() {
    const { client } = connection
    const sent: string[][] = []
    const fault = new Error('Connection is closed.')
    let fails: (keys: string[]) => boolean = () => false
    const call =
      (method: 'eval' | 'evalsha') =>
      async (text: string, count: number, ...rest: string[]) => {
        const keys = rest.slice(0, count).map((key) => key.slice(key.indexOf('{')))
        sent.push(keys)
        if (fails(keys)) throw fault
        return client[method](text, count, ...rest)
      }
    const clock = testClock()
    const clusterClient = { isCluster: true, eval: call('eval'), evalsha: call('evalsha') }
    const options = { prefix: ownName('limiter'), clock: clock.now }
    const rateLimiter = redisRateLimiter(clusterClient, options)
    const used = async (...limits: Parameters<typeof rateLimiter.take>[0]) =>
      (await rateLimiter.take(limits.map((limit) => ({ ...limit, cost: 0 })))).used
    return {
      rateLimiter,
      clock,
      sent,
      used,
      fault,
      failWhen: (condition: typeof fails) => {
        fails = condition
      },
    }
  }

  it('S54 meet in one script only with keys of the same recipient or address', async () => {
    const { rateLimiter, sent } = fresh()
    await rateLimiter.take([recipient, address, ledger, budget])
    sent.length = 0
    const taken = await rateLimiter.take([recipient, address, ledger, budget])
    expect(taken).toMatchObject({ ok: true, used: [2, 2, 2, 2], retryAfterMs: 90_000 })
    const groups = [['{Recipient}'], ['{Address}'], ['{Everybody}']]
    expect(sent).toEqual(groups)
    sent.length = 0
    await rateLimiter.clear([recipient, address, ledger, budget].map(({ key }) => key))
    expect(sent.filter((keys, index) => sent.indexOf(keys) === index)).toEqual(
      expect.arrayContaining(groups),
    )
  })

  it('are charged all or none: a refusal takes back what was charged before it', async () => {
    const { rateLimiter, used } = fresh()
    await rateLimiter.take([address])
    await rateLimiter.take([address])
    for (const limits of [
      [recipient, ledger, address, budget],
      [recipient, address, budget, ledger],
      [address, recipient, budget, ledger],
    ]) {
      const refused = await rateLimiter.take(limits)
      expect(refused).toEqual({
        ok: false,
        index: limits.indexOf(address),
        used: limits.map((limit) => (limit === address ? 2 : 0)),
        retryAfterMs: 30_000,
      })
      expect(await used(recipient, ledger, address, budget)).toEqual([0, 0, 2, 0])
    }
  })

  it('name the longest wait, whichever slot it is in', async () => {
    const { rateLimiter, clock } = fresh()
    await rateLimiter.take([recipient, address, budget])
    clock.advance(1_000)
    await rateLimiter.take([recipient, address, budget])
    for (const limits of [
      [recipient, address, budget],
      [budget, address, recipient],
      [address, budget, recipient],
    ]) {
      expect(await rateLimiter.take(limits)).toEqual({
        ok: false,
        index: limits.indexOf(budget),
        used: [2, 2, 2],
        retryAfterMs: 89_000,
      })
    }
  })

  it('are taken back when a later slot cannot be reached, and the fault is thrown', async () => {
    const { rateLimiter, used, failWhen, fault } = fresh()
    failWhen((keys) => keys.includes('{Everybody}'))
    const taking = rateLimiter.take([recipient, ledger, address, budget])
    await expect(taking).rejects.toBe(fault)
    expect(await used(recipient, ledger, address)).toEqual([0, 0, 0])
    failWhen(() => false)
    expect(await rateLimiter.take([recipient, budget])).toMatchObject({ ok: true, used: [1, 1] })
  })

  it('S46 stay charged when they cannot be taken back', async () => {
    const { rateLimiter, used, failWhen, fault, sent } = fresh()
    await rateLimiter.take([address])
    await rateLimiter.take([address])
    sent.length = 0
    // From the refusal on, the recipient's slot is out of reach.
    failWhen((keys) => keys.includes('{Recipient}') && sent.length > 2)
    const taking = rateLimiter.take([recipient, address])
    await expect(taking).rejects.toBe(fault)
    failWhen(() => false)
    expect(await used(recipient, address)).toEqual([1, 2])
  })

  it('keys of one character are slots of their own', async () => {
    const { rateLimiter, sent } = fresh()
    const limits = ['a', 'b'].map((key) => ({ ...recipient, key }))
    const taken = await rateLimiter.take(limits)
    if (taken.ok)
      await rateLimiter.refund(
        limits.map(({ key }) => key),
        taken.charge,
      )
    expect(new Set(sent.flat())).toEqual(new Set(['{a}', '{b}']))
    expect(await rateLimiter.take(limits)).toMatchObject({ used: [1, 1] })
  })
})
