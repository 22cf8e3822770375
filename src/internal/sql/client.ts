/** One row of a result. */
export type SqlRow = Readonly<Record<string, unknown>>

/** What a statement is given. */
export type SqlValue = string | number | null

/**
 * The part of a PostgreSQL client that is called: a `Pool` or `Client` of `pg`, a PGlite, or
 * anything else whose `query` takes a text with `$1`, `$2` and its values, and gives `{ rows }`.
 */
export interface PostgresClient {
  query(text: string, values?: SqlValue[]): Promise<{ readonly rows: readonly SqlRow[] }>
}

/** The part of a `mysql2/promise` connection that is called. */
export interface MysqlConnection {
  query(sql: string, values?: SqlValue[]): Promise<readonly [unknown, unknown]>
  execute(sql: string, values?: SqlValue[]): Promise<readonly [unknown, unknown]>
  destroy(): void
}

/** A connection that goes back to its pool. */
export interface MysqlPoolConnection extends MysqlConnection {
  release(): void
}

/**
 * The part of a `mysql2/promise` pool that is called. Only connections are: a transaction spread
 * over the connections of a pool would be none.
 */
export interface MysqlPool {
  getConnection(): Promise<MysqlPoolConnection>
}

/** A pool, or one connection, whose operations then wait for each other. */
export type MysqlClient = MysqlPool | MysqlConnection

/** The part of a prepared SQLite statement that is called. */
export interface SqliteStatement {
  get(...values: (string | number)[]): unknown
  run(...values: (string | number)[]): { readonly changes: number | bigint }
}

/** The part of an SQLite database that is called: better-sqlite3, libsql or `node:sqlite`. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement
  exec(sql: string): unknown
}

/** Whether a value is a row: an object whose members can be read. */
export function isRow(value: unknown): value is SqlRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
