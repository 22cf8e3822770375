import type { RateLimiter } from '../../../rate-limiter'
import type { AttemptOutcome, OtpStore } from '../../../store'
import type { WindowCount } from '../charge-log'
import type { SqlRow } from '../client'
import { decodeCharge, keysInOrder, requestsByKey, toTaken } from '../requests'
import type { SqlSettings, SqlTable } from '../settings'
import { postgresPresent } from './function-parts'
import type { PostgresQuery } from './query'
import { postgresSchema } from './schema'

/** Challenges in PostgreSQL: one query an operation. */
export function postgresChallenges(query: PostgresQuery, settings: SqlSettings): OtpStore {
  const { name, instant } = settings
  const table = name('challenges')
  const put = `INSERT INTO ${table} AS c
    ("expires_at", "attempts", "attempts_left", "id", "digest", "data")
    VALUES (${postgresPresent('$6::bigint', 'statement_timestamp')} + $4::bigint,
      $3, $3, $1, $2, $5)
    ON CONFLICT ("id") DO UPDATE SET "expires_at" = excluded."expires_at",
      "attempts" = excluded."attempts", "attempts_left" = excluded."attempts_left",
      "digest" = excluded."digest", "data" = excluded."data"`
  const get = `SELECT digest, attempts_left, remaining_ms, data
    FROM ${name('get')}($1, $2::bigint)`
  const attempt = `SELECT outcome, attempts_counted, challenge_data
    FROM ${name('attempt')}($1, $2::jsonb, $3::bigint)`
  const remove = `SELECT ${name('delete')}($1, $2)`

  return {
    put: async ({ id, digest, attempts, ttlMs, data }) => {
      await query(put, [id, digest, attempts, ttlMs, data, instant()])
    },

    get: async (id) => {
      const [row] = await query(get, [id, instant()])
      if (row === undefined) return null
      return {
        id,
        digest: String(row.digest),
        attemptsLeft: Number(row.attempts_left),
        remainingMs: Number(row.remaining_ms),
        data: String(row.data),
      }
    },

    attempt: async (id, digests) => {
      const [row] = await query(attempt, [id, JSON.stringify(digests), instant()])
      return toOutcome(row)
    },

    delete: async (id, digest) => {
      await query(remove, [id, digest])
    },
  }
}

/** Charges in PostgreSQL: one query an operation. */
export function postgresCharges(query: PostgresQuery, settings: SqlSettings): RateLimiter {
  const { name, instant } = settings
  const take = `SELECT ${name('take')}($1::text[], $2::bigint[], $3::integer[], $4::bigint[],
    $5::bigint[], $6::bigint)::text AS answer`
  const refund = `SELECT ${name('refund')}($1::text[], $2::bigint[])`
  const clear = `SELECT ${name('clear')}($1::text[], $2::integer)`

  return {
    take: async (limits) => {
      const requests = requestsByKey(limits)
      const windows = requests.flatMap((request) => request.windows)
      let end = 0
      const [row] = await query(take, [
        textArray(requests.map(({ key }) => key)),
        numberArray(requests.map(({ cost }) => cost)),
        numberArray(
          requests.map((request) => {
            end += request.windows.length
            return end
          }),
        ),
        numberArray(windows.map(({ max }) => max)),
        numberArray(windows.map(({ windowMs }) => windowMs)),
        instant(),
      ])
      const numbers = numbersOf(row?.answer)
      const counts = windows.map((_, index) => countOf(numbers, index * 3))
      const charged = requests.filter(({ cost }) => cost > 0)
      const charges = numbers.slice(windows.length * 3).flatMap((first, index) => {
        const request = charged[index]
        return request === undefined ? [] : [{ first, cost: request.cost }]
      })
      return toTaken(requests, counts, charges)
    },

    refund: async (limits, charge) => {
      const keys = keysInOrder(limits.map(({ key }) => key))
      const units = decodeCharge(charge).flatMap(({ first, cost }) => [first, cost])
      if (keys.length === 0 || units.length === 0) return
      await query(refund, [textArray(keys), numberArray(units)])
    },

    clear: async (keys, newest) => {
      await query(clear, [textArray(keysInOrder(keys)), newest ?? null])
    },
  }
}

/** Creates what is missing. One statement, so the lock holds to the end of all of it. */
export async function migratePostgres(query: PostgresQuery, settings: SqlSettings): Promise<void> {
  const statements = postgresSchema(settings).map((statement) => `${statement};`)
  await query(
    `DO $migrate$
BEGIN
PERFORM pg_advisory_xact_lock(hashtextextended('${settings.name('migrate')}', 0));
${statements.join('\n')}
END
$migrate$`,
    [],
  )
}

/** Removes some expired rows and says how many. */
export async function sweepPostgres(
  query: PostgresQuery,
  settings: SqlSettings,
  table: SqlTable,
  batch: number,
): Promise<number> {
  const sweep = `SELECT ${settings.name(`sweep_${table}`)}($1::integer, $2::bigint) AS removed`
  const [row] = await query(sweep, [batch, settings.instant()])
  return Number(row?.removed)
}

function toOutcome(row: SqlRow | undefined): AttemptOutcome {
  const counted = Number(row?.attempts_counted)
  switch (row?.outcome) {
    case 'verified':
      return { outcome: 'verified', data: String(row.challenge_data), attemptsUsed: counted }
    case 'incorrect':
      return { outcome: 'incorrect', attemptsLeft: counted }
    case 'gone':
      return { outcome: 'gone' }
    default:
      throw new Error('the database answered an attempt with no outcome')
  }
}

// Arrays are written and read as text, since clients of PostgreSQL disagree about them.
function numberArray(numbers: readonly number[]): string {
  return `{${numbers.join()}}`
}

function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join()}}`
}

function numbersOf(array: unknown): readonly number[] {
  if (typeof array !== 'string' || !/^\{[\d,]*\}$/.test(array)) {
    throw new Error('the database answered a take with no counts')
  }
  const numbers: unknown = JSON.parse(`[${array.slice(1, -1)}]`)
  return Array.isArray(numbers) ? numbers.map(Number) : []
}

function countOf(numbers: readonly number[], at: number): WindowCount {
  const [used, waitMs, nextWaitMs] = [numbers[at], numbers[at + 1], numbers[at + 2]]
  if (used === undefined || waitMs === undefined || nextWaitMs === undefined) {
    throw new Error('the database answered a take with too few counts')
  }
  return { used, waitMs, nextWaitMs }
}
