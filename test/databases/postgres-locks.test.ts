import type { OtpDatabase, Policy } from 'otpkit'
import { postgres } from 'otpkit/databases/postgres'
import { schema as ddl } from 'otpkit/stores/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ownName } from '../servers/shared'
import { patienceMs, sweepingLate } from '../stores/sql-databases'
import { openSchema } from './own-schema'

// Somebody else may hold what steps that share a query need: a query that somebody has hung in the
// middle, a hand at the console, a store that is used alone.

const windowMs = 600_000
const policy: Policy = {
  limits: [
    { key: 0, max: 1_000, windowMs },
    { key: 1, max: 1_000, windowMs },
  ],
}

let opened: Awaited<ReturnType<typeof openSchema>>
let sound: OtpDatabase
/** A schema of one's own, where what shares a query waits so long for a lock. */
const openWaiting = (shared: '2s' | '60s') => async () => {
  opened = await openSchema()
  const { pool, schema } = opened
  const text = ddl({ schema })
  expect(text.match(/'2 s'|'2s'/g)).toEqual(["'2 s'", "'2s'"])
  if (shared !== '2s') await pool.query(text.replace(`'2 s'`, `'60 s'`).replace(`'2s'`, `'60s'`))
  sound = sweepingLate(() => postgres(pool, { schema }))
}

/** People with a challenge and an address each. */
async function people(count: number) {
  const space = ownName('locks')
  const all = Array.from({ length: count }, (_, index) => {
    const name = `${space}-${index}`
    const keys = [`f${name}`, `i${name}`]
    const challenge = { id: name, digest: 'right', attempts: 50, ttlMs: windowMs, data: name }
    const guess = (database: OtpDatabase, digest = 'wrong') =>
      database.settle({ policy, keys, id: name, digests: [digest], mostUsed: 999, call: digest })
    return { name, keys, challenge, guess }
  })
  for (const { challenge } of all) await sound.put(challenge)
  return all
}

/** A pool, the database over it, and the codes of what its statements failed with. */
function watched(settings: pg.PoolConfig = {}) {
  const { connectionString, schema } = opened
  const pool = new pg.Pool({ connectionString, max: 10, ...settings })
  const errors: unknown[] = []
  let statements = 0
  const client = {
    query: async (text: string, values?: unknown[]) => {
      statements += 1
      try {
        return await pool.query(text, values)
      } catch (error) {
        errors.push(error instanceof pg.DatabaseError ? error.code : error)
        throw error
      }
    },
  }
  return {
    pool,
    errors,
    count: () => statements,
    database: sweepingLate(() => postgres(client, { schema })),
  }
}

/** Work beside a transaction that somebody else has open. */
async function beside(
  statement: string,
  work: (other: { readonly client: pg.PoolClient; blocks(): Promise<void> }) => Promise<void>,
) {
  const client = await opened.pool.connect()
  try {
    await client.query('BEGIN')
    // Of a circle it is never the one that the server chooses.
    await client.query(`SET LOCAL deadlock_timeout = '10min'`)
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    await client.query(statement)
    const blocks = () =>
      vi.waitFor(async () => {
        const { rows: blocked } = await opened.pool.query(
          'SELECT pid FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))',
          [rows[0]?.pid],
        )
        expect(blocked).toHaveLength(1)
      }, patienceMs)
    await work({ client, blocks })
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

const table = (name: string) => `"${opened.schema}"."otpkit_${name}"`
const challengeLock = (id: string) =>
  `SELECT 1 FROM ${table('challenges')} WHERE "id" = '${id}' FOR UPDATE`
/** A store's `clear` takes the lock of a key's subject. */
const subjectLock = (key: string) => `SELECT ${table('clear')}(ARRAY['${key}'], 0)`
const chargeLock = (key: string) =>
  `SELECT 1 FROM ${table('charges')} WHERE "key" = '${key}' FOR UPDATE`

const units = async (keys: readonly string[]) =>
  (await sound.take(keys.map((key) => ({ key, max: 1_000, windowMs, cost: 0 })))).used

describe('a step that waits for a lock of somebody else', () => {
  beforeAll(openWaiting('2s'))
  afterAll(() => opened.close())

  it.each([
    ["its challenge's row", ({ name }: { name: string }) => challengeLock(name)],
    ["its recipient's lock", ({ name }: { name: string }) => subjectLock(`f${name}`)],
    ["its address's row", ({ name }: { name: string }) => chargeLock(`i${name}`)],
  ])('%s does not make those wait long that share its query', async (_, lock) => {
    const all = await people(20)
    const [stuck, ...others] = all
    if (stuck === undefined) throw new Error('there is nobody')
    await stuck.guess(sound)
    const { pool, errors, database } = watched()
    await beside(lock(stuck), async ({ client }) => {
      let answered = false
      const waiting = stuck.guess(database)
      waiting.then(() => {
        answered = true
      })
      for (const left of [49, 48]) {
        const settled = await Promise.all(others.map(({ guess }) => guess(database)))
        for (const { attempt } of settled) expect(attempt).toMatchObject({ attemptsLeft: left })
      }
      expect([answered, errors]).toEqual([false, ['55P03']])
      await client.query('COMMIT')
      expect((await waiting).attempt).toMatchObject({ outcome: 'incorrect', attemptsLeft: 48 })
    })
    for (const { keys } of all) expect(await units(keys)).toEqual([2, 2])
    await pool.end()
  })

  it('waits as the session says, and leaves its setting as it was', async () => {
    const all = await people(5)
    const [stuck] = all
    for (const [setting, shown] of [
      ['0', '0'],
      ['1min', '1min'],
    ] as const) {
      const { pool, errors, database } = watched({ max: 1, options: `-c lock_timeout=${setting}` })
      await beside(challengeLock(stuck?.name ?? ''), async ({ client, blocks }) => {
        const settling = Promise.allSettled(all.map(({ guess }) => guess(database)))
        await vi.waitFor(() => expect(errors).toEqual(['55P03']), patienceMs)
        await blocks()
        await client.query('COMMIT')
        expect(new Set((await settling).map(({ status }) => status))).toEqual(
          new Set(['fulfilled']),
        )
        expect(errors).toEqual(['55P03'])
      })
      expect((await pool.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: shown }])
      await pool.end()
    }
  })
})

// The minute is what none of these waits for, on however busy a machine.
describe('a step that waits for a lock of somebody else, where a shared query waits a minute', () => {
  beforeAll(openWaiting('60s'))
  afterAll(() => opened.close())

  it('waits no longer than the session says, and leaves its setting as it was', async () => {
    const all = await people(5)
    const [stuck] = all
    const { pool, errors, database } = watched({ max: 1, options: '-c lock_timeout=20ms' })
    await beside(challengeLock(stuck?.name ?? ''), async () => {
      const from = performance.now()
      const settled = await Promise.allSettled(all.map(({ guess }) => guess(database)))
      const [first, ...others] = settled.map(({ status }) => status)
      expect(first).toBe('rejected')
      expect(new Set(others)).toEqual(new Set(['fulfilled']))
      expect(performance.now() - from).toBeLessThan(30_000)
      // Alone it has failed as it would have without the others.
      expect(errors).toEqual(['55P03', '55P03'])
    })
    expect((await pool.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '20ms' }])
    await pool.end()
  })
})

