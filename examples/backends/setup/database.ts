import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type Dialect,
  Kysely,
  PostgresDialect,
  type QueryExecutorProvider,
  SqliteDialect,
  sql,
} from 'kysely'
import type { Log } from '../http/log'
import { describeFault } from '../http/log'

/** Where the accounts are kept. */
export type DatabasePlace =
  | { readonly name: 'SQLite'; readonly file: string }
  | { readonly name: 'PostgreSQL'; readonly url: string }

/** Steps by name, in their order. Each changes the tables in a transaction that is not its own. */
export type Migrations = Readonly<
  Record<string, { up(database: QueryExecutorProvider): Promise<void> }>
>

/**
 * Opens the database and brings its tables up to date.
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
  try {
    const database = new Kysely<Tables>({ dialect: await openDialect(place, log) })
    await migrate(database, place, name, migrations).catch(async (error: unknown) => {
      await database.destroy()
      throw error
    })
    return database
  } catch (error) {
    // Of an error no more than its code: a message may quote the address and password.
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
    const known = typeof code === 'string' && code !== '' ? ` (${code})` : ''
    const server =
      place.name === 'SQLite' ? 'DATA_FOLDER: the SQLite file' : 'DATABASE_URL: PostgreSQL'
    throw new Error(`${server} cannot be used${known}.`)
  }
}

/**
 * Makes the migrations that are missing, all or none. The lock comes first: of several processes
 * that start at once one migrates, and the others wait for it. (Kysely's own migrator has neither
 * a transaction nor a lock in SQLite.)
 */
async function migrate<Tables>(
  database: Kysely<Tables>,
  { name: kind }: DatabasePlace,
  name: string,
  migrations: Migrations,
): Promise<void> {
  const table = sql.table(`${name}_migrations`)
  await database.connection().execute(async (connection) => {
    await (kind === 'SQLite' ? sql`begin immediate` : sql`begin`).execute(connection)
    try {
      if (kind === 'PostgreSQL') {
        await sql`select pg_advisory_xact_lock(hashtext(${`${name} migrations`}))`.execute(
          connection,
        )
      }
      await sql`create table if not exists ${table} (name text primary key)`.execute(connection)
      const { rows } = await sql<{ name: string }>`select name from ${table}`.execute(connection)
      const made = new Set(rows.map((row) => row.name))
      for (const [migration, { up }] of Object.entries(migrations)) {
        if (made.has(migration)) continue
        await up(connection)
        await sql`insert into ${table} (name) values (${migration})`.execute(connection)
      }
      await sql`commit`.execute(connection)
    } catch (error) {
      await sql`rollback`.execute(connection)
      throw error
    }
  })
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

/** The column of a primary key that counts up, and gives no number twice. */
export function countingId(kind: DatabasePlace['name']) {
  return kind === 'SQLite'
    ? sql`integer primary key autoincrement`
    : sql`integer primary key generated always as identity`
}

/** Whether this is the error of a unique index, of either database. */
export function isDuplicate(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  const code: unknown = Reflect.get(error, 'code')
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === '23505'
}
