import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectExpiries, flushScripts, redisKeys } from '../servers/redis-keys'
import { redisKinds } from '../servers/redis-kinds'
import { ownName } from '../servers/shared'

const recipient = { key: 'mRecipient0123456789ab', max: 5, windowMs: 60_000 }
const ledger = { key: 'fRecipient0123456789ab', max: 100, windowMs: 86_400_000 }
const address = { key: 'iAddress', max: 30, windowMs: 60_000 }
const limits = [recipient, { ...recipient, max: 10, windowMs: 3_600_000 }, ledger, address]

for (const { name, connect } of redisKinds) {
  describe(`keys of redisRateLimiter on ${name}`, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection.close())

    it('S45 has no key without a time to live, whatever was done', async () => {
      const prefix = ownName('limiter')
      const { urls } = connection
      const rateLimiter = redisRateLimiter(connection.client, { prefix })
      let charge = ''
      const take = async () => {
        const taken = await rateLimiter.take(limits)
        if (taken.ok) charge = taken.charge
      }
      const operations = [
        take,
        take,
        take,
        () =>
          rateLimiter.refund(
            limits.map(({ key }) => key),
            charge,
          ),
        () => rateLimiter.take([{ ...address, cost: 40 }]),
        () => rateLimiter.take([{ ...ledger, cost: 0 }]),
        () => rateLimiter.clear([recipient.key, ledger.key, address.key], 1),
      ]
      for (const operation of operations) {
        await operation()
        await expectExpiries(urls, prefix)
        const longest = new Map([
          // As long as the longest of its logs.
          [`${prefix}:{Recipient0123456789ab}`, 86_400_000],
          [`${prefix}:{Address}`, 60_000],
        ])
        const found = await redisKeys(urls, prefix)
        expect(found.map(({ key }) => key).sort()).toEqual([...longest.keys()].sort())
        for (const { key, expiresInMs } of found) {
          // Redis may keep it longer than its longest window, but must not end it earlier.
          expect(expiresInMs - (longest.get(key) ?? 0)).toBeGreaterThan(0)
          expect(expiresInMs - (longest.get(key) ?? 0)).toBeLessThanOrEqual(60_000)
        }
      }
      await rateLimiter.clear(limits.map(({ key }) => key))
      expect(await redisKeys(urls, prefix)).toEqual([])
    })

    it('keeps nothing for keys that were looked at, refused or taken back', async () => {
      const prefix = ownName('limiter')
      const rateLimiter = redisRateLimiter(connection.client, { prefix })
      await rateLimiter.take(limits.map((limit) => ({ ...limit, cost: 0 })))
      await rateLimiter.take([recipient, { ...address, cost: 31 }])
      await rateLimiter.take([{ ...address, cost: 31 }, recipient])
      const taken = await rateLimiter.take(limits)
      if (taken.ok)
        await rateLimiter.refund(
          limits.map(({ key }) => key),
          taken.charge,
        )
      expect(await redisKeys(connection.urls, prefix)).toEqual([])
    })

    it('goes on when the server has forgotten the scripts', async () => {
      const rateLimiter = redisRateLimiter(connection.client, { prefix: ownName('limiter') })
      for (const _ of [1, 2]) {
        await flushScripts(connection.urls)
        const taken = await rateLimiter.take(limits)
        expect(taken).toMatchObject({ ok: true, used: [1, 1, 1, 1], retryAfterMs: 0 })
        await flushScripts(connection.urls)
        if (taken.ok)
          await rateLimiter.refund(
            limits.map(({ key }) => key),
            taken.charge,
          )
        await rateLimiter.take(limits)
        await flushScripts(connection.urls)
        await rateLimiter.clear(limits.map(({ key }) => key))
      }
    })
  })
}
