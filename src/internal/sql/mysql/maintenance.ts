import {
  drizzle,
  type Instead,
  knex,
  kysely,
  mariadbConnector,
  mongo,
  planetScale,
  postgresClient,
  prisma,
  refuseStrangeClients,
  sequelize,
  sqliteDatabase,
  typeorm,
} from '../../strange-clients'
import { wrongOption } from '../../wrong-option'
import type { MysqlClient } from '../client'
import { expectMethods } from '../expect-methods'
import { integerOf } from '../rows'
import { type SqlOptions, type SqlSettings, type SqlTable, sqlSettings } from '../settings'
import { onConnection, present, rowsOf, write } from './connection'
import { mysqlSchema } from './schema'

const secondsToWaitForMigration = 60
const migrationMs = 120_000

const ownPool = 'give a pool of mysql2/promise'
const strangeClients: readonly Instead[] = [
  [sqliteDatabase, 'use otpkit/databases/sqlite'],
  [mariadbConnector, ownPool],
  [drizzle, 'give its $client, a pool of mysql2/promise'],
  ...[typeorm, sequelize, knex, kysely, prisma, planetScale].map((one): Instead => [one, ownPool]),
  [postgresClient, 'use otpkit/databases/postgres'],
  [mongo, 'MongoDB is not supported'],
]

/** Settings for a client of `mysql2/promise`. Throws a `TypeError` for anything else. */
export function mysqlSettings(
  factory: string,
  client: MysqlClient,
  options: SqlOptions,
): SqlSettings {
  refuseStrangeClients(factory, 'client', client, strangeClients)
  expectMethods(factory, 'client', client, ['getConnection'], ['execute', 'query'])
  if ('promise' in client) {
    throw wrongOption(
      factory,
      'client',
      'must come from mysql2/promise, or be what its promise() gives',
    )
  }
  return sqlSettings(factory, options, '`')
}

/** Creates what is missing, under a lock of the server's: its schema changes are no transaction. */
export function migrateMysql(client: MysqlClient, settings: SqlSettings): Promise<void> {
  const lock = settings.bareName('migrate')
  return onConnection(
    client,
    async (connection) => {
      const [row] = await rowsOf(connection, 'SELECT COALESCE(GET_LOCK(?, ?), 0) AS locked', [
        lock,
        secondsToWaitForMigration,
      ])
      if (row === undefined || integerOf(row, 'locked') !== 1) {
        throw new Error('another migration has not finished in time')
      }
      try {
        for (const statement of mysqlSchema(settings)) await connection.query(statement)
      } finally {
        await connection.execute('DO RELEASE_LOCK(?)', [lock])
      }
    },
    migrationMs,
  )
}

/** Removes some expired rows and says how many. */
export function sweepMysql(
  client: MysqlClient,
  settings: SqlSettings,
  table: SqlTable,
  batch: number,
): Promise<number> {
  // The number stands in the text: as a parameter it would be a float, which LIMIT refuses.
  return write(
    client,
    `DELETE FROM ${settings.name(table)} WHERE \`expires_at\` <= ${present}
    ORDER BY \`expires_at\` LIMIT ${batch}`,
    [settings.instant()],
  )
}
