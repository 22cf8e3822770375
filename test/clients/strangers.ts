import { Redis as UpstashRedis } from '@upstash/redis'
import { GlideClient } from '@valkey/valkey-glide'
import BetterSqlite3 from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/node-postgres'
import knex from 'knex'
import { Kysely, PostgresDialect } from 'kysely'
import PromisedLibsql from 'libsql/promise'
import { createPool as createMariadbPool } from 'mariadb'
import { MongoClient } from 'mongodb'
import { createPool } from 'mysql2/promise'
import { mysql } from 'otpkit/databases/mysql'
import { postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { sqlite } from 'otpkit/databases/sqlite'
import pg from 'pg'
import postgresJs from 'postgres'
import { Sequelize } from 'sequelize'
import initSqlJs from 'sql.js'
import { DataSource } from 'typeorm'

/** A real client handed to a factory that does not take it, and what it is told. */
export interface Stranger {
  readonly name: string
  readonly factory: (...args: never) => unknown
  readonly client: unknown
  readonly told: RegExp
}

/** Clients that are refused by name when the factory is called; none of them connects. */
export async function openStrangers(): Promise<readonly Stranger[]> {
  const address = '127.0.0.1:1'
  const sql = postgresJs(`postgres://user@${address}/otp`)
  const pool = new pg.Pool({ connectionString: `postgres://user@${address}/otp` })
  const dataSource = new DataSource({ type: 'postgres', url: `postgres://user@${address}/otp` })
  const sequelize = new Sequelize(`postgres://user@${address}/otp`, { logging: false })
  const db = knex({ client: 'pg' })
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const mongo = new MongoClient(`mongodb://${address}`)
  const mysqlPool = createPool(`mysql://user@${address}/otp`)
  const mariadbPool = createMariadbPool(`mariadb://user@${address}/otp`)
  const SqlJs = await initSqlJs()
  const betterSqlite3 = new BetterSqlite3(':memory:')
  const upstash = (options: object) =>
    new UpstashRedis({ url: `https://${address}`, token: 'token', ...options })
  const glide: unknown = Object.create(GlideClient.prototype)
  await mariadbPool.end()
  await mysqlPool.end()

  const row = (
    name: string,
    factory: Stranger['factory'],
    client: unknown,
    told: RegExp,
  ): Stranger => ({ name, factory, client, told })
  return [
    row('typeorm', postgres, dataSource, /DataSource of TypeORM: give .*dataSource\.query/),
    row('sequelize', postgres, sequelize, /Sequelize: give .*sequelize\.query/),
    row('knex', postgres, db, /Knex: give .*knex\.raw\(text\.replace\(\/\\\$\\d\+\/g, '\?'\)/),
    row('kysely', postgres, kysely, /Kysely: give .*CompiledQuery\.raw/),
    row('drizzle-orm', postgres, drizzle(pool), /Drizzle: give its \$client/),
    row('postgres.js', postgres, sql, /postgres\.js .*: give .*sql\.unsafe\(text, values\)/),
    row('mongodb', postgres, mongo, /MongoDB is not supported/),
    row('mongodb, its Db', postgres, mongo.db('otp'), /MongoDB is not supported/),
    row('mysql2', postgres, mysqlPool, /MySQL: use otpkit\/databases\/mysql/),
    row('mariadb', postgres, mariadbPool, /MySQL: use otpkit\/databases\/mysql/),
    row('better-sqlite3', postgres, betterSqlite3, /SQLite: use otpkit\/databases\/sqlite/),
    row('mariadb', mysql, mariadbPool, /mariadb connector: give a pool of mysql2\/promise/),
    row('typeorm', mysql, dataSource, /TypeORM: give a pool of mysql2\/promise/),
    row('sequelize', mysql, sequelize, /Sequelize: give a pool of mysql2\/promise/),
    row('knex', mysql, db, /Knex: give a pool of mysql2\/promise/),
    row('pg', mysql, pool, /PostgreSQL: use otpkit\/databases\/postgres/),
    row('mongodb', mysql, mongo, /MongoDB is not supported/),
    row('better-sqlite3', mysql, betterSqlite3, /SQLite: use otpkit\/databases\/sqlite/),
    row('sql.js', sqlite, new SqlJs.Database(), /sql\.js: give an open database of better-sqlite3/),
    row('libsql/promise', sqlite, new PromisedLibsql(':memory:', {}), /does not answer at once/),
    row('typeorm', sqlite, dataSource, /TypeORM: give an open database/),
    row('@valkey/valkey-glide', redis, glide, /Valkey GLIDE: give .*customCommand/),
    row('@upstash/redis', redis, upstash({}), /@upstash\/redis: make it with automaticDeserial/),
    row(
      '@upstash/redis that pipelines',
      redis,
      upstash({ automaticDeserialization: false }),
      /enableAutoPipelining: false/,
    ),
    row('pg', redis, pool, /must be a client or cluster of node-redis/),
  ]
}
