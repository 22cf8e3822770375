import { pid } from 'node:process'
import Database from 'libsql'
import { createConnection, createPool } from 'mysql2/promise'
import pg from 'pg'
import { mysql } from '../../src/databases/mysql'
import { postgres as postgresDatabase } from '../../src/databases/postgres'
import { sqlite as sqliteDatabase } from '../../src/databases/sqlite'
import { mysqlRateLimiter } from '../../src/rate-limiters/mysql'
import { postgresRateLimiter } from '../../src/rate-limiters/postgres'
import { sqliteRateLimiter } from '../../src/rate-limiters/sqlite'
import { mysqlStore } from '../../src/stores/mysql'
import { postgresStore } from '../../src/stores/postgres'
import { sqliteStore } from '../../src/stores/sqlite'
import { lockedReadThenUpsertLimiter } from '../broken/sql-rate-limiter'
import { compareThenChargeStore, selectThenUpdateStore } from '../broken/sql-store'
import { unbatched } from '../databases/unbatched'
import type { OpenSubject } from './history'

// Their tables exist: whoever starts the processes has migrated. The space is the schema.

export const postgres = onPostgres(postgresDatabase)

/** No two steps share a query. */
export const postgresAlone = onPostgres(unbatched)

function onPostgres(make: typeof unbatched): OpenSubject {
  return async (connectionString, schema) => {
    const name = `${schema} ${pid}`
    const pool = openPool({ connectionString, application_name: name })
    return {
      store: postgresStore(pool, { schema }),
      rateLimiter: postgresRateLimiter(pool, { schema }),
      database: make(pool, { schema }),
      cut: async () => {
        await pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = $1 AND pid <> pg_backend_pid()`,
          [name],
        )
      },
      close: () => pool.end(),
    }
  }
}

function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config)
  // One that is cut while it is idle fails no call.
  pool.on('error', () => {})
  return pool
}

export const mariadb: OpenSubject = async (uri) => {
  const pool = createPool(uri)
  const connections = new Set<number>()
  pool.on('connection', ({ threadId }) => connections.add(threadId))
  return {
    store: mysqlStore(pool),
    rateLimiter: mysqlRateLimiter(pool),
    database: mysql(pool),
    cut: async () => {
      const admin = await createConnection(uri)
      for (const id of connections) await admin.query(`KILL ${id}`).catch(() => {})
      connections.clear()
      await admin.end()
    },
    close: () => pool.end(),
  }
}

export const sqlite: OpenSubject = async (path) => {
  const database = new Database(path)
  // No test crashes the machine, so nothing waits for the disk.
  database.exec('PRAGMA synchronous = OFF')
  return {
    store: sqliteStore(database),
    rateLimiter: sqliteRateLimiter(database),
    database: sqliteDatabase(database),
    close: async () => {
      database.close()
    },
  }
}

export const selectThenUpdate = broken(selectThenUpdateStore)

export const compareThenCharge = broken(compareThenChargeStore)

/** A broken store, and a broken limiter that refuses, before it does anything, all but one unit. */
function broken(brokenStore: typeof selectThenUpdateStore): OpenSubject {
  return async (connectionString, schema) => {
    const pool = openPool({ connectionString })
    const refuse = async () => {
      throw new Error('this limiter takes one unit of one limit')
    }
    const sound = { take: refuse, refund: refuse, clear: refuse }
    const limiter = lockedReadThenUpsertLimiter(pool, `"${schema}"."otpkit_charges"`, sound)
    return {
      store: brokenStore(pool, `"${schema}"."otpkit_challenges"`, postgresStore(pool, { schema })),
      rateLimiter: {
        ...limiter,
        take: (limits) => (limits[0]?.cost === 2 ? refuse() : limiter.take(limits)),
      },
      database: postgresDatabase(pool, { schema }),
      close: () => pool.end(),
    }
  }
}
