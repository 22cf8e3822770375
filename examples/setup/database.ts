import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type Dialect,
  Kysely,
  type Migration,
  Migrator,
  PostgresDialect,
  SqliteDialect,
} from 'kysely'
import type { Log } from '../http/log'
import { describeFault } from '../http/log'

/** Where the accounts are kept. */
export type DatabasePlace =
  | { readonly name: 'SQLite'; readonly file: string }
  | { readonly name: 'PostgreSQL'; readonly url: string }

/** Brings the tables up to date, whichever of these were there before. */
export type Migrations = Readonly<Record<string, Migration>>

/**
 * Opens the database and migrates it. Kysely's lock lets one of several processes do that while
 * the others wait.
 *
 * @param name - Names the tables that note which migrations were made: examples may share a database.
 * @throws `Error` with a message for the operator, which quotes no address.
 */
export async function openDatabase<Tables>(
  place: DatabasePlace,
  name: string,
  migrations: Migrations,
  log: Log,
): Promise<Kysely<Tables>> {
  const database = new Kysely<Tables>({ dialect: await openDialect(place, log) })
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations },
    migrationTableName: `${name}_migration`,
    migrationLockTableName: `${name}_migration_lock`,
  })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return database
  await database.destroy()
  const variable =
    place.name === 'SQLite' ? 'DATA_FOLDER: the SQLite file' : 'DATABASE_URL: PostgreSQL'
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  throw new Error(`${variable} cannot be used${typeof code === 'string' ? ` (${code})` : ''}.`)
}

async function openDialect(place: DatabasePlace, log: Log): Promise<Dialect> {
  // Each driver is imported where it is chosen: nobody has to install the other one.
  if (place.name === 'SQLite') {
    const { default: Database } = await import('libsql')
    if (place.file !== ':memory:') mkdirSync(dirname(place.file), { recursive: true })
    const database = new Database(place.file, { timeout: 5_000 })
    database.exec('PRAGMA foreign_keys = ON')
    if (place.file !== ':memory:') database.exec('PRAGMA journal_mode = WAL')
    return new SqliteDialect({ database })
  }
  const { Pool } = await import('pg')
  const pool = new Pool({
    connectionString: place.url,
    // Without these pg waits for ever.
    connectionTimeoutMillis: 5_000,
    statement_timeout: 5_000,
    query_timeout: 5_000,
  })
  // A connection that breaks while idle would end the process.
  pool.on('error', (error) => {
    log({ level: 'error', event: 'database_connection_failed', fault: describeFault(error) })
  })
  return new PostgresDialect({ pool })
}

/** Whether this is the error of a unique index, of either database. */
export function isDuplicate(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const code: unknown = Reflect.get(error, 'code')
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === '23505'
}
