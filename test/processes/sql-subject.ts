import Database from 'libsql'
import { createPool } from 'mysql2/promise'
import pg from 'pg'
import {
  mysqlRateLimiter,
  postgresRateLimiter,
  sqliteRateLimiter,
} from '../../src/rate-limiters/sql'
import { mysqlStore, postgresStore, sqliteStore } from '../../src/stores/sql'
import { lockedReadThenUpsertLimiter } from '../broken/sql-rate-limiter'
import { compareThenChargeStore, selectThenUpdateStore } from '../broken/sql-store'
import type { OpenSubject } from './history'

// Their tables exist: whoever starts the processes has migrated. The space is the schema.

export const postgres: OpenSubject = async (connectionString, schema) => {
  const pool = new pg.Pool({ connectionString })
  return {
    store: postgresStore(pool, { schema }),
    rateLimiter: postgresRateLimiter(pool, { schema }),
    close: () => pool.end(),
  }
}

export const mariadb: OpenSubject = async (uri) => {
  const pool = createPool(uri)
  return { store: mysqlStore(pool), rateLimiter: mysqlRateLimiter(pool), close: () => pool.end() }
}

export const sqlite: OpenSubject = async (path) => {
  const database = new Database(path)
  // No test crashes the machine, so nothing waits for the disk.
  database.exec('PRAGMA synchronous = OFF')
  return {
    store: sqliteStore(database),
    rateLimiter: sqliteRateLimiter(database),
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
    const pool = new pg.Pool({ connectionString })
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
      close: () => pool.end(),
    }
  }
}
