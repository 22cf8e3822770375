import type { PoolOptions } from 'mysql2'
import type { OtpDatabase, Policy } from 'otpkit'
import { mysql } from 'otpkit/databases/mysql'
import { sweep } from 'otpkit/stores/mysql'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMariadb, sweepingLate } from '../stores/sql-databases'
import { oddPool } from './mysql-clients'

const guessing: Policy = {
  limits: [
    { key: 0, max: 20, windowMs: 600_000 },
    { key: 1, max: 4, windowMs: 600_000 },
  ],
}
const challenge = { id: 'id', digest: 'right', attempts: 3, ttlMs: 600_000, data: 'data' }
const keys = ['ledger', 'address']
const guess = (digest: string) => ({
  policy: guessing,
  keys,
  id: 'id',
  digests: [digest],
  mostUsed: 20,
  call: digest,
})
const looks = keys.map((key) => ({ key, max: 100, windowMs: 600_000, cost: 0 }))

interface Row {
  readonly name: string
  readonly options?: PoolOptions
  readonly session?: readonly string[]
  /** What the fault says; everything is right where there is none. */
  readonly fault?: RegExp
}

const rows: readonly Row[] = [
  { name: 'namedPlaceholders', options: { namedPlaceholders: true } },
  { name: 'dateStrings', options: { dateStrings: true } },
  { name: 'supportBigNumbers', options: { supportBigNumbers: true } },
  {
    name: 'bigNumberStrings',
    options: { supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: true },
  },
  { name: 'multipleStatements', options: { multipleStatements: true } },
  { name: 'no FOUND_ROWS', options: { flags: ['-FOUND_ROWS'] } },
  { name: 'typeCast to text', options: { typeCast: (_field, next) => String(next()) } },
  {
    name: 'typeCast to buffers',
    options: { typeCast: (_field, next) => Buffer.from(String(next())) },
    fault: /typeCast/,
  },
  { name: 'typeCast to nothing', options: { typeCast: () => null }, fault: /typeCast/ },
  { name: 'rowsAsArray', options: { rowsAsArray: true }, fault: /rowsAsArray/ },
  { name: 'nestTables', options: { nestTables: true }, fault: /nestTables/ },
  { name: 'nestTables by a separator', options: { nestTables: '_' }, fault: /nestTables/ },
  { name: 'no autocommit', session: ['autocommit = 0'] },
  { name: 'a LIMIT of 1', session: ['sql_select_limit = 1'] },
  { name: 'a LIMIT of 0', session: ['sql_select_limit = 0'] },
  { name: 'COMMIT AND CHAIN', session: ['completion_type = 1'] },
  { name: 'safe updates', session: ['sql_safe_updates = 1'] },
  { name: 'no strict mode', session: ["sql_mode = ''"] },
  { name: 'another SQL', session: ["sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'"] },
  { name: 'a time zone', session: ["time_zone = '+05:30'"] },
  { name: 'no right to write', session: ['TRANSACTION READ ONLY'], fault: /READ ONLY/ },
]

/** A message, guesses at it and refusals, as every database answers them. */
async function expectRight(database: OtpDatabase): Promise<void> {
  const begun = await database.begin({ policy: guessing, keys: ['mail', 'host'], challenge })
  expect(begun).toMatchObject({ taken: { ok: true, used: [1, 1] }, standing: null, put: true })
  const again = await database.begin({ policy: guessing, keys: ['mail', 'host'], challenge })
  expect(again).toMatchObject({ standing: { digest: 'right', attemptsLeft: 3 }, put: false })
  const wrong = await database.settle(guess('wrong'))
  expect(wrong).toMatchObject({ taken: { used: [1, 1] }, attempt: { outcome: 'incorrect' } })
  const right = await database.settle(guess('right'))
  expect(right).toMatchObject({
    taken: { used: [1, 2] },
    attempt: { outcome: 'verified', data: 'data', attemptsUsed: 2 },
  })
  // The guess before it is forgiven, and this very call is answered again.
  expect(await database.take(looks)).toMatchObject({ used: [0, 2] })
  expect((await database.settle(guess('right'))).attempt).toEqual(right.attempt)
  const other = await database.settle({ ...guess('right'), call: 'other' })
  expect(other.attempt).toEqual({ outcome: 'used' })
  await database.settle(guess('wrong'))
  expect(await database.settle(guess('wrong'))).toMatchObject({
    taken: { ok: false, index: 1, used: [0, 4] },
  })
  const limits = keys.map((key) => ({ key, max: 5, windowMs: 600_000 }))
  const taken = await database.take(limits)
  expect(taken).toMatchObject({ ok: true, used: [1, 5] })
  expect(await database.take(limits)).toMatchObject({ ok: false, index: 1, used: [1, 5] })
  if (taken.ok) await database.refund(keys, taken.charge)
  await database.put(challenge)
  expect(await database.attempt('id', ['wrong'])).toMatchObject({ attemptsLeft: 2 })
}