describe('steps that share a query, rolled back by the server', () => {
  // They are not to give up first, on however busy a machine.
  beforeAll(openWaiting('60s'))
  afterAll(() => opened.close())

  it('since a challenge was changed meanwhile, are decided once more, on what it is now', async () => {
    const all = await people(10)
    const [changed] = all
    const { pool, errors, count, database } = watched()
    await beside(challengeLock(changed?.name ?? ''), async ({ client, blocks }) => {
      const settling = Promise.all(all.map(({ guess }) => guess(database)))
      await blocks()
      await client.query(
        `UPDATE ${table('challenges')} SET "attempts_left" = 7 WHERE "id" = '${changed?.name}'`,
      )
      await client.query('COMMIT')
      const left = (await settling).map(({ attempt }) => attempt)
      expect(left[0]).toMatchObject({ outcome: 'incorrect', attemptsLeft: 6 })
      for (const attempt of left.slice(1)) expect(attempt).toMatchObject({ attemptsLeft: 49 })
      expect([errors, count()]).toEqual([['40001'], 2])
    })
    for (const { keys } of all) expect(await units(keys)).toEqual([1, 1])
    await pool.end()
  })

  it('since they wait in a circle, are decided once more', async () => {
    const all = await people(10)
    const [one, other] = all
    if (one === undefined || other === undefined) throw new Error('there is nobody')
    await one.guess(sound)
    const { pool, errors, count, database } = watched({ options: '-c deadlock_timeout=10ms' })
    await beside(challengeLock(one.name), async ({ client }) => {
      await beside(chargeLock(`f${one.name}`), async ({ client: third, blocks }) => {
        const settling = Promise.all(all.map(({ guess }) => guess(database)))
        await blocks()
        const closing = client.query(subjectLock(`f${other.name}`))
        // The circle closes when they come to the challenge.
        await third.query('COMMIT')
        await closing
        await client.query('COMMIT')
        for (const [index, { attempt }] of (await settling).entries()) {
          expect(attempt).toMatchObject({ attemptsLeft: index === 0 ? 48 : 49 })
        }
        expect([errors, count()]).toEqual([['40P01'], 2])
      })
    })
    expect(await units(other.keys)).toEqual([1, 1])
    await pool.end()
  })

  it.each([1, 10])(
    'beside a store that never rests, %s at a time, are not put off twice',
    async (count) => {
      const all = await people(count)
      const { pool, errors, database } = watched()
      let resting = false
      const store = postgres(opened.pool, { schema: opened.schema })
      const busy = all.flatMap(({ name }) =>
        Array.from({ length: 4 }, async () => {
          while (!resting) await store.attempt(name, ['wrong'])
        }),
      )
      // Until they have met at least once: on a busy machine that may take more than twenty rounds.
      for (let round = 1; round <= 20 || errors.length === 0; round += 1) {
        const before = errors.length
        const settled = await Promise.all(all.map(({ guess }) => guess(database, 'other')))
        for (const { taken } of settled) expect(taken.ok).toBe(true)
        expect(errors.slice(before).length).toBeLessThanOrEqual(1)
        for (const { challenge } of all) await store.put(challenge)
      }
      resting = true
      await Promise.all(busy)
      expect(new Set(errors)).toEqual(new Set(['40001']))
      await pool.end()
    },
  )
})
