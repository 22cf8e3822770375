import { migrate as migrateMysql, mysql } from 'otpkit/databases/mysql'
import { migrate, postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { migrate as migrateSqlite, sqlite } from 'otpkit/databases/sqlite'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { connectNodeRedis } from '../servers/redis-clients'
import { ownName, postgresUrl, redisUrl } from '../servers/shared'
import { everyOperation } from './every-operation'
import { openSchema } from './own-schema'

const method = async () => []

/** Clients that cannot be had here, by the methods that tell them. */
const strangers = [
  ['bun:sqlite', postgres, { query: method, prepare: method, exec: method, run: method }, 'sqlite'],
  ['the SQL of Bun', postgres, Object.assign(() => {}, { unsafe: method, begin: method }), 'Bun'],
  ['Prisma', postgres, { $queryRawUnsafe: method, $connect: method }, 'Prisma'],
  ['pg-promise', postgres, { query: method, oneOrNone: method, connect: method }, 'db.result'],
  ['Supabase', postgres, { from: method, rpc: method, auth: {} }, 'connection string'],
  ['mongoose', postgres, { model: method, startSession: method }, 'MongoDB'],
  ['PlanetScale', mysql, { execute: method, transaction: method }, 'mysql2/promise'],
  ['sqlite3', sqlite, { prepare: method, exec: method, each: method, parallelize: method }, 'sync'],
  ['D1', sqlite, { prepare: method, exec: method, batch: method }, 'D1'],
  ['@libsql/client', sqlite, { execute: method, executeMultiple: method }, '@libsql/client'],
  ['node-redis 3', redis, { eval: method, evalsha: method, internal_send_command: method }, '4 or'],
] as const

describe('a client that is none of those wanted', () => {
  it.each(strangers)('of %s is refused by name', (_, factory, client, told) => {
    const create = () => Reflect.apply(factory, undefined, [client])
    expect(create).toThrow(TypeError)
    expect(create).toThrow(told)
  })

  it('is refused by migrate too', async () => {
    const bun = { query: method, prepare: method, exec: method }
    await expect(migrate(Object(bun))).rejects.toThrow(/use otpkit\/databases\/sqlite/)
    await expect(migrateMysql(Object(bun))).rejects.toThrow(/use otpkit\/databases\/sqlite/)
    const d1 = { prepare: method, exec: method, batch: method }
    await expect(migrateSqlite(Object(d1))).rejects.toThrow(/Cloudflare D1/)
  })
})

describe('the first answer of a client of PostgreSQL', () => {
  const guess = { id: 'id', digests: ['right'] }
  const answers: readonly (readonly [string, unknown, RegExp])[] = [
    ['bare rows', [{ outcome: 'gone' }], /bare rows: query\(\) must give \{ rows \}/],
    ['no rows at all', [], /bare rows: query\(\) must give \{ rows \}/],
    ['nothing', undefined, /no rows: query\(\) must give \{ rows \}/],
    ['null', null, /no rows: query\(\) must give \{ rows \}/],
    ['rows under another name', { records: [] }, /no rows: query\(\) must give \{ rows \}/],
    ['rows and fields', [[{ outcome: 'gone' }], []], /bare rows/],
    ['a number of rows', { rows: 1 }, /no rows: query\(\) must give \{ rows \}/],
    ['rows as arrays', { rows: [['otpkit']] }, /not objects: an option such as rowsAsArray/],
    ['rows by table', { rows: [{ t: { answer: 'otpkit' } }] }, /no (answer|outcome)/],
    ['texts as objects', { rows: [{ answer: {}, outcome: {} }] }, /is not text/],
    ['texts as bytes', { rows: [{ answer: new Uint8Array(), outcome: null }] }, /is not text/],
  ]

  it.each(answers)('that is %s is a fault that says what to give', async (_, answer, fault) => {
    const client = Object({ query: async () => answer })
    await expect(migrate(client)).rejects.toThrow(fault)
    await expect(postgres(client).attempt(guess.id, guess.digests)).rejects.toThrow(fault)
  })

  it('that encodes texts once more is found out before anything is created', async () => {
    const client = { query: async () => ({ rows: [{ answer: '"otpkit"' }] }) }
    await expect(migrate(client)).rejects.toThrow(/another text than it was given/)
  })
})

describe('a pool of MySQL', () => {
  it.each([
    ['gives no connection', undefined, /gave no connection, unlike one of mysql2\/promise/],
    ['has callbacks', { query: () => {}, execute: () => {} }, /gave no connection/],
    [
      'gives bare rows',
      { query: async () => [], execute: async () => ({}), release: () => {}, destroy: () => {} },
      /no \[rows, fields\], unlike one of mysql2\/promise/,
    ],
  ])('that %s is a fault', async (_, connection, fault) => {
    const database = mysql(Object({ getConnection: async () => connection }))
    await expect(database.get('id')).rejects.toThrow(fault)
    await expect(database.attempt('id', ['right'])).rejects.toThrow(fault)
    await expect(database.delete('id', 'right')).rejects.toThrow(fault)
  })
})

describe('a client that was never connected', () => {
  it('is told so once the time is over, by migrate and by every call', async () => {
    const client = new pg.Client({ connectionString: await postgresUrl() })
    const database = postgres(client, { timeoutMs: 50 })
    const fault = 'did not answer within 50 ms; a Client of pg must be connected first'
    await expect(database.get('id')).rejects.toThrow(fault)
    await expect(database.take([])).rejects.toThrow(fault)
  })

  it('is checked for a time limit that a timer can keep', () => {
    const client = { query: async () => ({ rows: [] }) }
    for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5s']) {
      expect(() => postgres(client, Object({ timeoutMs }))).toThrow(
        new TypeError(
          'otpkit: postgres: option `timeoutMs` must be a number of milliseconds, 1 or more',
        ),
      )
    }
  })

  it('has done nothing that is answered late as a success', async () => {
    const { pool, schema, close } = await openSchema()
    const blocker = await pool.connect()
    await postgres(pool, { schema }).put({
      ...{ id: 'id', digest: 'right', attempts: 5, ttlMs: 60_000, data: '' },
    })
    await blocker.query('BEGIN')
    await blocker.query(`SELECT 1 FROM "${schema}".otpkit_challenges FOR UPDATE`)
    const late = postgres(pool, { schema, timeoutMs: 50 })
    await expect(late.attempt('id', ['right'])).rejects.toThrow(/within 50 ms/)
    await blocker.query('ROLLBACK')
    blocker.release()
    await close()
  })
})

describe('a server that does not know a script', () => {
  it.each([
    ['in front', (text: string) => new Error(text)],
    ['behind the command', (text: string) => new Error(`Command failed: ${text}, command was: x`)],
    ['in an error of another realm', (text: string) => ({ name: 'ReplyError', message: text })],
  ])('is sent its text, wherever NOSCRIPT stands: %s', async (_, wrap) => {
    const { client, close } = await connectNodeRedis(await redisUrl())
    const database = redis(
      {
        eval: (script: string, options: { keys: string[]; arguments: string[] }) =>
          client.eval(script, options),
        evalSha: async () => {
          throw wrap('NOSCRIPT No matching script. Please use EVAL.')
        },
      },
      { prefix: ownName('noscript') },
    )
    await everyOperation(database)
    await close()
  })
})
