import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { testClock } from 'otpkit/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type DatabasePlace, openDatabase } from '../setup/database'
import { ownPostgres } from '../testing/own-postgres'
import { accountsIn } from './accounts'
import { refreshFamiliesIn } from './refresh-families'
import { phone } from './start-phone-login'
import { migrations, type Tables } from './tables'

const places: [string, () => Promise<DatabasePlace>][] = [
  ['SQLite', async () => ({ name: 'SQLite', file: ':memory:' })],
  ['PostgreSQL', async () => ({ name: 'PostgreSQL', url: await ownPostgres() })],
]

describe.each(places)('in %s', (_name, place) => {
  async function open() {
    const database: Kysely<Tables> = await openDatabase(
      await place(),
      'phone_login',
      migrations,
      () => {},
    )
    onTestFinished(() => database.destroy())
    const clock = testClock()
    const { findOrCreate } = accountsIn(database, clock.now)
    const families = refreshFamiliesIn(database, clock.now)
    const count = async () => {
      const rows = await database
        .selectFrom('phone_login_refresh_families')
        .select('family_hash')
        .execute()
      return rows.length
    }
    return { database, clock, findOrCreate, families, count }
  }

  it('an account is made once, and keeps its id', async () => {
    const { findOrCreate } = await open()
    const found = await Promise.all(Array.from({ length: 20 }, () => findOrCreate(phone)))
    expect(found.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(new Set(found.map(({ account }) => account.id)).size).toBe(1)
    expect(found[0]?.account.phone_number).toBe(phone)
  })

  it('of many who show one token at once, one gets another', async () => {
    const { families, findOrCreate, count } = await open()
    const { account } = await findOrCreate(phone)
    for (let round = 1; round <= 10; round += 1) {
      const token = await families.start(account.id)
      const rotations = await Promise.all(Array.from({ length: 20 }, () => families.rotate(token)))
      const rotated = rotations.filter(({ ok }) => ok)
      expect(rotated).toMatchObject([{ accountId: account.id }])
      const reused = rotations.filter((rotation) => !rotation.ok && 'reusedBy' in rotation)
      expect(reused).toEqual([{ ok: false, reusedBy: account.id }])
    }
    expect(await count()).toBe(0)
  })

  it('nothing is kept that could be shown', async () => {
    const { database, families, findOrCreate } = await open()
    const { account } = await findOrCreate(phone)
    const token = await families.start(account.id)
    const rows = await database.selectFrom('phone_login_refresh_families').selectAll().execute()
    const kept = JSON.stringify(rows)
    expect(rows).toHaveLength(1)
    for (const part of token.split('.')) expect(kept).not.toContain(part)
    expect(await families.rotate(`${rows[0]?.family_hash}.${rows[0]?.token_hash}`)).toEqual({
      ok: false,
    })
  })

  it('the next login removes what has expired of that account', async () => {
    const { families, findOrCreate, clock, count } = await open()
    const { account } = await findOrCreate(phone)
    const { account: other } = await findOrCreate('+989123456780')
    await families.start(account.id)
    await families.start(other.id)
    clock.advance(30 * 24 * 60 * 60_000)
    await families.start(account.id)
    expect(await count()).toBe(2)
  })

  it('a session is of an account', async () => {
    const { families } = await open()
    await expect(families.start(randomUUID())).rejects.toThrow(/foreign key/i)
  })
})
