import Database from 'libsql'
import { createPool } from 'mysql2'
import { createConnection } from 'mysql2/promise'
import { mysqlRateLimiter } from 'otpkit/rate-limiters/mysql'
import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { sqliteRateLimiter } from 'otpkit/rate-limiters/sqlite'
import * as mysql from 'otpkit/stores/mysql'
import { mysqlStore } from 'otpkit/stores/mysql'
import { migrate, postgresStore, sweep } from 'otpkit/stores/postgres'
import * as sqlite from 'otpkit/stores/sqlite'
import { sqliteStore } from 'otpkit/stores/sqlite'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openMariadb, openPostgres, openSqlite, sweepingLate } from './sql-databases'

const challenge = { id: 'id', digest: 'digest', attempts: 40, ttlMs: 60_000, data: 'data' }

describe('clients', () => {
  it('of PostgreSQL need nothing but a query() with text and values', async () => {
    const database = await openPostgres()
    const { pool, schema } = database
    const client = {
      query: (...args: [text: string, values?: unknown[]]) => {
        expect(args.length).toBe(2)
        expect(typeof args[0]).toBe('string')
        return pool.query(...args)
      },
    }
    await migrate(client, { schema })
    const store = postgresStore(client, { schema })
    await store.put(challenge)
    expect(await store.attempt('id', ['wrong'])).toMatchObject({
      outcome: 'incorrect',
      attemptsLeft: 39,
    })
    const limit = { key: 'key', max: 1, windowMs: 60_000 }
    expect((await postgresRateLimiter(client, { schema }).take([limit])).ok).toBe(true)
    expect(await sweep(client, { schema })).toBe(0)
    await database.close()
  })

  it('of pg have every statement prepared once a connection, unless told not to', async () => {
    const database = await openPostgres({ max: 1 })
    const { pool, schema } = database
    const prepared = async () => {
      const { rows } = await pool.query(
        'SELECT count(*)::integer AS count FROM pg_prepared_statements',
      )
      return rows[0].count
    }
    const unprepared = sweepingLate(() => postgresStore(pool, { schema, prepare: false }))
    await unprepared.put(challenge)
    expect(await prepared()).toBe(0)
    for (const _ of [1, 2]) {
      const store = sweepingLate(() => postgresStore(pool, { schema }))
      await store.put(challenge)
      await store.put(challenge)
      await store.get('id')
    }
    expect(await prepared()).toBe(2)
    await database.close()
  })

  it('of pg may be one connection, also from a pool', async () => {
    const database = await openPostgres()
    const { connectionString, pool, schema } = database
    const client = new pg.Client({ connectionString })
    await client.connect()
    const pooled = await pool.connect()
    for (const one of [client, pooled]) {
      const store = postgresStore(one, { schema })
      await store.put(challenge)
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, () => store.attempt('id', ['digest'])),
      )
      expect(outcomes.filter(({ outcome }) => outcome === 'verified').length).toBe(1)
    }
    pooled.release()
    await client.end()
    await database.close()
  })

  it('of mysql2 may be one connection: its transactions wait for each other', async () => {
    const database = await openMariadb()
    const connection = await createConnection(database.uri)
    const store = mysqlStore(connection)
    const rateLimiter = mysqlRateLimiter(connection)
    await store.put(challenge)
    const limit = { key: 'key', max: 7, windowMs: 60_000 }
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        Promise.all([
          store.attempt('id', [index === 15 ? 'digest' : 'wrong']),
          rateLimiter.take([limit]),
        ]),
      ),
    )
    expect(results.map(([{ outcome }]) => outcome)).toEqual([
      ...Array(15).fill('incorrect'),
      'verified',
      ...Array(14).fill('gone'),
    ])
    expect(results.filter(([, { ok }]) => ok).length).toBe(7)
    await connection.end()
    await database.close()
  })

  it('of SQLite may give integers as bigint', async () => {
    const opened = await openSqlite()
    const database: Database.Database = opened.database
    database.defaultSafeIntegers(true)
    const store = sqliteStore(database)
    await store.put(challenge)
    expect(await store.attempt('id', ['wrong'])).toMatchObject({
      outcome: 'incorrect',
      attemptsLeft: 39,
    })
    expect((await store.get('id'))?.remainingMs).toBeLessThanOrEqual(60_000)
    const rateLimiter = sqliteRateLimiter(database)
    const limit = { key: 'key', max: 1, windowMs: 60_000 }
    expect((await rateLimiter.take([limit])).ok).toBe(true)
    expect(await rateLimiter.take([limit])).toMatchObject({ ok: false, used: [1] })
    await opened.close()
  })

  it('that are none are refused by what is missing', () => {
    const factories = [
      postgresStore,
      postgresRateLimiter,
      mysqlStore,
      mysqlRateLimiter,
      sqliteStore,
      sqliteRateLimiter,
    ]
    for (const factory of factories) {
      for (const client of [undefined, null, 'postgres://localhost', {}, { query: true }]) {
        expect(() => Reflect.apply(factory, undefined, [client])).toThrow(
          /^otpkit: \w+: option `(client|database)` must have /,
        )
      }
    }
    expect(() => sqliteStore(new Database(':memory:'), { prefix: 'a"b' })).toThrow(
      /^otpkit: sqliteStore: option `prefix` must/,
    )
  })

  it('of mysql2 with callbacks are told from those with promises', () => {
    const pool = createPool('mysql://root@127.0.0.1/otpkit')
    expect(() => Reflect.apply(mysqlStore, undefined, [pool])).toThrow(
      new TypeError(
        'otpkit: mysqlStore: option `client` must come from mysql2/promise, or be what its promise() gives',
      ),
    )
    expect(() => mysqlStore(pool.promise())).not.toThrow()
    pool.end()
  })

  it('that are none are refused by migrate and sweep', async () => {
    for (const run of [migrate, sweep, mysql.migrate, mysql.sweep, sqlite.migrate, sqlite.sweep]) {
      for (const client of [undefined, null, {}, 'sqlite']) {
        await expect(Reflect.apply(run, undefined, [client])).rejects.toThrow(
          /option `(client|database)` must have /,
        )
      }
    }
  })
})

