import type { SqliteDatabase } from '../client'
import { expectMethods } from '../expect-methods'
import { type SqlOptions, type SqlSettings, type SqlTable, sqlSettings } from '../settings'
import { statementsOf, transaction } from './connection'
import { sqliteSchema } from './schema'

/** Settings for an SQLite database. Throws a `TypeError` for anything else. */
export function sqliteSettings(
  factory: string,
  database: SqliteDatabase,
  options: SqlOptions,
): SqlSettings {
  expectMethods(factory, 'database', database, ['prepare', 'exec'])
  return sqlSettings(factory, options, '"')
}

/** Creates what is missing, holding the database's one write lock. */
export function migrateSqlite(database: SqliteDatabase, settings: SqlSettings): Promise<void> {
  return transaction(database, () => {
    for (const statement of sqliteSchema(settings)) database.exec(statement)
  })
}

/** Removes some expired rows and says how many. */
export function sweepSqlite(
  database: SqliteDatabase,
  settings: SqlSettings,
  table: SqlTable,
  batch: number,
): Promise<number> {
  const key = table === 'challenges' ? '"id"' : '"key"'
  const name = settings.name(table)
  return transaction(database, () => {
    const statements = statementsOf(database)
    return statements.run(
      `DELETE FROM ${name} WHERE ${key} IN (
        SELECT ${key} FROM ${name} WHERE "expires_at" <= ? ORDER BY "expires_at" LIMIT ?)`,
      [settings.instant() ?? statements.now(), batch],
    )
  })
}
