import { redisStore } from 'otpkit/stores/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectExpiries, flushScripts, redisKeys } from '../servers/redis-keys'
import { redisKinds } from '../servers/redis-kinds'
import { ownName } from '../servers/shared'

const challenge = { id: 'an-id', digest: 'a-digest', attempts: 2, ttlMs: 300_000, data: 'a b c' }

for (const { name, connect } of redisKinds) {
  describe(`keys of redisStore on ${name}`, () => {
    let connection: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      connection = await connect()
    })
    afterAll(() => connection.close())

    it('S45 has no key without a time to live, whatever was done', async () => {
      const prefix = ownName('store')
      const { urls } = connection
      const store = redisStore(connection.client, { prefix })
      const operations = [
        () => store.put(challenge),
        () => store.get(challenge.id),
        () => store.attempt(challenge.id, ['wrong']),
        () => store.attempt(challenge.id, []),
        () => store.attempt(challenge.id, [challenge.digest]),
        () => store.put(challenge),
        () => store.delete(challenge.id, 'another'),
        () => store.attempt(challenge.id, ['wrong']),
      ]
      for (const operation of operations) {
        await operation()
        await expectExpiries(urls, prefix)
        const [key, ...others] = await redisKeys(urls, prefix)
        expect(others).toEqual([])
        // Redis may keep it longer than it lives, but must not end it earlier.
        expect(key?.expiresInMs).toBeGreaterThan(300_000)
        expect(key?.expiresInMs).toBeLessThanOrEqual(360_000)
      }
      // What was used is forgotten by itself a minute later, whatever is asked of it meanwhile.
      expect((await store.attempt(challenge.id, [challenge.digest])).outcome).toBe('verified')
      for (const digests of [[], [challenge.digest], ['wrong']]) {
        const [key, ...others] = await redisKeys(urls, prefix)
        expect(others).toEqual([])
        expect(key?.expiresInMs).toBeGreaterThan(60_000)
        expect(key?.expiresInMs).toBeLessThanOrEqual(120_000)
        await store.attempt(challenge.id, digests)
      }
      await store.delete(challenge.id, challenge.digest)
      expect(await redisKeys(urls, prefix)).toEqual([])
      await store.put(challenge)
      await store.delete(challenge.id, challenge.digest)
      expect(await redisKeys(urls, prefix)).toEqual([])
    })

    it('S05 keeps nothing but the id, the digest and the data it was handed', async () => {
      const prefix = ownName('store')
      const store = redisStore(connection.client, { prefix })
      const id = 'Challenge0123456789-_Recipient0123456789abc'
      await store.put({ ...challenge, id })
      const [found] = await redisKeys(connection.urls, prefix)
      // What is between the braces chooses the slot: the recipient's part of the id.
      expect(found?.key).toBe(`${prefix}:Challenge0123456789-_:{Recipient0123456789abc}`)
      expect(found?.value.slice(19)).toBe('a-digesta b c')
      await store.put({ ...challenge, id: 'Recipient0123456789abc' })
      const short = (await redisKeys(connection.urls, prefix)).map(({ key }) => key).sort()
      expect(short).toEqual([found?.key, `${prefix}::{Recipient0123456789abc}`].sort())
      await store.attempt(id, [challenge.digest])
      const used = (await redisKeys(connection.urls, prefix)).find(({ key }) => key === found?.key)
      expect(used?.value.slice(19, 29)).toBe('a-digest\0\0')
      expect(used?.value).not.toContain('a b c')
    })

    it('goes on when the server has forgotten the scripts', async () => {
      const store = redisStore(connection.client, { prefix: ownName('store') })
      for (const _ of [1, 2]) {
        await flushScripts(connection.urls)
        await store.put(challenge)
        await flushScripts(connection.urls)
        expect(await store.get(challenge.id)).toMatchObject({ digest: 'a-digest' })
        await flushScripts(connection.urls)
        expect(await store.attempt(challenge.id, [challenge.digest])).toMatchObject({
          outcome: 'verified',
          data: 'a b c',
          attemptsUsed: 1,
        })
      }
    })
  })
}
