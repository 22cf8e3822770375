import type { OtpDatabase, Policy } from 'otpkit'
import { migrate, postgres } from 'otpkit/databases/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyOperation } from './every-operation'
import { openSchema } from './own-schema'

const challenge = { id: 'id', digest: 'right', attempts: 5, ttlMs: 600_000, data: 'data' }
const policy: Policy = { limits: [{ key: 0, max: 100, windowMs: 600_000 }] }

/** A guess at the challenge. */
function guess(database: OtpDatabase, digest: string, call: string) {
  return database.settle({
    policy,
    keys: ['ledger'],
    id: 'id',
    digests: [digest],
    mostUsed: 50,
    call,
  })
}

let opened: Awaited<ReturnType<typeof openSchema>>
beforeAll(async () => {
  opened = await openSchema()
})
afterAll(() => opened.close())

/** Work with a pool whose sessions have these settings. */
async function withSessions(options: string, work: (database: OtpDatabase) => Promise<void>) {
  const { connectionString, schema } = opened
  const pool = new pg.Pool({ connectionString, options, max: 4 })
  try {
    await work(postgres(pool, { schema }))
  } finally {
    await pool.end()
  }
}

describe('sessions', () => {
  it.each([
    '-c default_transaction_isolation=repeatable\\ read',
    '-c default_transaction_isolation=serializable',
    '-c search_path=',
    '-c search_path=pg_temp,information_schema,pg_catalog',
    '-c plpgsql.variable_conflict=use_column',
    '-c plpgsql.extra_errors=all',
    '-c standard_conforming_strings=off',
    '-c transform_null_equals=on -c array_nulls=off',
    '-c plan_cache_mode=force_custom_plan -c enable_seqscan=on',
    '-c statement_timeout=20s -c lock_timeout=10s -c idle_in_transaction_session_timeout=1s',
    '-c TimeZone=Asia/Kolkata -c DateStyle=German -c IntervalStyle=iso_8601',
    '-c synchronous_commit=off -c jit_above_cost=0',
  ])('with %s get the same answers', async (options) => {
    await withSessions(options, everyOperation)
  })

  it.each(['repeatable\\ read', 'serializable'])(
    'that are %s compare no guess beyond the attempts or the ledger',
    async (level) => {
      const options = `-c default_transaction_isolation=${level}`
      await withSessions(options, async (database) => {
        await database.clear(['ledger'])
        await database.put({ ...challenge, attempts: 20 })
        const settled = await Promise.allSettled(
          Array.from({ length: 30 }, (_, index) => guess(database, 'wrong', `call-${index}`)),
        )
        const compared = settled.flatMap((result) =>
          result.status === 'fulfilled' && result.value.attempt?.outcome === 'incorrect' ? [1] : [],
        ).length
        const { used } = await database.take([
          { key: 'ledger', max: 100, windowMs: 600_000, cost: 0 },
        ])
        expect(used).toEqual([compared])
        expect((await database.get('id'))?.attemptsLeft).toBe(20 - compared)
        // Faults are calls that met others more often than they are tried again.
        for (const result of settled) {
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: '40001' })
        }
      })
    },
  )

  it('that may only read compare nothing', async () => {
    await opened.pool.query('SELECT 1')
    const { pool, schema } = opened
    await postgres(pool, { schema }).put(challenge)
    await withSessions('-c default_transaction_read_only=on', async (database) => {
      for (const digest of ['right', 'wrong']) {
        await expect(guess(database, digest, 'call')).rejects.toMatchObject({ code: '25006' })
        await expect(database.attempt('id', [digest])).rejects.toMatchObject({ code: '25006' })
      }
    })
    expect((await postgres(pool, { schema }).get('id'))?.attemptsLeft).toBe(5)
  })

  it('whose statements are timed out have charged and compared nothing', async () => {
    const { pool, schema } = opened
    const sound = postgres(pool, { schema })
    await sound.clear(['ledger'])
    await sound.put(challenge)
    const blocker = await pool.connect()
    await blocker.query('BEGIN')
    await blocker.query(`SELECT 1 FROM "${schema}".otpkit_challenges WHERE "id" = 'id' FOR UPDATE`)
    await withSessions('-c statement_timeout=50', async (database) => {
      for (const digest of ['right', 'wrong']) {
        await expect(guess(database, digest, 'call')).rejects.toMatchObject({ code: '57014' })
      }
    })
    await blocker.query('ROLLBACK')
    blocker.release()
    expect((await sound.get('id'))?.attemptsLeft).toBe(5)
    const look = { key: 'ledger', max: 100, windowMs: 600_000, cost: 0 }
    expect((await sound.take([look])).used).toEqual([0])
  })
})

