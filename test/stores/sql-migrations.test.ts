import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Database from 'libsql'
import { createConnection } from 'mysql2/promise'
import { migrate as migrateMysql, schema as mysqlSchema } from 'otpkit/stores/mysql'
import { migrate, schema } from 'otpkit/stores/postgres'
import { migrate as migrateSqlite, schema as sqliteSchema, sqliteStore } from 'otpkit/stores/sqlite'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  databases,
  openMariadb,
  openPostgres,
  openSqliteFile,
  type TestDatabase,
} from './sql-databases'

const challenge = { id: 'id', digest: 'digest', attempts: 3, ttlMs: 60_000, data: 'data' }
const limit = { key: 'key', max: 1, windowMs: 60_000 }

/** Whether store and limiter find their tables and functions. */
async function expectWorking(database: TestDatabase, prefix: string): Promise<void> {
  await database.store({ prefix }).put(challenge)
  const outcome = await database.store({ prefix }).attempt('id', ['digest'])
  expect(outcome).toMatchObject({ outcome: 'verified', data: 'data', attemptsUsed: 1 })
  expect((await database.rateLimiter({ prefix }).take([limit])).ok).toBe(true)
  expect((await database.rateLimiter({ prefix }).take([limit])).ok).toBe(false)
}

for (const [name, open] of Object.entries(databases)) {
  describe(`migrate on ${name}`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    it('may run again, and keeps what is there', async () => {
      await database.store().put(challenge)
      await database.rateLimiter().take([limit])
      await database.migrate()
      expect((await database.store().get('id'))?.attemptsLeft).toBe(3)
      expect((await database.rateLimiter().take([limit])).ok).toBe(false)
    })

    it('may be run by many at once', async () => {
      const prefix = 'raced_'
      await Promise.all(Array.from({ length: 10 }, () => database.migrate({ prefix })))
      await expectWorking(database, prefix)
    })

    it('quotes what would be a word of SQL, or lose its capitals', async () => {
      for (const prefix of ['Select_', 'x', 'a_prefix_of_40_characters_is_the_longest']) {
        await database.migrate({ prefix })
        await expectWorking(database, prefix)
      }
    })
  })
}

describe('migrate', () => {
  it('may be run at once by processes with a connection each', async () => {
    const [postgres, mariadb, sqlite] = await Promise.all([
      openPostgres(),
      openMariadb(),
      openSqliteFile(),
    ])
    const prefix = 'raced_'
    const { connectionString } = postgres
    const clients = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const client = new pg.Client({ connectionString })
        await client.connect()
        return client
      }),
    )
    await Promise.all(clients.map((client) => migrate(client, { schema: postgres.schema, prefix })))
    await Promise.all(clients.map((client) => client.end()))
    await expectWorking(postgres, prefix)

    const connections = await Promise.all(
      Array.from({ length: 10 }, () => createConnection(mariadb.uri)),
    )
    await Promise.all(connections.map((connection) => migrateMysql(connection, { prefix })))
    await Promise.all(connections.map((connection) => connection.end()))
    await expectWorking(mariadb, prefix)

    const handles = Array.from({ length: 10 }, () => new Database(sqlite.path))
    await Promise.all(handles.map((handle) => migrateSqlite(handle, { prefix })))
    for (const handle of handles) handle.close()
    await expectWorking(sqlite, prefix)

    await Promise.all([postgres.close(), mariadb.close(), sqlite.close()])
  })

  it('has PostgreSQL compress long logs fast, and does not wait for readers to say so again', async () => {
    const { pool, schema, connectionString, close } = await openPostgres()
    const offered = await pool.query(
      `SELECT 'lz4' = ANY (enumvals) AS is_offered FROM pg_settings
      WHERE name = 'default_toast_compression'`,
    )
    const columns = await pool.query(
      `SELECT to_jsonb(a) ->> 'attcompression' AS compression FROM pg_attribute a
      WHERE attrelid = $1::regclass AND attname IN ('times', 'entries')`,
      [`"${schema}".otpkit_charges`],
    )
    const expected = offered.rows[0]?.is_offered ? 'l' : ''
    expect(columns.rows.map(({ compression }) => compression ?? '')).toEqual([expected, expected])
    const reader = await pool.connect()
    const impatient = new pg.Client({ connectionString, options: '-c lock_timeout=1s' })
    await impatient.connect()
    await reader.query(`BEGIN; SELECT FROM "${schema}".otpkit_charges`)
    await migrate(impatient, { schema })
    await reader.query('COMMIT')
    await impatient.end()
    reader.release()
    await close()
  })

  it('puts everything into an attached database of SQLite', async () => {
    const database = new Database(':memory:')
    database.exec(`ATTACH ':memory:' AS auth`)
    await migrateSqlite(database, { schema: 'auth' })
    const names = database.prepare('SELECT name FROM auth.sqlite_master').all()
    expect(names.length).toBeGreaterThanOrEqual(4)
    expect(database.prepare('SELECT name FROM main.sqlite_master').all()).toEqual([])
    const store = sqliteStore(database, { schema: 'auth' })
    await store.put(challenge)
    expect((await store.attempt('id', ['digest'])).outcome).toBe('verified')
    database.close()
  })
})

describe('schema', () => {
  it('is what a migration tool of your own needs to run', async () => {
    const [postgres, mariadb, sqlite] = await Promise.all([
      openPostgres(),
      openMariadb(),
      openSqliteFile(),
    ])
    const prefix = 'own_'
    await postgres.pool.query(schema({ schema: postgres.schema, prefix }))
    await expectWorking(postgres, prefix)
    const connection = await createConnection({ uri: mariadb.uri, multipleStatements: true })
    await connection.query(mysqlSchema({ schema: mariadb.database, prefix }))
    await connection.end()
    await expectWorking(mariadb, prefix)
    sqlite.database.exec(sqliteSchema({ prefix }))
    await expectWorking(sqlite, prefix)
    await Promise.all([postgres.close(), mariadb.close(), sqlite.close()])
  })

  it('is printed by the command', async () => {
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/bin.ts', ...args])
    const { stdout } = await run('schema', 'postgres', '--prefix', 'own_', '--schema', 'auth')
    expect(stdout.trim()).toBe(schema({ prefix: 'own_', schema: 'auth' }).trim())
    for (const args of [[], ['schema'], ['schema', 'oracle'], ['schema', 'mysql', '--prefix']]) {
      await expect(run(...args)).rejects.toMatchObject({ code: 1, stderr: /^Usage: otpkit schema/ })
    }
    await expect(run('schema', 'mysql', '--prefix', 'a`b')).rejects.toMatchObject({
      stderr: expect.stringMatching(/^otpkit: schema: option `prefix` must be/),
    })
  })

  it('refuses names that would have to be escaped, without repeating them', () => {
    for (const prefix of ['', '1a', 'a-b', 'a"b', 'a`b', 'a.b', 'é', 'a'.repeat(41), 'a\n']) {
      for (const options of [{ prefix }, { schema: prefix }]) {
        expect(() => schema(options)).toThrow(TypeError)
        expect(() => schema(options)).toThrow(
          /: option `(prefix|schema)` must be a letter or underscore, then letters, digits or underscores/,
        )
      }
    }
  })
})
