import type { OtpDatabase } from 'otpkit'
import { migrate, postgres } from 'otpkit/databases/postgres'
import { databaseConformance, testClock } from 'otpkit/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseKind } from '../promises/places'
import { testPromises } from '../promises/suite'
import { startPgbouncer } from '../servers/pgbouncer'
import { everyOperation } from './every-operation'
import { openSchema } from './own-schema'

/** Connections of a pool behind a pooler that has four of its own. */
const connections = 12

let opened: Awaited<ReturnType<typeof openSchema>>
beforeAll(async () => {
  opened = await openSchema()
})
afterAll(() => opened.close())

/** A pool behind PgBouncer, and every statement that failed there. */
async function openBehind(mode: Parameters<typeof startPgbouncer>[1]) {
  const server = await startPgbouncer(opened.connectionString, mode)
  const pool = new pg.Pool({ connectionString: server.url, max: connections })
  pool.on('error', () => {})
  return {
    server,
    pool,
    close: async () => {
      await pool.end()
      await server.stop()
    },
  }
}

/** A pool's clients, counted: statements with a name, those without, and what failed of them. */
function counting(pool: pg.Pool) {
  const counts = { prepared: 0, plain: 0, failed: [] as unknown[] }
  const query = async (statement: string | pg.QueryConfig, values?: unknown[]) => {
    counts[typeof statement === 'string' ? 'plain' : 'prepared'] += 1
    try {
      return await pool.query(statement, values)
    } catch (error) {
      counts.failed.push(error instanceof pg.DatabaseError ? error.code : error)
      throw error
    }
  }
  return { counts, client: { connect: () => {}, totalCount: 0, query } }
}

describe.each(['transaction', 'statement', 'session'] as const)('PgBouncer in %s mode', (mode) => {
  let behind: Awaited<ReturnType<typeof openBehind>>
  beforeAll(async () => {
    behind = await openBehind(mode)
  })
  afterAll(() => behind.close())

  it('needs no option: a hundred people at once get every answer', async () => {
    const { schema } = opened
    const { counts, client } = counting(behind.pool)
    await migrate(behind.pool, { schema })
    const database = postgres(client, { schema })
    await Promise.all(Array.from({ length: 100 }, () => everyOperation(database)))
    if (mode === 'session') expect(counts).toMatchObject({ plain: 0, failed: [] })
    else {
      // It has learned, and sends no more statements that fail.
      expect(counts.failed.every((code) => code === '26000' || code === '42P05')).toBe(true)
      const before = counts.prepared
      await everyOperation(database)
      expect(counts.prepared).toBe(before)
    }
    // What shared a query waited for locks in a way of its own; nobody who comes after it does.
    const text = `SELECT current_setting('lock_timeout') AS waits`
    const shown = await Promise.all(
      Array.from({ length: connections }, () => behind.pool.query(text)),
    )
    expect(new Set(shown.map(({ rows }) => rows[0]?.waits))).toEqual(new Set(['0']))
  })
})

describe('behind PgBouncer in transaction mode', () => {
  let behind: Awaited<ReturnType<typeof openBehind>>
  const clock = testClock()
  beforeAll(async () => {
    behind = await openBehind('transaction')
  })
  afterAll(() => behind.close())

  testPromises([
    databaseKind(
      'postgres',
      (now) => postgres(behind.pool, { schema: opened.schema, clock: now }),
      1,
    ),
  ])
  const cases = databaseConformance(async () => ({
    database: postgres(behind.pool, { schema: opened.schema, clock: clock.now }),
    advance: clock.advance,
  }))
  for (const { name, run } of cases) it(name, run)
})

describe('a statement that the server does not know', () => {
  const challenge = { id: 'id', digest: 'right', attempts: 5, ttlMs: 60_000, data: 'data' }

  it.each([
    ['was prepared on another connection', 'DEALLOCATE ALL'],
    ['is there under its name already', undefined],
  ])('since it %s, is charged and compared once', async (_, statement) => {
    const { connectionString, schema } = opened
    const client = new pg.Client({ connectionString })
    await client.connect()
    const database: OtpDatabase = postgres(client, { schema })
    await database.put(challenge)
    if (statement === undefined) {
      // As behind a pooler: names are there of which this client knows nothing.
      await database.attempt('id', ['wrong'])
      const { rows } = await client.query('SELECT name FROM pg_prepared_statements')
      expect(rows.length).toBeGreaterThan(1)
      Reflect.set(Reflect.get(client, 'connection'), 'parsedStatements', {})
    } else {
      await database.attempt('id', ['wrong'])
      await client.query(statement)
    }
    expect(await database.attempt('id', ['wrong'])).toMatchObject({ attemptsLeft: 3 })
    expect(await database.attempt('id', ['wrong'])).toMatchObject({ attemptsLeft: 2 })
    expect(await database.attempt('id', ['right'])).toMatchObject({ outcome: 'verified' })
    await client.end()
  })
})
