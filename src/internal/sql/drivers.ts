import type { MysqlClient, PostgresClient, SqlClient, SqliteDatabase } from './client'
import { migrateMysql, sweepMysql } from './mysql/mysql'
import { migratePostgres, sweepPostgres } from './postgres/postgres'
import { postgresQuery } from './postgres/query'
import {
  type PostgresOptions,
  type SqlOptions,
  type SqlSettings,
  type SqlTable,
  sqlSettings,
} from './settings'
import { migrateSqlite, sweepSqlite } from './sqlite/sqlite'

/** A PostgreSQL client and its settings. Throws a `TypeError` for anything else. */
export function postgresDriver(client: PostgresClient, options: PostgresOptions) {
  expectMethods('client', client, ['query'])
  return { query: postgresQuery(client, options.prepare), settings: sqlSettings(options, '"') }
}

/** Settings for a client of `mysql2/promise`. Throws a `TypeError` for anything else. */
export function mysqlSettings(client: MysqlClient, options: SqlOptions): SqlSettings {
  expectMethods('client', client, ['getConnection'], ['execute', 'query'])
  if ('promise' in client) {
    throw new TypeError('client must come from mysql2/promise, or be what its promise() gives')
  }
  return sqlSettings(options, '`')
}

/** Settings for an SQLite database. Throws a `TypeError` for anything else. */
export function sqliteSettings(database: SqliteDatabase, options: SqlOptions): SqlSettings {
  expectMethods('database', database, ['prepare', 'exec'])
  return sqlSettings(options, '"')
}

/** What is done with a database as a whole. */
export interface SqlDriver {
  migrate(): Promise<void>
  /** Removes up to so many expired rows, and says how many. */
  sweep(table: SqlTable, rows: number): Promise<number>
}

/** The driver for a client, which is known by what it can do. */
export function driverOf(client: SqlClient, options: SqlOptions): SqlDriver {
  expectMethods('client', client, ['query'], ['getConnection'], ['prepare', 'exec'])
  if ('getConnection' in client || 'execute' in client) {
    const settings = mysqlSettings(client, options)
    return {
      migrate: () => migrateMysql(client, settings),
      sweep: (table, rows) => sweepMysql(client, settings, table, rows),
    }
  }
  if ('query' in client) {
    // Said once and then no more, so not worth preparing.
    const { query, settings } = postgresDriver(client, { ...options, prepare: false })
    return {
      migrate: () => migratePostgres(query, settings),
      sweep: (table, rows) => sweepPostgres(query, settings, table, rows),
    }
  }
  const settings = sqliteSettings(client, options)
  return {
    migrate: () => migrateSqlite(client, settings),
    sweep: (table, rows) => sweepSqlite(client, settings, table, rows),
  }
}

function expectMethods(
  option: string,
  client: unknown,
  ...alternatives: readonly (readonly string[])[]
): void {
  const can = (methods: readonly string[]) =>
    typeof client === 'object' &&
    client !== null &&
    methods.every((method) => typeof Reflect.get(client, method) === 'function')
  if (alternatives.some(can)) return
  const wanted = alternatives.map((methods) => methods.map((method) => `${method}()`).join(' and '))
  throw new TypeError(`${option} must have ${wanted.join(', or ')}`)
}
