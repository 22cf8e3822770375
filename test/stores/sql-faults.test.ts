import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createPool } from 'mysql2/promise'
import { mysqlRateLimiter } from 'otpkit/rate-limiters/mysql'
import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { mysqlStore } from 'otpkit/stores/mysql'
import { postgresStore } from 'otpkit/stores/postgres'
import { sqliteStore } from 'otpkit/stores/sqlite'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Fault, startTcpProxy, type TcpProxy } from '../servers/tcp-proxy'
import {
  openMariadb,
  openPostgres,
  openSqliteFile,
  patienceMs,
  sweepingLate,
} from './sql-databases'

const challenge = { id: 'id', digest: 'digest', attempts: 3, ttlMs: 600_000, data: 'data' }
const limits = ['a', 'b'].map((key) => ({ key, max: 9, windowMs: 600_000 }))
const looks = limits.map((limit) => ({ ...limit, cost: 0 }))
const faults: readonly Fault[] = ['before the request', 'after the request', 'before the reply']

/** The address of the proxy instead of the server's. */
function through(proxy: TcpProxy, url: string): string {
  return Object.assign(new URL(url), { port: String(proxy.port) }).href
}

describe('a PostgreSQL connection that is lost', () => {
  let database: Awaited<ReturnType<typeof openPostgres>>
  beforeAll(async () => {
    database = await openPostgres()
  })
  afterAll(() => database.close())

  /** Kills whatever waits for a lock that this statement holds, once it waits. */
  async function killWaiting(lock: string, work: () => Promise<unknown>): Promise<void> {
    const { pool, schema } = database
    const blocker = await pool.connect()
    try {
      await blocker.query('BEGIN')
      await blocker.query(`SET LOCAL search_path = "${schema}"`)
      const { rows } = await blocker.query(
        `SELECT pg_backend_pid() AS pid FROM (${lock}) AS locked`,
      )
      const working = work()
      working.catch(() => {})
      await vi.waitFor(async () => {
        const killed = await pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE $1 = ANY (pg_blocking_pids(pid))`,
          [rows[0]?.pid],
        )
        expect(killed.rows.length).toBe(1)
      }, patienceMs)
      await expect(working).rejects.toThrow(/terminat/)
    } finally {
      await blocker.query('ROLLBACK')
      blocker.release()
    }
  }

  it('in the middle of a take has charged nothing', async () => {
    const rateLimiter = database.rateLimiter()
    await rateLimiter.take(limits.slice(1))
    // It has charged "a" when it comes to wait for "b".
    await killWaiting(`SELECT 1 FROM otpkit_charges WHERE "key" = 'b' FOR UPDATE`, () =>
      rateLimiter.take(limits),
    )
    expect((await rateLimiter.take(looks)).used).toEqual([0, 1])
    expect((await rateLimiter.take(limits)).used).toEqual([1, 2])
    await rateLimiter.clear(['a', 'b'])
  })

  it('in the middle of an attempt has compared nothing', async () => {
    const store = database.store()
    await store.put(challenge)
    for (const digest of ['digest', 'wrong']) {
      await killWaiting(`SELECT 1 FROM otpkit_challenges WHERE "id" = 'id' FOR UPDATE`, () =>
        store.attempt('id', [digest]),
      )
    }
    expect((await store.get('id'))?.attemptsLeft).toBe(3)
  })

  it.each(faults)('%s is an error, never a success', async (fault) => {
    const { connectionString, schema } = database
    const proxy = await startTcpProxy(Number(new URL(connectionString).port))
    const pool = new pg.Pool({ connectionString: through(proxy, connectionString), max: 1 })
    pool.on('error', () => {})
    const store = sweepingLate(() => postgresStore(pool, { schema }))
    const rateLimiter = sweepingLate(() => postgresRateLimiter(pool, { schema }))
    await store.put(challenge)
    await expectThrown(proxy, fault, () => store.attempt('id', ['digest']))
    await expectAtMostOnce(store.attempt('id', ['digest']), fault)
    await expectThrown(proxy, fault, () => rateLimiter.take(limits))
    await expectWholeOrNothing(rateLimiter.take(looks), fault)
    await rateLimiter.clear(['a', 'b'])
    await pool.end()
    await proxy.stop()
  })
})

describe('a MariaDB connection that is lost', () => {
  let database: Awaited<ReturnType<typeof openMariadb>>
  beforeAll(async () => {
    database = await openMariadb()
  })
  afterAll(() => database.close())

  /** A pool whose connections are killed when everything is written and nothing is committed. */
  function dyingPool() {
    const { pool } = database
    return {
      getConnection: async () => {
        const connection = await pool.getConnection()
        return {
          execute: (sql: string, values?: (string | number | null)[]) =>
            connection.execute(sql, values),
          query: async (sql: string) => {
            if (sql === 'COMMIT') await pool.query(`KILL ${connection.threadId}`)
            return connection.query(sql)
          },
          release: () => connection.release(),
          destroy: () => connection.destroy(),
        }
      },
    }
  }

  it('in the middle of a take has charged nothing', async () => {
    const rateLimiter = database.rateLimiter()
    await rateLimiter.take(limits.slice(1))
    await expect(mysqlRateLimiter(dyingPool()).take(limits)).rejects.toThrow()
    await vi.waitFor(async () => {
      expect(await database.query('SELECT `key` FROM charges')).toEqual([{ key: 'b' }])
    }, patienceMs)
    expect((await rateLimiter.take(looks)).used).toEqual([0, 1])
    expect((await rateLimiter.take(limits)).used).toEqual([1, 2])
    await rateLimiter.clear(['a', 'b'])
  })

  it('in the middle of an attempt has compared nothing', async () => {
    const store = database.store()
    await store.put(challenge)
    for (const digest of ['digest', 'wrong']) {
      await expect(mysqlStore(dyingPool()).attempt('id', [digest])).rejects.toThrow()
      // A locking read waits until the server has noticed and rolled back.
      await database.query("SELECT id FROM challenges WHERE id = 'id' FOR UPDATE")
    }
    expect((await store.get('id'))?.attemptsLeft).toBe(3)
  })

  it.each(faults)('%s is an error, never a success', async (fault) => {
    const proxy = await startTcpProxy(Number(new URL(database.uri).port))
    const pool = createPool({ uri: through(proxy, database.uri), connectionLimit: 1 })
    const store = sweepingLate(() => mysqlStore(pool))
    const rateLimiter = sweepingLate(() => mysqlRateLimiter(pool))
    await store.put(challenge)
    // A first round prepares the statements. Of the second, the last request is the COMMIT.
    await store.attempt('id', ['digest'])
    await store.put(challenge)
    await expectThrown(proxy, fault, () => store.attempt('id', ['digest']), 4)
    await expectAtMostOnce(store.attempt('id', ['digest']), fault)
    await rateLimiter.take(limits)
    await rateLimiter.clear(['a', 'b'])
    await expectThrown(proxy, fault, () => rateLimiter.take(limits), 6)
    await expectWholeOrNothing(rateLimiter.take(looks), fault)
    await rateLimiter.clear(['a', 'b'])
    await pool.end()
    await proxy.stop()
  })
})

async function expectThrown(
  proxy: TcpProxy,
  fault: Fault,
  work: () => Promise<unknown>,
  skip = 0,
): Promise<void> {
  const struck = proxy.cut(fault, skip)
  await expect(work()).rejects.toThrow()
  await struck
}

/** The caller was not told that the code had verified. If it had, then it never does again. */
async function expectAtMostOnce(second: Promise<{ outcome: string }>, fault: Fault): Promise<void> {
  const { outcome } = await second
  const known = { 'before the request': ['verified'], 'before the reply': ['used'] }
  expect(fault === 'after the request' ? ['verified', 'used'] : known[fault]).toContain(outcome)
}

/** The caller was not told that both keys are charged; both are, or neither. */
async function expectWholeOrNothing(
  look: Promise<{ used: readonly number[] }>,
  fault: Fault,
): Promise<void> {
  const { used } = await look
  const known = { 'before the request': [[0, 0]], 'before the reply': [[1, 1]] }
  const either = [
    [0, 0],
    [1, 1],
  ]
  expect(fault === 'after the request' ? either : known[fault]).toContainEqual(used)
}

describe('a process that dies', () => {
  it('in the middle of an SQLite transaction has left nothing', async () => {
    const opened = await openSqliteFile()
    const store = opened.store()
    await store.put(challenge)
    const script = `
      import Database from 'libsql'
      import { sqliteRateLimiter } from './src/rate-limiters/sqlite.ts'
      import { sqliteStore } from './src/stores/sqlite.ts'
      const database = new Database(${JSON.stringify(opened.path)})
      const dying = {
        prepare: (sql) => database.prepare(sql),
        exec: (sql) => sql === 'COMMIT' ? process.kill(process.pid, 'SIGKILL') : database.exec(sql),
      }
      if (process.argv[1] === 'take') {
        await sqliteRateLimiter(dying).take(${JSON.stringify(limits)})
      } else await sqliteStore(dying).attempt('id', ['digest'])`
    for (const operation of ['take', 'attempt']) {
      const args = ['--import', 'tsx', '--input-type=module', '-e', script, operation]
      await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
        signal: 'SIGKILL',
      })
    }
    expect((await opened.rateLimiter().take(looks)).used).toEqual([0, 0])
    expect((await store.get('id'))?.attemptsLeft).toBe(3)
    expect((await sqliteStore(opened.database).attempt('id', ['digest'])).outcome).toBe('verified')
    await opened.close()
  })
})
