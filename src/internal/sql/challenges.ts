import { type AttemptOutcome, type NewChallenge, type StoredChallenge, usedMs } from '../../store'
import { equal } from '../equal'
import type { SqlRow } from './client'
import { integerOf, textOf } from './rows'

// What a challenge's row says, for the databases where JavaScript decides.

/** A row of the challenges table, alive or not. */
export interface ChallengeRow {
  readonly id: string
  readonly digest: string
  readonly attempts: number
  readonly attemptsLeft: number
  readonly expiresAt: number
  readonly data: string
  /** The answer that consumed it, or `null` while it is not used. */
  readonly used: UsedBy | null
}

interface UsedBy {
  /** Attempts that were charged in all. */
  readonly attempts: number
  readonly remainingMs: number
  /** The call that got it; empty where it had no name. */
  readonly call: string
}

/** The columns of the challenges table that `valuesOf` fills. */
export const challengeColumns = [
  'id',
  'digest',
  'attempts',
  'attempts_left',
  'expires_at',
  'data',
  'used_attempts',
  'used_remaining_ms',
  'used_call',
] as const

/** The challenge that a row holds. Throws when it cannot be read. */
export function challengeOf(row: SqlRow): ChallengeRow {
  const attempts = integerOf(row, 'used_attempts')
  return {
    id: textOf(row, 'id'),
    digest: textOf(row, 'digest'),
    attempts: integerOf(row, 'attempts'),
    attemptsLeft: integerOf(row, 'attempts_left'),
    expiresAt: integerOf(row, 'expires_at'),
    data: textOf(row, 'data'),
    used:
      attempts === 0
        ? null
        : {
            attempts,
            remainingMs: integerOf(row, 'used_remaining_ms'),
            call: textOf(row, 'used_call'),
          },
  }
}

/** A challenge as `challengeColumns`. */
export function challengeValues(challenge: ChallengeRow): (string | number)[] {
  const { id, digest, attempts, attemptsLeft, expiresAt, data, used } = challenge
  const { attempts: usedAttempts, remainingMs, call } = used ?? unused
  return [
    ...[id, digest, attempts, attemptsLeft, expiresAt, data],
    ...[usedAttempts, remainingMs, call],
  ]
}

const unused: UsedBy = { attempts: 0, remainingMs: 0, call: '' }

/** A challenge that begins now. */
export function newChallenge(challenge: NewChallenge, now: number): ChallengeRow {
  const { id, digest, attempts, ttlMs, data } = challenge
  return { id, digest, attempts, attemptsLeft: attempts, expiresAt: now + ttlMs, data, used: null }
}

/** As `get` shows it; `null` once it has expired. */
export function shown(challenge: ChallengeRow | null, now: number): StoredChallenge | null {
  if (challenge === null || challenge.expiresAt <= now) return null
  const { id, digest, attempts, attemptsLeft, expiresAt, data, used } = challenge
  const remainingMs = expiresAt - now
  return used === null
    ? { id, digest, attempts, attemptsLeft, remainingMs, data }
    : { id, digest, attempts, attemptsLeft: 0, remainingMs, data: '', used: true }
}

/** The challenge with one attempt less; `null` where nothing is alive or no attempt is left. */
export function attempted(challenge: ChallengeRow | null, now: number): ChallengeRow | null {
  if (challenge === null || challenge.expiresAt <= now || challenge.attemptsLeft <= 0) return null
  return { ...challenge, attemptsLeft: challenge.attemptsLeft - 1 }
}

/** What a guess comes to that has taken an attempt. */
export function compared(
  challenge: ChallengeRow,
  digests: readonly string[],
  now: number,
): AttemptOutcome {
  const { digest, attempts, attemptsLeft, expiresAt, data, used } = challenge
  let matches = false
  // All of the list, so that the time does not tell which one matched.
  for (const candidate of digests) matches = equal(digest, candidate) || matches
  if (used !== null) return { outcome: matches ? 'used' : 'gone' }
  const remainingMs = expiresAt - now
  return matches
    ? { outcome: 'verified', data, attemptsUsed: attempts - attemptsLeft, remainingMs }
    : { outcome: 'incorrect', data, attemptsLeft, remainingMs }
}

/** The challenge that this success has consumed. Data is kept for a call that may be repeated. */
export function consumed(
  challenge: ChallengeRow,
  success: Extract<AttemptOutcome, { outcome: 'verified' }>,
  now: number,
  call = '',
): ChallengeRow {
  const { data, attemptsUsed, remainingMs } = success
  return {
    ...challenge,
    expiresAt: now + usedMs,
    data: call === '' ? '' : data,
    used: { attempts: attemptsUsed, remainingMs, call },
  }
}

/** The answer that this call has had already, if it has consumed this challenge. */
export function repeated(
  challenge: ChallengeRow | null,
  call: string,
  now: number,
): Extract<AttemptOutcome, { outcome: 'verified' }> | null {
  if (challenge === null || challenge.expiresAt <= now) return null
  const { data, used } = challenge
  if (used === null || call === '' || !equal(used.call, call)) return null
  const { attempts, remainingMs } = used
  return { outcome: 'verified', data, attemptsUsed: attempts, remainingMs }
}
