import type { OtpDatabase, Policy } from 'otpkit'
import { postgres } from 'otpkit/databases/postgres'
import { schema as ddl, sweep } from 'otpkit/stores/postgres'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { seededIntegers } from '../../src/testing/random'
import { openSchema } from './own-schema'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
const pools = 3
const lanes = 8
const recipients = 300
const addresses = 20

type Below = (bound: number) => number

// The order of the keys is the caller's, so there is a policy for each.
const windowMs = 600_000
const orders = [
  [0, 1, 2],
  [2, 0, 1],
  [1, 2, 0],
] as const
const policies = orders.map(
  ([ledger, messages, address]): Policy => ({
    limits: [
      { key: ledger, max: 10_000, windowMs },
      { key: address, max: 100_000, windowMs },
    ],
    forgiveness: { key: messages, max: 10, windowMs },
  }),
)

/** One call, about a recipient or two and an address that others use at the same moment. */
async function anyCall(database: OtpDatabase, below: Below, charges: string[]): Promise<unknown> {
  const someone = () => below(recipients)
  const [one, other] = [someone(), someone()]
  const id = `challenge-${one}`
  const order = below(orders.length)
  const keys = inOrder(order, [`f-${one}`, `m-${one}`, `v-${below(addresses)}`])
  const policy = policies[order] ?? { limits: [{ key: 0, max: 1, windowMs }] }
  const challenge = { id, digest: `${below(3)}`, attempts: 5, ttlMs: 300, data: 'data' }
  const both = [...new Set([`m-${one}`, `v-${below(addresses)}`, `m-${other}`, `f-${other}`])]
  switch (below(9)) {
    case 0:
    case 1:
      return database.begin({ policy, keys, challenge })
    case 2:
      return database.begin({ policy, keys, challenge, replaces: `${below(3)}` })
    case 3:
    case 4: {
      const digests = [`${below(3)}`]
      return database.settle({ policy, keys, id, digests, mostUsed: 10_000, call: `${below(1e9)}` })
    }
    case 5: {
      const taken = await database.take(both.map((key) => ({ key, max: 100_000, windowMs })))
      return taken.ok && charges.push(taken.charge)
    }
    case 6:
      return database.refund(both, charges.pop() ?? '')
    case 7:
      return below(2) === 0 ? database.clear(both, 1) : database.delete(id, `${below(3)}`)
    default:
      return below(2) === 0 ? database.attempt(id, [`${below(3)}`]) : database.put(challenge)
  }
}

function inOrder(order: number, keys: readonly string[]): string[] {
  const sorted: string[] = []
  for (const [index, key] of keys.entries()) sorted[orders[order]?.[index] ?? index] = key
  return sorted
}

/** Codes of the errors that the server answers so many calls with, before anything is tried again. */
async function errorsOf(opened: Awaited<ReturnType<typeof openSchema>>, calls: number, round = 0) {
  const { connectionString, schema } = opened
  const errors: string[] = []
  await Promise.all(
    Array.from({ length: pools }, async (_, place) => {
      const options = '-c deadlock_timeout=20ms'
      const pool = new pg.Pool({ connectionString, options, max: lanes })
      const client = {
        query: async (text: string, values?: unknown[]) => {
          try {
            return await pool.query(text, values)
          } catch (error) {
            errors.push(String(Object(error).code))
            throw error
          }
        },
      }
      const database = postgres(client, { schema })
      const below = seededIntegers(seed + place + pools * round)
      const charges: string[] = []
      let next = 0
      await Promise.all(
        Array.from({ length: lanes }, async () => {
          while (next < calls) {
            next += 1
            await anyCall(database, below, charges)
            if (next % 200 === 0) await sweep(client, { schema })
          }
        }),
      )
      await pool.end()
    }),
  )
  return errors
}

describe(`calls of all kinds at once (seed ${seed})`, () => {
  it('never wait for each other in a circle', async () => {
    const opened = await openSchema()
    // A store's own calls hold no lock of a subject, so a batch may find a challenge changed.
    const errors = await errorsOf(opened, 2_000)
    expect(errors.filter((code) => code !== '40001')).toEqual([])
    await opened.close()
  })

  it('do wait so where keys are locked in the order that they come in', async () => {
    const opened = await openSchema()
    const { pool, schema } = opened
    const ordered = /SELECT DISTINCT (hashtextextended[^;]*?) ORDER BY "hash"/g
    expect(ddl({ schema }).match(ordered)?.length).toBe(4)
    await pool.query(ddl({ schema }).replaceAll(ordered, 'SELECT $1'))
    const errors: string[] = []
    for (let round = 0; round < 100 && errors.length === 0; round += 1) {
      errors.push(...(await errorsOf(opened, 500, round)))
    }
    expect(errors).toContain('40P01')
    await opened.close()
  })
})
