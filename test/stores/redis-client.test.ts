import { redis } from 'otpkit/databases/redis'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { redisStore } from 'otpkit/stores/redis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NodeRedisClient, RedisClient } from '../../src/internal/redis/client'
import { askRedis, startRedis } from '../servers/redis'
import { connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'

// A recipient's challenges and limits have one subject, by which a cluster finds its slot.
const subject = 'Somebody'.padEnd(22, '_')
const id = `an-id${subject}`
const challenge = { id, digest: 'a-digest', attempts: 3, ttlMs: 300_000, data: 'data' }
const limit = { key: `m${subject}`, max: 5, windowMs: 60_000 }
const policy = { limits: [{ key: 0, max: 5, windowMs: 60_000 }] } as const
const keys = [`m${subject}`]
const beginning = { policy, keys, challenge }
const submission = { policy, keys, id, digests: ['a-digest'], mostUsed: 5, call: 'a-call' }
const factories = { redis, redisStore, redisRateLimiter }

describe('the Redis adapters', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('say which clients they take when handed another thing', () => {
    const things = [undefined, null, 'redis://127.0.0.1', {}, { get: async () => null }, () => {}]
    for (const thing of things) {
      for (const [name, create] of Object.entries(factories)) {
        expect(() => Reflect.apply(create, undefined, [thing])).toThrow(
          new TypeError(
            `otpkit: ${name}: option \`client\` must be a client or cluster of node-redis (eval, evalSha) or of ioredis (eval, evalsha)`,
          ),
        )
      }
    }
  })

  it('take prefixes that leave cluster slots alone, and quote no other', () => {
    const client = answering(async () => null)
    for (const prefix of ['a', 'my-app:otp_1.2', 'x'.repeat(64)]) {
      for (const create of Object.values(factories)) create(client, { prefix })
    }
    for (const prefix of ['', '{app}', 'a b', 'é', 'x'.repeat(65), 5, null]) {
      for (const [name, create] of Object.entries(factories)) {
        expect(() => Reflect.apply(create, undefined, [client, { prefix }])).toThrow(
          new TypeError(
            `otpkit: ${name}: option \`prefix\` must be 1 to 64 letters, digits or any of _ . : -`,
          ),
        )
      }
    }
  })

  it('check their timeout', () => {
    const client = answering(async () => null)
    for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5s']) {
      for (const [name, create] of Object.entries(factories)) {
        expect(() => Reflect.apply(create, undefined, [client, { timeoutMs }])).toThrow(
          new TypeError(
            `otpkit: ${name}: option \`timeoutMs\` must be a number of milliseconds, 1 or more`,
          ),
        )
      }
    }
  })

  it("pass the client's own errors on, and try nothing again", async () => {
    const fault = new Error('Socket closed unexpectedly')
    const calls = vi.fn(async () => {
      throw fault
    })
    const store = redisStore(answering(calls))
    const rateLimiter = redisRateLimiter(answering(calls))
    const database = redis(answering(calls))
    const operations = [
      () => database.begin(beginning),
      () => database.settle(submission),
      () => store.put(challenge),
      () => store.get(id),
      () => store.attempt(id, ['a-digest']),
      () => store.delete(id, 'a-digest'),
      () => rateLimiter.take([limit]),
      () => rateLimiter.refund([limit.key], 'abcdefgh'),
      () => rateLimiter.clear([`m${subject}`]),
    ]
    for (const operation of operations) await expect(operation()).rejects.toBe(fault)
    expect(calls).toHaveBeenCalledTimes(operations.length)
  })

  it('never take a strange answer for an outcome', async () => {
    const replies = [
      ...['OK', 'NaN NaN NaN', '0 0 ', true, null, undefined, [], ['what'], [['verified']], 7, {}],
      ...['alive a-digest 3 3 NaN ', 'alive a-digest 3 3', 'alive', '', '0', '2'],
      // One limit: its units, who refuses, the wait, and what it came to.
      ...['\u00010 0 what', '\u00010 0 standing a-digest', '\u00010 0 verified 1 9'],
      ...['\u00010 0 again', '\u00010', '\u0001', '\u00012 9', '\u0001 0 put'],
      ...['\u007f1 0 0 what', '\u007fx 0 0 put', '\u007f1 0 x put', '\u007f1 1.5 0 put'],
      ...['\u007f1', '\u007f1 ', '\u007f 0 0 put', '\u007f1 2 9', '1 0 0 gone'],
      ...['verified', 'incorrect 1  ', ['\u00010 0 put'], [null], Buffer.from('\u00010 0 put')],
    ]
    for (const reply of replies) {
      const client = answering(async () => reply)
      const store = redisStore(client)
      const database = redis(client)
      for (const call of [
        () => database.begin(beginning),
        () => database.settle(submission),
        () => database.get(id),
        () => database.attempt(id, ['a-digest']),
        () => database.put(challenge),
        () => database.delete(id, 'a-digest'),
        () => database.refund(keys, 'abcdefgh'),
        () => database.clear(keys),
      ]) {
        await expect(call()).rejects.toMatchObject({
          code: 'database_unavailable',
          message: expect.stringMatching(
            /something else than the script's reply, .*no typeMapping to buffers/,
          ),
        })
      }
      const unavailable = { code: 'store_unavailable' }
      await expect(store.get(id)).rejects.toMatchObject(unavailable)
      await expect(store.attempt(id, ['a-digest'])).rejects.toMatchObject(unavailable)
      await expect(redisRateLimiter(client).take([limit])).rejects.toMatchObject({
        code: 'rate_limiter_unavailable',
      })
    }
  })

  it('ask the server once for each operation', async () => {
    // A server of its own: a script that another test made the shared one forget is sent twice.
    const server = await startRedis()
    const { client, close } = await connectNodeRedis(server.url)
    const calls = vi.fn()
    const counted: NodeRedisClient = {
      eval: (script, options) => {
        calls()
        return client.eval(script, options)
      },
      evalSha: (sha1, options) => {
        calls()
        return client.evalSha(sha1, options)
      },
    }
    const store = redisStore(counted, { prefix: ownName('store') })
    const rateLimiter = redisRateLimiter(counted, { prefix: ownName('limiter') })
    const limits = [limit, { ...limit, key: 'iAddress' }, { ...limit, key: 'bBudget' }]
    const operations = [
      () => store.put(challenge),
      () => store.get(id),
      () => store.attempt(id, ['wrong']),
      () => store.attempt(id, ['a-digest']),
      () => store.delete(id, 'a-digest'),
      () => rateLimiter.take(limits),
      () =>
        rateLimiter.refund(
          limits.map(({ key }) => key),
          'abcdefgh',
        ),
      () => rateLimiter.clear(limits.map(({ key }) => key)),
    ]
    // The first round teaches the server the scripts.
    for (const operation of operations) await operation()
    calls.mockClear()
    for (const operation of operations) await operation()
    expect(calls).toHaveBeenCalledTimes(operations.length)
    await rateLimiter.take([])
    await rateLimiter.refund([limit.key], 'not a charge')
    expect(calls).toHaveBeenCalledTimes(operations.length)
    await close()
    await server.stop()
  })

  it("S49 go by the server's clock: hosts twenty minutes apart agree", async () => {
    const { client, close } = await connectNodeRedis(await redisUrl())
    const options = { prefix: ownName('clock') }
    const present = Date.now()
    const short = { ...limit, max: 1 }
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: present - 600_000 })
    await redisStore(client, options).put(challenge)
    await redisRateLimiter(client, options).take([short])
    vi.setSystemTime(present + 600_000)
    const found = await redisStore(client, options).get(id)
    expect(found?.remainingMs).toBeGreaterThan(290_000)
    expect(found?.remainingMs).toBeLessThanOrEqual(300_000)
    const refused = await redisRateLimiter(client, options).take([short])
    expect(refused).toMatchObject({ ok: false, used: [1] })
    expect(refused.retryAfterMs).toBeGreaterThan(50_000)
    vi.useRealTimers()
    await close()
  })

  it('are refused by a full server, which does nothing by halves and forgets nothing', async () => {
    const server = await startRedis()
    const { client, close } = await connectNodeRedis(server.url)
    const [store, rateLimiter] = [redisStore(client), redisRateLimiter(client)]
    const limits = [limit, { ...limit, key: 'iAddress' }]
    await store.put(challenge)
    await rateLimiter.take(limits)
    // Of bytes: an idle server has less than a megabyte.
    await askRedis(server.url, 'CONFIG', 'SET', 'maxmemory', '1')
    await expect(store.put({ ...challenge, digest: 'another' })).rejects.toThrow(/OOM/)
    await expect(store.attempt(id, ['wrong'])).rejects.toThrow(/OOM/)
    await expect(rateLimiter.take(limits)).rejects.toThrow(/OOM/)
    await askRedis(server.url, 'CONFIG', 'SET', 'maxmemory', '0')
    expect(await store.get(id)).toMatchObject({ digest: 'a-digest', attemptsLeft: 3 })
    expect(await rateLimiter.take(limits)).toMatchObject({ used: [2, 2] })
    await close()
    await server.stop()
  })
})

/** A node-redis client of one answer. */
function answering(reply: () => Promise<unknown>): RedisClient {
  return { eval: reply, evalSha: reply }
}
