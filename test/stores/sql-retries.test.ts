import Database from 'libsql'
import type { RateLimiter } from 'otpkit'
import { mysqlRateLimiter } from 'otpkit/rate-limiters/mysql'
import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { mysqlStore } from 'otpkit/stores/mysql'
import { postgresStore } from 'otpkit/stores/postgres'
import { sqliteStore } from 'otpkit/stores/sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openMariadb, openPostgres, openSqliteFile, patienceMs } from './sql-databases'

const challenge = { id: 'id', digest: 'digest', attempts: 5, ttlMs: 600_000, data: 'data' }
const limit = { key: 'key', max: 5, windowMs: 600_000 }

afterEach(() => {
  vi.useRealTimers()
})

/** An error as a database client throws it. */
const failure = (members: object) => Object.assign(new Error('as the driver says it'), members)

async function accepted(rateLimiter: RateLimiter, racers: number): Promise<number> {
  const taken = await Promise.all(Array.from({ length: racers }, () => rateLimiter.take([limit])))
  return taken.filter(({ ok }) => ok).length
}

describe('a transaction of PostgreSQL that was rolled back', () => {
  it.each(['repeatable read', 'serializable'])('under %s is tried again', async (level) => {
    const options = `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`
    const database = await openPostgres({ options, max: 4 })
    expect(await database.query('SHOW transaction_isolation')).toEqual([
      { transaction_isolation: level },
    ])
    const store = database.store()
    await store.put(challenge)
    const digests = Array.from({ length: 40 }, (_, index) => (index === 20 ? 'digest' : 'wrong'))
    const outcomes = await Promise.all(digests.map((digest) => store.attempt('id', [digest])))
    expect(outcomes.filter(({ outcome }) => outcome !== 'gone').length).toBeLessThanOrEqual(5)
    expect(await accepted(database.rateLimiter(), 40)).toBe(5)
    expect((await database.rateLimiter().take([{ ...limit, cost: 0 }])).used).toEqual([5])
    await database.close()
  })

  it('is tried again a bounded number of times, and after nothing else', async () => {
    const always = (code: string) => {
      const query = vi.fn(async () => Promise.reject(failure({ code })))
      return { query }
    }
    for (const code of ['40001', '40P01']) {
      const client = always(code)
      await expect(postgresStore(client).attempt('id', [])).rejects.toMatchObject({ code })
      expect(client.query).toHaveBeenCalledTimes(13)
    }
    for (const code of ['08006', '57P01', '55P03', '25P02', 'ECONNRESET', '']) {
      const client = always(code)
      await expect(postgresStore(client).attempt('id', [])).rejects.toMatchObject({ code })
      await expect(postgresRateLimiter(client).take([limit])).rejects.toMatchObject({ code })
      expect(client.query).toHaveBeenCalledTimes(2)
    }
  })
})