describe('mysql2 with', () => {
  let mariadb: Awaited<ReturnType<typeof openMariadb>>
  beforeAll(async () => {
    mariadb = await openMariadb()
  })
  afterAll(() => mariadb.close())

  it.each(rows)('$name: right, or a fault that names it', async ({ options, session, fault }) => {
    await mariadb.query('DELETE FROM challenges')
    await mariadb.query('DELETE FROM charges')
    const pool = oddPool(mariadb.uri, options ?? {}, session)
    // A sweep of their own would leave none to the one that is counted below.
    const odd = sweepingLate(() => mysql(pool))
    const sound = sweepingLate(() => mysql(mariadb.pool))
    if (fault === undefined) {
      await expectRight(odd)
      // Others see all of it: it was committed.
      expect(await sound.take(looks)).toMatchObject({ used: [0, 4] })
      expect(await sound.get('id')).toMatchObject({ attemptsLeft: 2 })
      await odd.clear(keys)
      await odd.delete('id', 'right')
      expect(await sound.take(looks)).toMatchObject({ used: [0, 0] })
      expect(await sound.get('id')).toBeNull()
      await sound.put({ ...challenge, ttlMs: 1 })
      const later = { clock: () => Date.now() + 60_000 }
      expect(await sweep(pool, later)).toBe(1)
      expect(await mariadb.query('SELECT id FROM challenges')).toEqual([])
    } else {
      await sound.put(challenge)
      await sound.take(keys.map((key) => ({ key, max: 3, windowMs: 600_000, cost: 3 })))
      const calls = [
        () => odd.settle(guess('right')),
        () => odd.settle(guess('wrong')),
        () => odd.begin({ policy: guessing, keys: ['mail', 'host'], challenge }),
        () => odd.take(looks.map((limit) => ({ ...limit, cost: 1 }))),
        () => odd.attempt('id', ['right']),
        () => odd.clear(keys),
      ]
      for (const call of calls) await expect(call()).rejects.toThrow(fault)
      // Nothing was charged, compared or forgotten.
      expect(await sound.take(looks)).toMatchObject({ used: [3, 3] })
      expect(await sound.get('id')).toMatchObject({ attemptsLeft: 3 })
      expect(await mariadb.query('SELECT `key` FROM charges')).toHaveLength(2)
    }
    await pool.end()
  })
})

describe.each([
  ['READ COMMITTED', 'autocommit = 0', 'sql_select_limit = 1', 'completion_type = 1'],
  ['SERIALIZABLE', 'autocommit = 0'],
  ['READ UNCOMMITTED'],
])('sessions of %s %s %s', (isolation, ...settings) => {
  let mariadb: Awaited<ReturnType<typeof openMariadb>>
  let pool: ReturnType<typeof oddPool>
  const clock = testClock()
  beforeAll(async () => {
    mariadb = await openMariadb()
    pool = oddPool(mariadb.uri, {}, [`TRANSACTION ISOLATION LEVEL ${isolation}`, ...settings])
    const [found] = await pool.query(
      "SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')",
    )
    expect(found).toContainEqual(expect.objectContaining({ Value: isolation?.replace(' ', '-') }))
  })
  afterAll(async () => {
    await pool.end()
    await mariadb.close()
  })

  const cases = databaseConformance(async () => ({
    database: mysql(pool, { clock: clock.now }),
    advance: clock.advance,
  }))
  for (const { name, run } of cases) it(name, run)
})
