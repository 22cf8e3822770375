import type { Beginning, OtpDatabase, Policy, Submission } from 'otpkit'
import { postgres } from 'otpkit/databases/postgres'
import { ownName } from '../servers/shared'
import { sweepingLate } from '../stores/sql-databases'
import type { openSchema } from './own-schema'

export type Opened = Awaited<ReturnType<typeof openSchema>>

export const windowMs = 600_000
export const messages: Policy = {
  limits: [
    { key: 0, max: 100, windowMs, cost: 0, refuses: true },
    { key: 1, max: 3, windowMs },
    { key: 2, max: 100_000, windowMs },
  ],
  mostUsed: 4,
}
const guesses: Policy = {
  limits: [
    { key: 0, max: 100, windowMs },
    { key: 1, max: 100_000, windowMs },
  ],
  forgiveness: { key: 2, max: 10, windowMs },
}

/** So many people, whose calls all come from one address. */
export function people(count: number) {
  const space = ownName('batch')
  const names = Array.from({ length: count }, (_, index) => `${space}-${index}`)
  const address = `i${space}`
  const begin = (name: string, extra: Partial<Beginning> = {}): Beginning => ({
    policy: messages,
    keys: [`f${name}`, `m${name}`, address],
    challenge: { id: name, digest: `code of ${name}`, attempts: 3, ttlMs: windowMs, data: name },
    ...extra,
  })
  const guess = (name: string, code = `code of ${name}`, call = ownName('call')): Submission => ({
    policy: guesses,
    keys: [`f${name}`, `v${space}`, `o${name}`],
    id: name,
    digests: ['another key', code],
    mostUsed: 50,
    call,
  })
  return { names, address, begin, guess, attempts: `v${space}` }
}

/** The database over a client that counts statements, and may do something before each of them. */
export function watched(
  { pool, schema }: Opened,
  before: (values: readonly unknown[]) => unknown = () => {},
) {
  const statements: number[] = []
  const client = {
    query: async (text: string, values: unknown[] = []) => {
      statements.push(String(values[4]).split('},{').length)
      await before(values)
      return pool.query(text, values)
    },
  }
  return { database: sweepingLate(() => postgres(client, { schema })), statements }
}

export const outcomes = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled.map(({ status }) => status)

export async function unitsOf(
  database: OtpDatabase,
  ...keys: string[]
): Promise<readonly number[]> {
  const looks = keys.map((key) => ({ key, max: 100_000, windowMs, cost: 0 }))
  return (await database.take(looks)).used
}
