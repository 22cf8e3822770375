import type { AttemptOutcome, NewChallenge, OtpStore, StoredChallenge } from '../../../store'
import type { SqlRow, SqlValue } from '../client'
import { textOf } from '../rows'
import type { SqlSettings } from '../settings'
import { type PostgresQuery, uncached } from './query'
import { instantOf, numbersOf, onlyRow, textArray } from './values'

/** Challenges in PostgreSQL: one query an operation. */
export function postgresChallenges(query: PostgresQuery, settings: SqlSettings): OtpStore {
  const { name } = settings
  const instant = instantOf(settings)
  const put = `SELECT ${name('put')}($1::text, $2::text, $3::text::integer, $4::text::bigint,
    $5::text, $6::text::bigint)::text ${uncached}`
  const get = `SELECT answer, digest, data FROM ${name('get')}($1::text, $2::text::bigint)
    ${uncached}`
  const attempt = `SELECT outcome, answer, data
    FROM ${name('attempt')}($1::text, $2::text::text[], $3::text::bigint) ${uncached}`
  const remove = `SELECT ${name('delete')}($1::text, $2::text)::text ${uncached}`

  return {
    put: async (challenge) => {
      onlyRow(await query(put, [...challengeValues(challenge), instant()]))
    },

    get: async (id) => {
      const row = onlyRow(await query(get, [id, instant()]))
      const numbers = numbersOf(row, 0)
      if (numbers.length === 0) return null
      return challengeOf(id, row, numbers)
    },

    attempt: async (id, digests) => {
      const row = onlyRow(await query(attempt, [id, textArray(digests), instant()]))
      return outcomeOf(textOf(row, 'outcome'), row, numbersOf(row, 2))
    },

    delete: async (id, digest) => {
      onlyRow(await query(remove, [id, digest]))
    },
  }
}

/** A challenge as id, digest, attempts, life and data. */
export function challengeValues(challenge: NewChallenge): SqlValue[] {
  const { id, digest, attempts, ttlMs, data } = challenge
  return [id, digest, String(attempts), String(ttlMs), data]
}

/** A challenge, of which a row has texts and these are attempts, attempts left, life, use. */
export function challengeOf(
  id: string,
  row: SqlRow,
  [attempts, attemptsLeft, remainingMs, used = 0]: readonly number[],
): StoredChallenge {
  if (attempts === undefined || attemptsLeft === undefined || remainingMs === undefined) {
    throw new Error('the database answered with too few numbers for a challenge')
  }
  return {
    id,
    digest: textOf(row, 'digest'),
    attempts,
    attemptsLeft,
    remainingMs,
    data: textOf(row, 'data'),
    ...(used === 1 && { used: true }),
  }
}

/** What a guess came to: its name, and the two numbers and the data of its answer. */
export function outcomeOf(
  outcome: string,
  row: SqlRow,
  numbers: readonly number[],
): AttemptOutcome {
  if (outcome === 'gone' || outcome === 'used') return { outcome }
  const [count, remainingMs] = numbers
  if (count === undefined || remainingMs === undefined) {
    throw new Error('the database answered a guess with too few numbers')
  }
  const data = textOf(row, 'data')
  if (outcome === 'verified') return { outcome, data, attemptsUsed: count, remainingMs }
  if (outcome === 'incorrect') return { outcome, data, attemptsLeft: count, remainingMs }
  throw new Error('the database answered a guess with no outcome')
}
