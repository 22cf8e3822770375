import { createPool } from 'mysql2/promise'
import type { OtpDatabase } from 'otpkit'
import { mysql } from 'otpkit/databases/mysql'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Fault, startTcpProxy } from '../servers/tcp-proxy'
import { openMariadb, sweepingLate } from '../stores/sql-databases'
import { beginning, challenge, guess, looksAt } from './sql-samples'

const faults: readonly Fault[] = ['before the request', 'after the request', 'before the reply']

describe('a MariaDB connection that is lost anywhere in', () => {
  let mariadb: Awaited<ReturnType<typeof openMariadb>>
  beforeAll(async () => {
    mariadb = await openMariadb()
  })
  afterAll(() => mariadb.close())

  /**
   * Cuts the connection at each request of a call, one after another; `check` says what may then be
   * there. The last cut comes after the call, which so ends well.
   */
  async function cutEverywhere(
    fault: Fault,
    call: (database: OtpDatabase) => Promise<unknown>,
    check: (database: OtpDatabase) => Promise<void>,
  ): Promise<number> {
    const sound = sweepingLate(() => mysql(mariadb.pool))
    for (let skip = 0; ; skip += 1) {
      await mariadb.query('DELETE FROM challenges')
      await mariadb.query('DELETE FROM charges')
      const proxy = await startTcpProxy(Number(new URL(mariadb.uri).port))
      const uri = Object.assign(new URL(mariadb.uri), { port: String(proxy.port) }).href
      const pool = createPool({ uri, connectionLimit: 1 })
      const database = sweepingLate(() => mysql(pool))
      // A first round prepares the statements.
      await sound.put(challenge)
      await call(database)
      await mariadb.query('DELETE FROM challenges')
      await mariadb.query('DELETE FROM charges')
      await sound.put(challenge)
      const struck = proxy.cut(fault, skip)
      const failed = await call(database).then(
        () => false,
        () => true,
      )
      if (failed) await struck
      proxy.callOff()
      await check(sound)
      await pool.end().catch(() => {})
      await proxy.stop()
      if (!failed) return skip
    }
  }

  it.each(faults)('a right guess, %s: it verifies once, for one call', async (fault) => {
    const requests = await cutEverywhere(
      fault,
      (database) => database.settle(guess('right')),
      async (database) => {
        // A client that asks again gets its success, be it for the first time or the second.
        const again = await database.settle(guess('right'))
        expect(again.attempt).toMatchObject({ outcome: 'verified', data: 'data', attemptsUsed: 1 })
        const other = await database.settle(guess('right', { call: 'other' }))
        expect(other.attempt).toEqual({ outcome: 'used' })
        expect((await database.take(looksAt('ledger', 'address'))).used).toEqual([0, 2])
      },
    )
    expect(requests).toBeGreaterThan(8)
  })

  it.each(faults)('a wrong guess, %s: it is charged whole or not at all', async (fault) => {
    const seen = new Set<string>()
    await cutEverywhere(
      fault,
      (database) => database.settle(guess('wrong')),
      async (database) => {
        // The first waits until the server has noticed and rolled back.
        await mariadb.query("SELECT 1 FROM challenges WHERE id = 'id' FOR UPDATE")
        const { used } = await database.take(looksAt('ledger', 'address'))
        seen.add(JSON.stringify([...used, (await database.get('id'))?.attemptsLeft]))
      },
    )
    expect([...seen].sort()).toEqual(['[0,0,3]', '[1,1,2]'])
  })

  it.each(faults)('a begin, %s: charge and code come together', async (fault) => {
    const seen = new Set<string>()
    const successor = { ...challenge, digest: 'successor' }
    await cutEverywhere(
      fault,
      (database) => database.begin(beginning({ challenge: successor, replaces: 'right' })),
      async (database) => {
        await mariadb.query("SELECT 1 FROM challenges WHERE id = 'id' FOR UPDATE")
        const { used } = await database.take(looksAt('messages', 'address'))
        seen.add(JSON.stringify([...used, (await database.get('id'))?.digest]))
      },
    )
    expect([...seen].sort()).toEqual(['[0,0,"right"]', '[1,1,"successor"]'])
  })
})

describe('a MariaDB server that takes no more', () => {
  let mariadb: Awaited<ReturnType<typeof openMariadb>>
  let database: OtpDatabase
  beforeAll(async () => {
    mariadb = await openMariadb()
    database = mysql(mariadb.pool)
  })
  beforeEach(async () => {
    await database.put(challenge)
    await database.clear(['ledger', 'address'])
  })
  afterAll(() => mariadb.close())

  it.each([
    ['charges', 'INSERT'],
    ['charges', 'UPDATE'],
    ['challenges', 'UPDATE'],
  ])('%s by %s compares nothing', async (table, event) => {
    await database.settle(guess('wrong'))
    await mariadb.query(
      `CREATE TRIGGER full_table BEFORE ${event} ON ${table} FOR EACH ROW
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The table is full'`,
    )
    const faultsOf = async (digest: string) => {
      let compared = false
      const digests = Object.assign([digest], {
        *[Symbol.iterator]() {
          compared = true
          yield digest
        },
      })
      await expect(database.settle(guess(digest, { digests }))).rejects.toThrow(/is full/)
      return compared
    }
    expect([await faultsOf('right'), await faultsOf('wrong')]).toEqual([false, false])
    await mariadb.query('DROP TRIGGER full_table')
    expect((await database.take(looksAt('ledger', 'address'))).used).toEqual([1, 1])
    expect((await database.get('id'))?.attemptsLeft).toBe(2)
  })
})

describe('a MariaDB database without tables', () => {
  it('says what is missing', async () => {
    const mariadb = await openMariadb()
    const database = mysql(mariadb.pool, { prefix: 'forgotten_' })
    const calls = [
      () => database.begin(beginning()),
      () => database.settle(guess('right')),
      () => database.take(looksAt('ledger')),
      () => database.put(challenge),
      () => database.get('id'),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow(/run migrate/)
    await mariadb.close()
  })
})

describe('a MySQL that never answers', () => {
  it.each(['a pool', 'one connection'])(
    'is given up by %s, and its connection is closed',
    async (of) => {
      vi.useFakeTimers()
      try {
        const silent = () => new Promise<never>(() => {})
        const destroy = vi.fn()
        const connection = { query: silent, execute: silent, destroy, release: () => {} }
        const client = of === 'a pool' ? { getConnection: async () => connection } : connection
        const answer = expect(mysql(client).get('id')).rejects.toThrow(
          'did not answer within 60000 ms',
        )
        await vi.advanceTimersByTimeAsync(60_000)
        await answer
        expect(destroy).toHaveBeenCalledTimes(1)
      } finally {
        vi.useRealTimers()
      }
    },
  )
})
