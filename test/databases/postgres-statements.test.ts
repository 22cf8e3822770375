import type { OtpDatabase, Policy } from 'otpkit'
import { postgres } from 'otpkit/databases/postgres'
import { testClock } from 'otpkit/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { patienceMs, sweepingLate } from '../stores/sql-databases'
import { everyOperation } from './every-operation'
import { openSchema } from './own-schema'

let opened: Awaited<ReturnType<typeof openSchema>>
beforeAll(async () => {
  opened = await openSchema()
})
afterAll(() => opened.close())

/** The database, and a count of each call's statements. */
function countingStatements() {
  const { pool, schema } = opened
  let statements = 0
  const client = {
    query: (text: string, values?: unknown[]) => {
      statements += 1
      return pool.query(text, values)
    },
  }
  const database = sweepingLate(() => postgres(client, { schema }))
  const counts: number[] = []
  const counting = <Call extends unknown[], Answer>(method: (...call: Call) => Promise<Answer>) => {
    return async (...call: Call): Promise<Answer> => {
      const before = statements
      const answer = await method(...call)
      counts.push(statements - before)
      return answer
    }
  }
  const counted: OtpDatabase = {
    put: counting(database.put),
    get: counting(database.get),
    attempt: counting(database.attempt),
    delete: counting(database.delete),
    take: counting(database.take),
    refund: counting(database.refund),
    clear: counting(database.clear),
    begin: counting(database.begin),
    settle: counting(database.settle),
  }
  return { counted, counts }
}

describe('statements', () => {
  it('are one a call, whatever it comes to', async () => {
    const { counted, counts } = countingStatements()
    await everyOperation(counted)
    expect(counts.length).toBeGreaterThan(20)
    expect(new Set(counts)).toEqual(new Set([1]))
  })

  it('find every row by an index, however many there are', async () => {
    const { pool, connectionString, schema } = opened
    await pool.query(
      `INSERT INTO "${schema}".otpkit_challenges
        (id, digest, attempts, attempts_left, expires_at, data)
        SELECT 'id-' || n, 'digest', 3, 3, 9e12, 'data' FROM generate_series(1, 3000) n;
      INSERT INTO "${schema}".otpkit_charges (key, next_unit, kept_ms, expires_at, times, entries)
        SELECT 'key-' || n, 2, 60000, 9e12, '{1}', '{1,1,1,0}' FROM generate_series(1, 3000) n;
      ANALYZE "${schema}".otpkit_challenges, "${schema}".otpkit_charges`,
    )
    const client = new pg.Client({ connectionString })
    const plans: string[] = []
    client.on('notice', ({ message = '' }) => plans.push(message))
    await client.connect()
    await client.query(`LOAD 'auto_explain';
      SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
      SET client_min_messages = log`)
    await everyOperation(sweepingLate(() => postgres(client, { schema })))
    await client.end()
    const onTables = plans.filter((plan) => /(Scan|Update|Delete|Insert).* on otpkit_ch/.test(plan))
    const others = onTables.filter((plan) => !/Insert on/.test(plan))
    expect(others.length).toBeGreaterThan(25)
    expect(others.filter((plan) => !/Index (Only )?Scan using otpkit_/.test(plan))).toEqual([])
    expect(plans.filter((plan) => /Seq Scan/.test(plan))).toEqual([])
  })
})

describe('expired rows', () => {
  const policy: Policy = {
    limits: [
      { key: 0, max: 10, windowMs: 1_000 },
      { key: 1, max: 10, windowMs: 1_000 },
      { key: 2, max: 10, windowMs: 1_000 },
    ],
  }

  it('go by and by, three to a call too, where begin and settle alone are used', async () => {
    const { pool, schema } = opened
    const clock = testClock()
    const database = sweepingLate(() => postgres(pool, { schema, clock: clock.now }))
    await pool.query(`TRUNCATE "${schema}".otpkit_challenges, "${schema}".otpkit_charges`)
    const rows = async () => {
      const { rows } = await pool.query(
        `SELECT (SELECT count(*) FROM "${schema}".otpkit_challenges)::integer AS challenges,
          (SELECT count(*) FROM "${schema}".otpkit_charges)::integer AS charges`,
      )
      return rows[0]
    }
    const call = async (index: number) => {
      const keys = [`f-${index}`, `m-${index}`, `v-${index}`]
      const id = `id-${index}`
      const challenge = { id, digest: 'right', attempts: 3, ttlMs: 1_000, data: 'data' }
      await database.begin({ policy, keys, challenge })
      const digests = ['wrong']
      await database.settle({ policy, keys, id, digests, mostUsed: 9, call: id })
    }
    for (let index = 0; index < 512; index += 1) await call(index)
    expect(await rows()).toEqual({ challenges: 512, charges: 1_536 })
    clock.advance(2_000)
    for (let index = 512; index < 1_024; index += 1) await call(index)
    await vi.waitFor(async () => {
      expect(await rows()).toEqual({ challenges: 512, charges: 1_536 })
    }, patienceMs)
  })
})
