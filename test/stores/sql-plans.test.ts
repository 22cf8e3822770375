import type { OtpStore, RateLimiter } from 'otpkit'
import { mysqlRateLimiter } from 'otpkit/rate-limiters/mysql'
import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { sqliteRateLimiter } from 'otpkit/rate-limiters/sqlite'
import * as mysql from 'otpkit/stores/mysql'
import { postgresStore, sweep } from 'otpkit/stores/postgres'
import * as sqlite from 'otpkit/stores/sqlite'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import {
  openMariadb,
  openPostgres,
  openSqlite,
  sweepingLate,
  type TestDatabase,
} from './sql-databases'

const rowCount = 3_000
const limits = [
  { key: 'key-1', max: 300, windowMs: 60_000 },
  { key: 'key-3', max: 5, windowMs: 60_000 },
]

/** Fills the tables, half with expired rows: a planner does not bother about indexes of a few. */
async function fill(database: TestDatabase, isPostgres: boolean, key = 'key'): Promise<void> {
  const numbers = Array.from({ length: rowCount }, (_, index) => index)
  const expiry = (index: number) => (index % 2 === 0 ? 1_000 + index : 9_000_000_000_000)
  const challenges = numbers.map(
    (index) => `('id-${index}', 'digest-${index}', 3, 3, ${expiry(index)}, 'data')`,
  )
  const charges = numbers.map(
    (index) => `('key-${index}', 1, 60000, ${expiry(index)}, ${isPostgres ? "'{}', '{}'" : "''"})`,
  )
  await database.query(
    `INSERT INTO challenges (id, digest, attempts, attempts_left, expires_at, data)
    VALUES ${challenges.join()}`,
  )
  const log = isPostgres ? 'times, entries' : 'entries'
  await database.query(
    `INSERT INTO charges (${key}, next_unit, kept_ms, expires_at, ${log})
    VALUES ${charges.join()}`,
  )
}

/** Every operation that a request waits for. */
async function useAll(store: OtpStore, rateLimiter: RateLimiter): Promise<void> {
  const challenge = { id: 'id-1', digest: 'digest', attempts: 2, ttlMs: 60_000, data: 'data' }
  await store.put(challenge)
  await store.get('id-1')
  await store.attempt('id-1', ['wrong'])
  await store.attempt('id-1', ['digest'])
  await store.delete('id-3', 'digest-3')
  await rateLimiter.take(limits.map((limit) => ({ ...limit, cost: 0 })))
  const taken = await rateLimiter.take(limits)
  await rateLimiter.take([{ key: 'key-1', max: 300, windowMs: 60_000, cost: 130 }])
  if (taken.ok)
    await rateLimiter.refund(
      limits.map(({ key }) => key),
      taken.charge,
    )
  await rateLimiter.clear(['key-1'], 1)
  await rateLimiter.clear(['key-5'])
}

describe('EXPLAIN of each hot statement', () => {
  it('uses an index on PostgreSQL, inside the functions too', async () => {
    const database = await openPostgres()
    const { connectionString, schema } = database
    const client = new pg.Client({ connectionString })
    try {
      const plans: string[] = []
      await client.connect()
      // Plans that were made for empty tables, which nobody would read by an index, are kept.
      await database.query('VACUUM ANALYZE challenges, charges')
      for (const _ of [1, 2, 3, 4, 5, 6]) {
        await useAll(postgresStore(client, { schema }), postgresRateLimiter(client, { schema }))
        await sweep(client, { schema })
      }
      await database.query('TRUNCATE challenges, charges')
      await fill(database, true)
      client.on('notice', ({ message = '' }) => plans.push(message))
      await client.query(`LOAD 'auto_explain';
        SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
        SET client_min_messages = log`)
      await useAll(
        sweepingLate(() => postgresStore(client, { schema })),
        sweepingLate(() => postgresRateLimiter(client, { schema })),
      )
      expect(await sweep(client, { schema })).toBe(rowCount)
      await client.query('SET client_min_messages = notice')

      const onTables = plans.filter((plan) =>
        /(Scan|Update|Delete|Insert).* on otpkit_ch/.test(plan),
      )
      expect(onTables.length).toBeGreaterThan(20)
      const inserts = onTables.filter((plan) => /Insert on/.test(plan))
      const others = onTables.filter((plan) => !inserts.includes(plan))
      expect(inserts.length).toBeGreaterThan(0)
      expect(others.filter((plan) => !/Index (Only )?Scan using otpkit_/.test(plan))).toEqual([])
      expect(plans.filter((plan) => /Seq Scan/.test(plan))).toEqual([])
    } finally {
      await client.end()
      await database.close()
    }
  })

  it('uses an index on MariaDB', async () => {
    const database = await openMariadb()
    try {
      await fill(database, false, '`key`')
      await database.query('ANALYZE TABLE challenges, charges')
      const connection = await database.pool.getConnection()
      const plans: Record<string, unknown>[] = []
      const client = {
        query: (sql: string) => connection.query(sql),
        execute: async (sql: string, values?: (string | number | null)[]) => {
          const [rows] = await connection.query(`EXPLAIN ${sql}`, values)
          for (const row of Array.isArray(rows) ? rows : []) plans.push({ sql, ...row })
          return connection.execute(sql, values)
        },
        destroy: () => connection.destroy(),
      }
      await useAll(
        sweepingLate(() => mysql.mysqlStore(client)),
        sweepingLate(() => mysqlRateLimiter(client)),
      )
      expect(await mysql.sweep(client)).toBe(rowCount)
      connection.release()

      const read = plans.filter(({ sql }) => !/^\s*INSERT/.test(String(sql)))
      expect(read.length).toBeGreaterThan(12)
      expect(
        read.filter(({ key, type }) => {
          const byIndex = key === 'PRIMARY' || key === 'expires_at'
          return !byIndex || !/^(const|eq_ref|ref|range)$/.test(String(type))
        }),
      ).toEqual([])
    } finally {
      await database.close()
    }
  })

  it('uses an index on SQLite', async () => {
    const opened = await openSqlite()
    try {
      await fill(opened, false)
      const { database } = opened
      const statements = new Set<string>()
      const spying = {
        exec: (sql: string) => database.exec(sql),
        prepare: (sql: string) => {
          statements.add(sql)
          return database.prepare(sql)
        },
      }
      await useAll(
        sweepingLate(() => sqlite.sqliteStore(spying)),
        sweepingLate(() => sqliteRateLimiter(spying)),
      )
      expect(await sqlite.sweep(spying)).toBe(rowCount)

      const details = [...statements]
        .flatMap((sql) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
        .map((row) => String(Object(row).detail))
      expect(details.length).toBeGreaterThan(8)
      const scans = details.filter(
        (detail) =>
          !/^(SEARCH .* USING .*(INDEX|PRIMARY)|LIST SUBQUERY|SCAN CONSTANT)/.test(detail),
      )
      expect(scans).toEqual([])
    } finally {
      await opened.close()
    }
  })
})