describe('what makes no sense', () => {
  const limit = { key: 'key', max: 5, windowMs: 60_000 }

  it('in an answer is an error, never taken for nothing', async () => {
    for (const row of [
      undefined,
      {},
      { outcome: 'yes' },
      { answer: '[]' },
      { answer: '[[], 1]' },
    ]) {
      const client = { query: async () => ({ rows: row === undefined ? [] : [row] }) }
      await expect(postgresStore(client).attempt('id', ['digest'])).rejects.toThrow()
      await expect(postgresRateLimiter(client).take([limit])).rejects.toThrow()
    }
    const connection = {
      query: async (): Promise<[unknown, unknown]> => [{}, undefined],
      execute: async (): Promise<[unknown, unknown]> => [{}, undefined],
      destroy: () => {},
    }
    await expect(mysqlStore(connection).get('id')).rejects.toThrow(/no rows/)
    await expect(mysqlStore(connection).attempt('id', [])).rejects.toThrow(/no rows/)
    await expect(mysqlRateLimiter(connection).take([limit])).rejects.toThrow(/no rows/)
    const timeless = {
      exec: () => {},
      prepare: (sql: string) => ({
        get: () => (sql.includes('julianday') ? undefined : { word: 'otpkit' }),
        run: () => ({ changes: 0 }),
      }),
    }
    await expect(sqliteStore(timeless).put(challenge)).rejects.toThrow(/did not tell the time/)
  })

  it('in a row is an error', async () => {
    const database = await openSqlite()
    for (const entries of ['1', '1,2,3', 'x,1,1,1', '1,2,3,4;', '0.5,1,1,1']) {
      await database.query(
        `INSERT OR REPLACE INTO charges (key, next_unit, kept_ms, expires_at, entries)
        VALUES ('key', 1, 60000, 9e12, '${entries}')`,
      )
      await expect(database.rateLimiter().take([limit])).rejects.toThrow(/does not hold a log/)
    }
    await database.close()
  })

  it('in a cost is refused', async () => {
    const database = await openSqlite()
    const rateLimiter = database.rateLimiter()
    for (const cost of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(rateLimiter.take([{ ...limit, cost }])).rejects.toThrow(
        new TypeError('cost must be a whole number of units, 0 or more'),
      )
    }
    await expect(rateLimiter.take([limit, { ...limit, cost: 2 }])).rejects.toThrow(
      new TypeError('limits that share a key must share a cost'),
    )
    expect(await database.query('SELECT * FROM charges')).toEqual([])
    await database.close()
  })

  it('of a migration that another one holds up is an error in the end', async () => {
    const connection = {
      query: async (): Promise<[unknown, unknown]> => [[], undefined],
      execute: async (): Promise<[unknown, unknown]> => [[{ locked: 0 }], undefined],
      destroy: () => {},
    }
    await expect(mysql.migrate(connection)).rejects.toThrow(
      'another migration has not finished in time',
    )
  })
})