describe('a client', () => {
  it('with types of its own for numbers, arrays and booleans gets the same answers', async () => {
    const { connectionString, schema } = opened
    const text = 25
    const types = {
      getTypeParser: (oid: number) =>
        oid === text
          ? String
          : (value: string) => ({ oid, value: oid === 20 ? BigInt(value) : [] }),
    }
    const pool = new pg.Pool({ connectionString, types, max: 2 })
    await everyOperation(postgres(pool, { schema }))
    await pool.end()
  })

  it('that encodes texts once more gets a fault, never a wrong code', async () => {
    const { pool, schema } = opened
    const sound = postgres(pool, { schema })
    await sound.clear(['ledger'])
    await sound.put({ ...challenge, id: '"id"' })
    await sound.put(challenge)
    const encoding = postgres(
      {
        query: (sql: string, values: unknown[] = []) =>
          pool.query(
            sql,
            values.map((value) => (value === null ? null : JSON.stringify(value))),
          ),
      },
      { schema },
    )
    for (const digest of ['right', 'wrong']) {
      await expect(guess(encoding, digest, 'call')).rejects.toThrow(
        /malformed array|invalid input syntax/,
      )
      await expect(encoding.attempt('id', [digest])).rejects.toThrow(
        /malformed array|invalid input syntax/,
      )
    }
    expect((await sound.get('id'))?.attemptsLeft).toBe(5)
  })

  it('that loses digests gets a fault', async () => {
    const { pool, schema } = opened
    const sound = postgres(pool, { schema })
    await sound.put(challenge)
    const losingTo = (lost: string | null) =>
      postgres(
        {
          query: (sql: string, values: unknown[] = []) =>
            pool.query(
              sql,
              values.map((value) => (String(value).includes('"right"') ? lost : value)),
            ),
        },
        { schema },
      )
    for (const lost of [null, '{NULL}', '{call,NULL}', '{call,right,NULL}', '{call}']) {
      const losing = losingTo(lost)
      await expect(guess(losing, 'right', 'call')).rejects.toThrow(/texts of a call/)
    }
    for (const lost of [null, '{NULL}', '{right,NULL}']) {
      const losing = losingTo(lost)
      await expect(losing.attempt('id', ['right'])).rejects.toThrow(/texts of a call/)
    }
    expect((await sound.get('id'))?.attemptsLeft).toBe(5)
  })

  it.each([
    ['nothing', undefined],
    ['no rows', []],
    ['a row of nothing', [null]],
    ['rows that are arrays', [['verified', '{1,1,1}', 'data', 'data']]],
    ['an empty row', [{}]],
    ['two rows', [{ outcome: 'gone', answer: '{0,0,0}', data: '' }, {}]],
    ['numbers as an array', [{ outcome: 'verified', answer: [1, 1, 1], digest: '', data: '' }]],
    ['too few numbers', [{ outcome: 'verified', answer: '{1}', digest: '', data: '' }]],
    ['letters', [{ outcome: 'verified', answer: '{a,b,c,d,e,f}', digest: '', data: '' }]],
    ['holes', [{ outcome: 'verified', answer: '{1,,1,1,1,1}', digest: '', data: '' }]],
    ['NULL for a number', [{ outcome: 'put', answer: '{0,0,0,0,0,NULL}', digest: '', data: '' }]],
    ['another outcome', [{ outcome: 'open', answer: '{0,0,0,0,0,0}', digest: '', data: '' }]],
    ['no data', [{ outcome: 'verified', answer: '{1,1,1}', digest: null, data: null }]],
  ])('that answers with %s gets a fault', async (_, rows) => {
    const client = { query: async () => ({ rows }) }
    const database: OtpDatabase = Reflect.apply(postgres, undefined, [client])
    const beginning = { policy, keys: ['ledger'], challenge }
    await expect(guess(database, 'right', 'call')).rejects.toThrow(/answered|column|client/)
    await expect(database.attempt('id', ['right'])).rejects.toThrow(/answered|column|client/)
    await expect(database.begin(beginning)).rejects.toThrow(/answered|column|client/)
  })

  it('of a database without the tables and functions is told to migrate', async () => {
    const { pool, schema } = opened
    const nowhere = [
      postgres(pool, { schema: 'no_such_schema' }),
      postgres(pool, { schema, prefix: 'no_such_' }),
    ]
    for (const database of nowhere) {
      const calls = [
        () => guess(database, 'right', 'call'),
        () => database.begin({ policy, keys: ['ledger'], challenge }),
        () => database.get('id'),
        () => database.take([]),
      ]
      for (const call of calls) {
        const failed = call()
        await expect(failed).rejects.toThrow(/missing or not of this version: run migrate$/)
        await expect(failed).rejects.toMatchObject({ cause: { code: /^(42883|3F000)$/ } })
      }
    }
    await expect(migrate(pool, { schema: 'no_such_schema' })).rejects.toMatchObject({
      code: '3F000',
    })
  })

  it('that is none, or wrong options, are refused by their names', () => {
    for (const client of [undefined, null, 'postgres://localhost', {}, { query: true }]) {
      expect(() => Reflect.apply(postgres, undefined, [client])).toThrow(
        new TypeError('otpkit: postgres: option `client` must have query()'),
      )
    }
    expect(() => postgres(opened.pool, { prefix: 'a"b' })).toThrow(
      /^otpkit: postgres: option `prefix` must be a letter/,
    )
    expect(() => postgres(opened.pool, { schema: '' })).toThrow(
      /^otpkit: postgres: option `schema` must be a letter/,
    )
  })
})