describe('a transaction of MariaDB that was rolled back', () => {
  it('by a deadlock is tried again', async () => {
    const database = await openMariadb()
    const [one, other] = [await database.pool.getConnection(), await database.pool.getConnection()]
    const limits = ['a', 'b'].map((key) => ({ ...limit, key }))
    await database.rateLimiter().take(limits)
    const insert = vi.fn()
    const client = {
      query: (sql: string) => one.query(sql),
      execute: (sql: string, values?: (string | number | null)[]) => {
        if (sql.startsWith('INSERT')) insert()
        return one.execute(sql, values)
      },
      destroy: () => one.destroy(),
    }
    // The other holds "b" and comes for "a" while the take holds "a" and waits for "b". It has
    // written more, so the server ends the take.
    await other.query('START TRANSACTION')
    await other.query("UPDATE otpkit_charges SET kept_ms = kept_ms + 1 WHERE `key` = 'b'")
    const taking = mysqlRateLimiter(client).take(limits)
    const isWaiting = async () => {
      const waiting = await database.query(
        `SELECT 1 FROM information_schema.innodb_trx
        WHERE trx_state = 'LOCK WAIT' AND trx_mysql_thread_id = ${one.threadId}`,
      )
      expect(waiting.length).toBeGreaterThan(0)
    }
    // The server refreshes that table once nobody has read it for 100 ms.
    await vi.waitFor(isWaiting, { interval: 200, timeout: patienceMs })
    await other.query("UPDATE otpkit_charges SET kept_ms = kept_ms + 1 WHERE `key` = 'a'")
    await other.query('COMMIT')
    expect(await taking).toMatchObject({ ok: true, used: [2, 2] })
    expect(insert.mock.calls.length).toBeGreaterThan(2)
    one.release()
    other.release()
    await database.close()
  })

  it('is tried again a bounded number of times, and after nothing else', async () => {
    const always = (errno: number) => ({
      query: vi.fn(async (_sql: string): Promise<[unknown, unknown]> => [[], []]),
      execute: async () => Promise.reject(failure({ errno })),
      destroy: vi.fn(),
    })
    const started = (client: ReturnType<typeof always>) =>
      client.query.mock.calls.filter(([sql]) => sql === 'START TRANSACTION').length
    for (const errno of [1213, 1020]) {
      const client = always(errno)
      await expect(mysqlStore(client).attempt('id', [])).rejects.toMatchObject({ errno })
      expect(started(client)).toBe(13)
    }
    for (const errno of [1205, 2013, 1927, 0]) {
      const client = always(errno)
      await expect(mysqlStore(client).attempt('id', [])).rejects.toMatchObject({ errno })
      expect(started(client)).toBe(1)
      expect(client.destroy).not.toHaveBeenCalled()
    }
  })

  it('or may not have been, is not used any more', async () => {
    const client = {
      query: vi.fn(async (sql: string): Promise<[unknown, unknown]> => {
        if (sql === 'START TRANSACTION') return [[], []]
        throw failure({ code: 'PROTOCOL_CONNECTION_LOST' })
      }),
      execute: async () => Promise.reject(failure({ errno: 2013 })),
      destroy: vi.fn(),
    }
    await expect(mysqlStore(client).attempt('id', [])).rejects.toMatchObject({ errno: 2013 })
    expect(client.destroy).toHaveBeenCalledTimes(1)
  })
})

describe('an SQLite database that is locked', () => {
  it('is waited for', async () => {
    const database = await openSqliteFile()
    const other = new Database(database.path)
    other.exec('BEGIN IMMEDIATE')
    const store = database.store()
    let done = 0
    const work = [store.put(challenge), database.rateLimiter().take([limit])].map(
      async (working) => {
        await working
        done += 1
      },
    )
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(done).toBe(0)
    other.exec('ROLLBACK')
    await Promise.all(work)
    expect((await store.get('id'))?.attemptsLeft).toBe(5)
    other.close()
    await database.close()
  })

  it('for too long is an error, and nothing was done', async () => {
    vi.useFakeTimers()
    const database = await openSqliteFile()
    await database.store().put(challenge)
    const other = new Database(database.path)
    other.exec('BEGIN IMMEDIATE')
    const refused = expect(database.store().attempt('id', ['digest'])).rejects.toMatchObject({
      code: 'SQLITE_BUSY',
    })
    await vi.advanceTimersByTimeAsync(10_000)
    await refused
    other.exec('ROLLBACK')
    expect((await database.store().get('id'))?.attemptsLeft).toBe(5)
    other.close()
    await database.close()
  })

  it('is recognised when node:sqlite says it', async () => {
    const { database, close } = await openSqliteFile()
    let refusals = 3
    const nodeSqlite = {
      prepare: (sql: string) => database.prepare(sql),
      exec: (sql: string) => {
        refusals -= 1
        if (refusals >= 0) throw failure({ code: 'ERR_SQLITE_ERROR', errcode: 5 })
        return database.exec(sql)
      },
    }
    expect(await sqliteStore(nodeSqlite).attempt('id', [])).toEqual({ outcome: 'gone' })
    refusals = 1
    nodeSqlite.exec = () => {
      throw failure({ code: 'ERR_SQLITE_ERROR', errcode: 1 })
    }
    await expect(sqliteStore(nodeSqlite).attempt('id', [])).rejects.toMatchObject({ errcode: 1 })
    await close()
  })

  it('by a transaction of its own user is an error that leaves that transaction alone', async () => {
    const { database, store, query, close } = await openSqliteFile()
    await store().put(challenge)
    database.exec('BEGIN')
    database.exec('CREATE TABLE mine (id INTEGER)')
    await expect(store().attempt('id', ['digest'])).rejects.toThrow(/within a transaction/)
    database.exec('COMMIT')
    expect(await query('SELECT count(*) AS count FROM mine')).toMatchObject([{ count: 0 }])
    expect((await store().get('id'))?.attemptsLeft).toBe(5)
    await close()
  })
})
