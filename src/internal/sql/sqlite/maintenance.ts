import {
  callbackSqlite,
  d1,
  drizzle,
  type Instead,
  knex,
  kysely,
  libsqlHttp,
  refuseStrangeClients,
  sequelize,
  sqlJs,
  typeorm,
} from '../../strange-clients'
import { wrongOption } from '../../wrong-option'
import { isRow, type SqliteDatabase } from '../client'
import { expectMethods } from '../expect-methods'
import { type SqlOptions, type SqlSettings, type SqlTable, sqlSettings } from '../settings'
import { isBusy, statementsOf, transaction } from './connection'
import { sqliteSchema } from './schema'

const synchronous =
  'give an open database of better-sqlite3, libsql, node:sqlite or bun:sqlite, which are synchronous'
const strangeClients: readonly Instead[] = [
  [drizzle, 'give its $client'],
  ...[callbackSqlite, sqlJs, d1, libsqlHttp, typeorm, sequelize, knex, kysely].map(
    (one): Instead => [one, synchronous],
  ),
]

/** Settings for an SQLite database. Throws a `TypeError` for anything else. */
export function sqliteSettings(
  factory: string,
  database: SqliteDatabase,
  options: SqlOptions,
): SqlSettings {
  refuseStrangeClients(factory, 'database', database, strangeClients)
  expectMethods(factory, 'database', database, ['prepare', 'exec'])
  if (!answers(database)) {
    throw wrongOption(factory, 'database', `does not answer at once with rows: ${synchronous}`)
  }
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

/** Whether the database answers a statement that reads nothing, and as it must. */
function answers(database: SqliteDatabase): boolean {
  try {
    const row = database.prepare("SELECT 'otpkit' AS word").get()
    return isRow(row) && row.word === 'otpkit'
  } catch (error) {
    return isBusy(error)
  }
}
