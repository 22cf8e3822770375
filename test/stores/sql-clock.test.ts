import { createPool } from 'mysql2/promise'
import { mysqlStore } from 'otpkit/stores/mysql'
import { postgresStore } from 'otpkit/stores/postgres'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  databases,
  openMariadb,
  openPostgres,
  patienceMs,
  type TestDatabase,
} from './sql-databases'

const challenge = { id: 'id', digest: 'digest', attempts: 3, ttlMs: 60_000, data: 'data' }
const limit = { key: 'key', max: 1, windowMs: 60_000 }
const tenMinutes = 600_000

afterEach(() => {
  vi.useRealTimers()
})

for (const [name, open] of Object.entries(databases)) {
  describe(`the clock of ${name}`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    it('decides, so hosts ten minutes apart agree', async () => {
      const host = (offsetMs: number) => {
        vi.useFakeTimers({ toFake: ['Date'] })
        vi.setSystemTime(Date.now() + offsetMs)
        return { store: database.store(), rateLimiter: database.rateLimiter() }
      }
      await host(tenMinutes).store.put(challenge)
      const found = await host(-2 * tenMinutes).store.get('id')
      expect(found?.remainingMs).toBeLessThanOrEqual(60_000)
      expect(found?.remainingMs).toBeGreaterThan(40_000)
      expect((await host(3 * tenMinutes).store.attempt('id', ['digest'])).outcome).toBe('verified')

      expect((await host(-tenMinutes).rateLimiter.take([limit])).ok).toBe(true)
      for (const offsetMs of [0, tenMinutes, tenMinutes]) {
        const refused = await host(offsetMs).rateLimiter.take([limit])
        expect(refused).toMatchObject({ ok: false, used: [1] })
        expect(refused.retryAfterMs).toBeGreaterThan(40_000)
        expect(refused.retryAfterMs).toBeLessThanOrEqual(60_000)
      }
    })

    it('goes on, in whole milliseconds', async () => {
      const store = database.store()
      await store.put(challenge)
      const readings: number[] = []
      await vi.waitFor(async () => {
        readings.push((await store.get('id'))?.remainingMs ?? 0)
        expect(new Set(readings).size).toBeGreaterThan(5)
      }, patienceMs)
      expect(readings.every(Number.isInteger)).toBe(true)
      expect(readings).toEqual([...readings].sort((a, b) => b - a))
    })

    it('set back does not open a window, and lengthens the wait by as much', async () => {
      let now = 1_700_000_000_000
      const rateLimiter = database.rateLimiter({ clock: () => now })
      const two = { key: 'set-back', max: 2, windowMs: 60_000 }
      await rateLimiter.take([two])
      now -= 50_000
      expect(await rateLimiter.take([two])).toMatchObject({ ok: true, used: [2] })
      expect(await rateLimiter.take([two])).toMatchObject({ ok: false, retryAfterMs: 110_000 })
      now += 109_999
      expect(await rateLimiter.take([two])).toMatchObject({ ok: false, retryAfterMs: 1 })
      now += 1
      expect(await rateLimiter.take([two])).toMatchObject({ ok: true, used: [1] })
    })

    it('set back brings no charge to life', async () => {
      let now = 1_700_000_000_000
      const rateLimiter = database.rateLimiter({ clock: () => now })
      const minute = { key: 'no-life', max: 9, windowMs: 60_000 }
      const limits = [minute, { ...minute, windowMs: 3_600_000 }]
      for (const pauseMs of [0, 50_000, 11_000, -31_000]) {
        now += pauseMs
        await rateLimiter.take(limits)
      }
      expect(await rateLimiter.take(limits)).toMatchObject({ used: [4, 5] })
    })
  })
}

describe('the time zone of a session', () => {
  it('does not matter', async () => {
    const postgres = await openPostgres()
    const { connectionString, schema } = postgres
    const pools = ['Asia/Kolkata', 'America/St_Johns'].map(
      (zone) => new pg.Pool({ connectionString, options: `-c timezone=${zone}` }),
    )
    const stores = pools.map((pool) => postgresStore(pool, { schema }))
    await stores[0]?.put(challenge)
    const inPostgres = (await stores[1]?.get('id'))?.remainingMs
    await Promise.all(pools.map((pool) => pool.end()))
    await postgres.close()

    const mariadb = await openMariadb()
    const zones = ['+05:30', '-03:30'].map(async (zone) => {
      const pool = createPool({ uri: mariadb.uri, connectionLimit: 1 })
      await pool.query('SET time_zone = ?', [zone])
      return pool
    })
    const [east, west] = await Promise.all(zones)
    if (east !== undefined) await mysqlStore(east).put(challenge)
    const inMariadb = west && (await mysqlStore(west).get('id'))?.remainingMs
    await Promise.all([east?.end(), west?.end()])
    await mariadb.close()

    for (const remainingMs of [inPostgres, inMariadb]) {
      expect(remainingMs).toBeGreaterThan(40_000)
      expect(remainingMs).toBeLessThanOrEqual(60_000)
    }
  })
})
