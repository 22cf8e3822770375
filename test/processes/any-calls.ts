import pg from 'pg'
import type { OtpDatabase, Policy } from '../../src/database'
import { postgres } from '../../src/databases/postgres'
import { sweep } from '../../src/stores/postgres'
import { seededIntegers } from '../../src/testing/random'

/** What a process is told to do. */
export interface CallsOrder {
  readonly connectionString: string
  readonly schema: string
  readonly seed: number
  readonly calls: number
}

/** What it has seen. */
export interface CallsReport {
  /** Codes of the errors that the server answered with, before anything was tried again. */
  readonly errors: readonly string[]
  /** Of the calls that were thrown at whoever made them. */
  readonly thrown: readonly string[]
}

const lanes = 40
const connections = 8
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

async function run({ connectionString, schema, seed, calls }: CallsOrder): Promise<CallsReport> {
  const errors: string[] = []
  const thrown: string[] = []
  const options = '-c deadlock_timeout=20ms'
  const pool = new pg.Pool({ connectionString, options, max: connections })
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
  const below = seededIntegers(seed)
  const charges: string[] = []
  let next = 0
  const lane = async () => {
    while (next < calls) {
      next += 1
      await anyCall(database, below, charges).catch((error) => thrown.push(String(error)))
      if (next % 200 === 0) await sweep(client, { schema })
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  await pool.end()
  return { errors, thrown }
}

process.once('message', (order: CallsOrder) => {
  run(order).then(
    (report) => process.send?.(report, () => process.disconnect()),
    (error) => {
      console.error(error)
      process.exit(1)
    },
  )
})
