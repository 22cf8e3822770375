import type { OtpDatabase, Policy } from 'otpkit'
import { migrate, postgres } from 'otpkit/databases/postgres'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startPostgres } from '../servers/postgres'
import { type Fault, startTcpProxy } from '../servers/tcp-proxy'
import { patienceMs, sweepingLate } from '../stores/sql-databases'
import { openSchema } from './own-schema'

const windowMs = 600_000
const policy: Policy = {
  limits: [
    { key: 0, max: 100, windowMs },
    { key: 1, max: 100, windowMs },
  ],
}
const keys = ['ledger', 'address']
const challenge = { id: 'id', digest: 'right', attempts: 5, ttlMs: windowMs, data: 'data' }
const beginning = { policy, keys, challenge }

function guess(database: OtpDatabase, digest: string, call = 'call') {
  return database.settle({ policy, keys, id: 'id', digests: [digest], mostUsed: 50, call })
}

/** Units of both keys, and what stands there. */
async function stateOf(database: OtpDatabase) {
  const { used } = await database.take(keys.map((key) => ({ key, max: 100, windowMs, cost: 0 })))
  return { used, left: (await database.get('id'))?.attemptsLeft }
}

let opened: Awaited<ReturnType<typeof openSchema>>
let sound: OtpDatabase
beforeAll(async () => {
  opened = await openSchema()
  sound = sweepingLate(() => postgres(opened.pool, { schema: opened.schema }))
})
beforeEach(async () => {
  await sound.clear(keys)
  await sound.put(challenge)
})
afterAll(() => opened.close())

describe('a connection that is killed', () => {
  /** Kills whatever waits for a lock that this statement holds, once it waits. */
  async function killWaiting(table: string, where: string, work: () => Promise<unknown>) {
    const { pool, schema } = opened
    const blocker = await pool.connect()
    try {
      await blocker.query('BEGIN')
      const { rows } = await blocker.query(
        `SELECT pg_backend_pid() AS pid FROM "${schema}".otpkit_${table} WHERE ${where} FOR UPDATE`,
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

  it.each(['right', 'wrong'])('in the middle of a %s guess has charged nothing', async (digest) => {
    await killWaiting('challenges', `"id" = 'id'`, () => guess(sound, digest))
    expect(await stateOf(sound)).toEqual({ used: [0, 0], left: 5 })
    // It has charged the address when it comes to the ledger.
    await sound.take([{ key: 'ledger', max: 100, windowMs }])
    await killWaiting('charges', `"key" = 'ledger'`, () => guess(sound, digest))
    expect(await stateOf(sound)).toEqual({ used: [1, 0], left: 5 })
    expect((await guess(sound, 'right')).attempt?.outcome).toBe('verified')
  })

  it('in the middle of a begin has charged and put nothing', async () => {
    const replacing = { ...beginning, replaces: 'right', challenge: { ...challenge, attempts: 9 } }
    await killWaiting('challenges', `"id" = 'id'`, () => sound.begin(replacing))
    expect(await stateOf(sound)).toEqual({ used: [0, 0], left: 5 })
  })
})

describe('a connection that is cut', () => {
  const faults: readonly Fault[] = ['before the request', 'after the request', 'before the reply']

  async function throughProxy(work: (database: OtpDatabase, cut: Cut) => Promise<void>) {
    const { connectionString, schema } = opened
    const url = new URL(connectionString)
    const proxy = await startTcpProxy(Number(url.port))
    url.port = String(proxy.port)
    const pool = new pg.Pool({ connectionString: url.href, max: 1 })
    pool.on('error', () => {})
    try {
      await work(
        sweepingLate(() => postgres(pool, { schema })),
        async (fault, call) => {
          const struck = proxy.cut(fault)
          await expect(call()).rejects.toThrow()
          await struck
        },
      )
    } finally {
      await pool.end()
      await proxy.stop()
    }
  }
  type Cut = (fault: Fault, call: () => Promise<unknown>) => Promise<void>

  it.each(faults)('%s: a guess that is asked again gets its own success', async (fault) => {
    await throughProxy(async (database, cut) => {
      await database.get('id')
      await cut(fault, () => guess(database, 'right'))
      expect((await guess(database, 'right')).attempt).toMatchObject({
        outcome: 'verified',
        data: 'data',
        attemptsUsed: 1,
      })
      expect((await guess(database, 'right', 'another')).attempt).toEqual({ outcome: 'used' })
      expect((await stateOf(sound)).used).toEqual([0, 2])
    })
  })

  it.each(faults)('%s: a wrong guess is charged whole or not at all', async (fault) => {
    await throughProxy(async (database, cut) => {
      await database.get('id')
      await cut(fault, () => guess(database, 'wrong'))
      // The server may still be at it.
      await guess(database, 'wrong')
      const { used, left = 0 } = await stateOf(sound)
      const times = 5 - left
      expect(used).toEqual([times, times])
      const known = { 'before the request': [1], 'before the reply': [2] }
      expect(fault === 'after the request' ? [1, 2] : known[fault]).toContain(times)
    })
  })

  it.each(faults)('%s: a begin is done whole or not at all', async (fault) => {
    await sound.delete('id', 'right')
    await throughProxy(async (database, cut) => {
      await database.get('id')
      await cut(fault, () => database.begin(beginning))
      const { taken, put } = await database.begin(beginning)
      expect(taken.used).toEqual(put ? [1, 1] : [2, 2])
      if (fault !== 'after the request') expect(put).toBe(fault === 'before the request')
    })
  })
})

describe('a server', () => {
  it('that cannot write the charge of a wrong guess compares nothing', async () => {
    const { pool, schema } = opened
    await pool.query(
      `CREATE FUNCTION "${schema}".full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON "${schema}".otpkit_charges
        FOR EACH ROW WHEN (NEW."key" = 'ledger') EXECUTE FUNCTION "${schema}".full()`,
    )
    for (const digest of ['wrong', 'right']) {
      await expect(guess(sound, digest)).rejects.toMatchObject({ code: '53100' })
    }
    expect(await stateOf(sound)).toEqual({ used: [0, 0], left: 5 })
    await pool.query(`DROP TRIGGER full_disk ON "${schema}".otpkit_charges`)
  })

  it('that crashes has forgotten nothing that it answered', async () => {
    const server = await startPostgres()
    const pool = new pg.Pool({ connectionString: server.url, max: 4 })
    pool.on('error', () => {})
    try {
      await migrate(pool)
      const database = sweepingLate(() => postgres(pool))
      await database.begin(beginning)
      await guess(database, 'wrong')
      await server.kill()
      await expect(guess(database, 'right')).rejects.toThrow()
      await server.restart()
      expect(await stateOf(database)).toEqual({ used: [2, 2], left: 4 })
      expect((await guess(database, 'right')).attempt).toMatchObject({ attemptsUsed: 2 })
      await server.restart()
      expect((await guess(database, 'right')).attempt).toMatchObject({ outcome: 'verified' })
      expect((await guess(database, 'right', 'another')).attempt).toEqual({ outcome: 'used' })
    } finally {
      await pool.end()
      await server.stop()
    }
  })
})
