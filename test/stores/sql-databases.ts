import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import { createConnection, createPool } from 'mysql2/promise'
import type { OtpStore, RateLimiter } from 'otpkit'
import { mysqlRateLimiter } from 'otpkit/rate-limiters/mysql'
import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { sqliteRateLimiter } from 'otpkit/rate-limiters/sqlite'
import * as mysql from 'otpkit/stores/mysql'
import { migrate, postgresStore, sweep } from 'otpkit/stores/postgres'
import * as sqlite from 'otpkit/stores/sqlite'
import pg from 'pg'
import { vi } from 'vitest'
import { mariadbUrl, ownName, postgresUrl } from '../servers/shared'

/** How many connections a pool has: fewer than there are racers. */
export const connections = 10

/** How long a test waits for what is about to happen, on however busy a machine. */
export const patienceMs = 30_000

interface Options {
  readonly prefix?: string
  readonly clock?: () => number
}

type Rows = readonly Record<string, unknown>[]

/** An empty, migrated database of one's own, whatever the dialect. */
export interface TestDatabase {
  store(options?: Options): OtpStore
  rateLimiter(options?: Options): RateLimiter
  migrate(options?: Options): Promise<void>
  sweep(options?: Options): Promise<number>
  /** Runs SQL where `challenges` and `charges` stand for the tables. */
  query(sql: string): Promise<Rows>
  close(): Promise<void>
}

/** PostgreSQL over a pool of `pg`, in a schema of its own. */
export async function openPostgres(settings: pg.PoolConfig = {}) {
  const schema = ownName('sql')
  const connectionString = await postgresUrl()
  const pool = new pg.Pool({ connectionString, max: connections, ...settings })
  // A killed connection that is idle is no test failure.
  pool.on('error', () => {})
  await pool.query(`CREATE SCHEMA "${schema}"`)
  await migrate(pool, { schema })
  return {
    pool,
    schema,
    connectionString,
    store: (options: Options = {}) => postgresStore(pool, { schema, ...options }),
    rateLimiter: (options: Options = {}) => postgresRateLimiter(pool, { schema, ...options }),
    migrate: (options: Options = {}) => migrate(pool, { schema, ...options }),
    sweep: (options: Options = {}) => sweep(pool, { schema, ...options }),
    query: async (sql: string): Promise<Rows> =>
      (await pool.query(withTables(sql, `"${schema}"."otpkit_`, '"'))).rows,
    close: async () => {
      await pool.query(`DROP SCHEMA "${schema}" CASCADE`)
      await pool.end()
    },
  }
}

/** MariaDB over a pool of `mysql2`, in a database of its own. */
export async function openMariadb() {
  const database = ownName('sql')
  const url = await mariadbUrl()
  const admin = await createConnection(url)
  await admin.query(`CREATE DATABASE \`${database}\``)
  const uri = Object.assign(new URL(url), { pathname: `/${database}` }).href
  const pool = createPool({ uri, connectionLimit: connections })
  await mysql.migrate(pool)
  return {
    pool,
    database,
    uri,
    store: (options?: Options) => mysql.mysqlStore(pool, options),
    rateLimiter: (options?: Options) => mysqlRateLimiter(pool, options),
    migrate: (options?: Options) => mysql.migrate(pool, options),
    sweep: (options?: Options) => mysql.sweep(pool, options),
    query: async (sql: string): Promise<Rows> => {
      const [rows] = await pool.query(withTables(sql, '`otpkit_', '`'))
      return Array.isArray(rows) ? rows.map((row) => ({ ...row })) : []
    },
    close: async () => {
      await admin.query(`DROP DATABASE \`${database}\``)
      await Promise.all([admin.end(), pool.end()])
    },
  }
}

/** SQLite over `libsql`. */
export async function openSqlite(path = ':memory:') {
  const database = new Database(path)
  await sqlite.migrate(database)
  return {
    database,
    store: (options?: Options) => sqlite.sqliteStore(database, options),
    rateLimiter: (options?: Options) => sqliteRateLimiter(database, options),
    migrate: (options?: Options) => sqlite.migrate(database, options),
    sweep: (options?: Options) => sqlite.sweep(database, options),
    query: async (sql: string): Promise<Rows> =>
      database
        .prepare(withTables(sql, '"otpkit_', '"'))
        .all()
        .map((row) => Object(row)),
    close: async () => {
      database.close()
    },
  }
}

/** SQLite in a file of its own. */
export async function openSqliteFile() {
  const folder = await mkdtemp(join(tmpdir(), 'otpkit-sqlite-'))
  const path = join(folder, 'otp.db')
  const opened = await openSqlite(path)
  // No test crashes the machine, so nothing waits for the disk.
  opened.database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
  return {
    ...opened,
    path,
    close: async () => {
      await opened.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Each database that the adapters are proven on. */
export const databases: Readonly<Record<string, () => Promise<TestDatabase>>> = {
  PostgreSQL: () => openPostgres(),
  MariaDB: openMariadb,
  'SQLite in memory': () => openSqlite(),
  'SQLite in a file': openSqliteFile,
}

/**
 * A store, limiter or database that first sweeps with its 128th write, for tests that count
 * statements: the others begin counting at random, with the first write.
 */
export function sweepingLate<Made extends object>(make: () => Made): Made {
  const begun = new Set<string | symbol>()
  return new Proxy(make(), {
    get: (made, name, receiver) => {
      const method: unknown = Reflect.get(made, name, receiver)
      if (typeof method !== 'function' || begun.has(name)) return method
      return async (...args: unknown[]) => {
        begun.add(name)
        const random = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => array)
        try {
          return await Reflect.apply(method, made, args)
        } finally {
          random.mockRestore()
        }
      }
    },
  })
}

function withTables(sql: string, before: string, after: string): string {
  return sql.replace(/\b(challenges|charges)\b/g, (table) => before + table + after)
}
