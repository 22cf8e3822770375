import type { OtpDatabase } from 'otpkit'
import { mysql } from 'otpkit/databases/mysql'
import { sqlite } from 'otpkit/databases/sqlite'
import { testClock } from 'otpkit/testing'
import { describe, expect, it, vi } from 'vitest'
import { openMariadb, openSqlite, patienceMs, type TestDatabase } from '../stores/sql-databases'
import { beginning, challenge, guess } from './sql-samples'

interface Opened extends TestDatabase {
  database(clock: () => number): OtpDatabase
}

const openers: Readonly<Record<string, () => Promise<Opened>>> = {
  MariaDB: async () => {
    const opened = await openMariadb()
    return { ...opened, database: (clock) => mysql(opened.pool, { clock }) }
  },
  SQLite: async () => {
    const opened = await openSqlite()
    return { ...opened, database: (clock) => sqlite(opened.database, { clock }) }
  },
}

describe.each(Object.entries(openers))('expired rows on %s', (_, open) => {
  const rows = async (opened: Opened, table: 'challenges' | 'charges') =>
    Number((await opened.query(`SELECT count(*) AS count FROM ${table}`))[0]?.count)

  it('go where there are only begins', async () => {
    const opened = await open()
    const clock = testClock()
    const database = opened.database(clock.now)
    const begin = (name: string) =>
      database.begin(
        beginning({
          keys: ['ledger', `messages-${name}`, `address-${name}`],
          challenge: { ...challenge, id: name },
        }),
      )
    for (let index = 0; index < 60; index += 1) await begin(`old-${index}`)
    clock.advance(2 * 3_600_000)
    for (let index = 0; index < 128; index += 1) await begin(`new-${index}`)
    await vi.waitFor(async () => {
      expect(await rows(opened, 'challenges')).toBe(128)
      expect(await rows(opened, 'charges')).toBe(2 * 128)
    }, patienceMs)
    await opened.close()
  })

  it('go where there are only settles', async () => {
    const opened = await open()
    const clock = testClock()
    const database = opened.database(clock.now)
    const settle = (name: string) =>
      database.settle(guess('wrong', { keys: ['ledger', `address-${name}`] }))
    for (let index = 0; index < 60; index += 1) await settle(`old-${index}`)
    clock.advance(2 * 3_600_000)
    for (let index = 0; index < 128; index += 1) await settle(`new-${index}`)
    await vi.waitFor(async () => expect(await rows(opened, 'charges')).toBe(128), patienceMs)
    await opened.close()
  })

  it('are none that a look, a refusal or a guess at nothing has made', async () => {
    const opened = await open()
    const database = opened.database(testClock().now)
    const [ledger] = guess('wrong').policy.limits
    const policy = { limits: [ledger, { key: 1, max: 1, windowMs: 3_600_000 }] as const }
    const settle = () => database.settle(guess('wrong', { policy }))
    expect((await settle()).attempt).toEqual({ outcome: 'gone' })
    expect((await settle()).taken.ok).toBe(false)
    expect(await opened.query('SELECT * FROM charges')).toMatchObject([{ key: 'address' }])
    const tooLate = beginning({ policy: { ...beginning().policy, mostUsed: -1 } })
    expect(await database.begin(tooLate)).toMatchObject({ standing: null, put: false })
    expect(await rows(opened, 'challenges')).toBe(0)
    expect(await rows(opened, 'charges')).toBe(2)
    await opened.close()
  })
})
