import { postgresStore } from 'otpkit/stores/postgres'
import { sqliteStore } from 'otpkit/stores/sqlite'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  databases,
  openPostgres,
  openSqlite,
  patienceMs,
  sweepingLate,
  type TestDatabase,
} from './sql-databases'

const challenge = (id: string, ttlMs: number) => ({
  id,
  digest: 'digest',
  attempts: 3,
  ttlMs,
  data: 'data',
})

for (const [name, open] of Object.entries(databases)) {
  describe(`rows on ${name}`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    const rows = async (table: 'challenges' | 'charges') =>
      Number((await database.query(`SELECT count(*) AS count FROM ${table}`))[0]?.count)

    it('go when they have expired, and not before', async () => {
      const clock = testClock()
      const options = { clock: clock.now }
      const store = database.store(options)
      const rateLimiter = database.rateLimiter(options)
      await store.put(challenge('short', 1_000))
      await store.put(challenge('long', 600_000))
      await rateLimiter.take([{ key: 'short', max: 5, windowMs: 1_000 }])
      await rateLimiter.take([
        { key: 'long', max: 5, windowMs: 1_000 },
        { key: 'long', max: 5, windowMs: 600_000 },
      ])
      clock.advance(999)
      expect(await database.sweep(options)).toBe(0)
      clock.advance(1)
      expect(await database.sweep(options)).toBeGreaterThanOrEqual(1)
      expect(await rows('challenges')).toBe(1)
      // A log may stay an eighth of its longest window longer.
      clock.advance(125)
      await database.sweep(options)
      expect(await rows('charges')).toBe(1)
      clock.advance(600_000 * 1.125)
      expect(await database.sweep(options)).toBe(2)
      expect(await database.sweep(options)).toBe(0)
    })

    it('all have an expiry, no later than what they hold', async () => {
      const clock = testClock()
      const now = clock.now()
      const store = database.store({ clock: clock.now })
      const rateLimiter = database.rateLimiter({ clock: clock.now })
      const limit = { key: 'key', max: 300, windowMs: 80_000 }
      for (let step = 0; step < 40; step += 1) {
        await store.put(challenge(`id-${step}`, 60_000))
        await store.attempt(`id-${step}`, [step % 2 === 0 ? 'digest' : 'wrong'])
        await rateLimiter.take([
          { ...limit, cost: 1 + (step % 9) },
          { ...limit, key: `key-${step}`, cost: 1 },
        ])
      }
      const found = [
        ...(await database.query('SELECT expires_at FROM challenges')),
        ...(await database.query('SELECT expires_at FROM charges')),
      ].map((row) => Number(row.expires_at))
      expect(found.length).toBe(40 + 41)
      for (const expiresAt of found) {
        expect(expiresAt).toBeGreaterThanOrEqual(now + 60_000)
        expect(expiresAt).toBeLessThanOrEqual(now + 90_000)
      }
      clock.advance(90_000)
      expect(await database.sweep({ clock: clock.now })).toBe(81)
    })

    it('are not left by a look, a refusal, a refund, a clear or a success', async () => {
      // A sweep of their own could meet the rows of the next test.
      const store = sweepingLate(() => database.store())
      const rateLimiter = sweepingLate(() => database.rateLimiter())
      const one = { key: 'one', max: 1, windowMs: 60_000 }
      const other = { key: 'other', max: 2, windowMs: 60_000 }
      await rateLimiter.take([{ ...one, cost: 0 }])
      await rateLimiter.take([{ ...one, cost: 2 }, other])
      expect(await rows('charges')).toBe(0)
      const taken = await rateLimiter.take([one, other])
      expect(await rows('charges')).toBe(2)
      if (taken.ok) await rateLimiter.refund(['one', 'other'], taken.charge)
      expect(await rows('charges')).toBe(0)
      await rateLimiter.take([one, other])
      await rateLimiter.clear(['one'])
      await rateLimiter.clear(['other'], 1)
      expect(await rows('charges')).toBe(0)
      await store.put(challenge('id', 60_000))
      await store.attempt('id', ['digest'])
      await store.put(challenge('id', 60_000))
      await store.delete('id', 'digest')
      expect(await rows('challenges')).toBe(0)
    })

    it('go by the thousand when there are more', async () => {
      const ids = Array.from(
        { length: 2_500 },
        (_, index) => `('id-${index}', 'digest', 3, 3, 1, '')`,
      )
      await database.query(
        `INSERT INTO challenges (id, digest, attempts, attempts_left, expires_at, data)
        VALUES ${ids.join()}`,
      )
      expect(await database.sweep()).toBe(2_500)
    })

    it('go by and by where there are writes', async () => {
      const clock = testClock()
      const store = database.store({ clock: clock.now })
      const rateLimiter = database.rateLimiter({ clock: clock.now })
      const limit = (index: number) => ({ key: `key-${index}`, max: 1, windowMs: 1_000 })
      for (let index = 0; index < 100; index += 1) {
        await store.put(challenge(`old-${index}`, 1_000))
        await rateLimiter.take([limit(index)])
      }
      clock.advance(2_000)
      for (let index = 100; index < 228; index += 1) {
        await store.put(challenge(`new-${index}`, 60_000))
        await rateLimiter.take([limit(index)])
      }
      await vi.waitFor(async () => {
        expect(await rows('challenges')).toBe(128)
        expect(await rows('charges')).toBe(128)
      }, patienceMs)
    })
  })
}

describe('sweeping by and by', () => {
  it('never fails or delays the operation that it comes with', async () => {
    const postgres = await openPostgres()
    let sweeps = 0
    const client = {
      query: async (text: string, values?: unknown[]) => {
        if (!text.includes('sweep_')) return postgres.pool.query(text, values)
        sweeps += 1
        if (sweeps === 1) throw new Error('no right to delete')
        return new Promise<never>(() => {})
      },
    }
    const store = postgresStore(client, { schema: postgres.schema })
    for (let index = 0; index < 256; index += 1) await store.put(challenge(`id-${index}`, 60_000))
    expect(sweeps).toBe(2)
    await postgres.close()

    const { database, close } = await openSqlite()
    const failing = {
      exec: (sql: string) => database.exec(sql),
      prepare: (sql: string) => {
        if (sql.includes('LIMIT')) sweeps += 1
        return database.prepare(sql.replace('LIMIT', 'no such clause'))
      },
    }
    const local = sqliteStore(failing)
    for (let index = 0; index < 128; index += 1) await local.put(challenge(`id-${index}`, 60_000))
    expect(sweeps).toBe(3)
    await close()
  })
})
