import { type AttemptOutcome, type NewChallenge, type OtpStore, usedMs } from 'otpkit'
import type { Rule } from './rules'

/** One comparison of a guess with a challenge, as it happened. */
export interface Comparison {
  readonly challenge: NewChallenge
  readonly matched: boolean
  /** The challenge had been used before. */
  readonly isLate: boolean
  readonly attemptsUsed: number
}

interface Row {
  readonly challenge: NewChallenge
  attemptsLeft: number
  endsAt: number
  used: boolean
  call: string | undefined
  verified: AttemptOutcome | undefined
}

/** The challenges of the model; each call is one step. */
export interface ModelChallenges {
  put(challenge: NewChallenge): void
  get(id: string): Awaited<ReturnType<OtpStore['get']>>
  attempt(id: string, digests: readonly string[], call?: string): AttemptOutcome
  verifiedBy(call: string, id: string): AttemptOutcome | undefined
  takeAttempt(id: string): void
  delete(id: string, digest: string): void
  /** All comparisons in their order. */
  readonly comparisons: readonly Comparison[]
}

export function modelChallenges(
  now: () => number,
  keeps: (rule: Rule) => boolean,
): ModelChallenges {
  const rows = new Map<string, Row>()
  const comparisons: Comparison[] = []
  const alive = (id: string) => {
    const row = rows.get(id)
    const isOver = row !== undefined && now() >= row.endsAt
    return isOver && keeps('a challenge ends with its life') ? undefined : row
  }

  return {
    comparisons,
    put: (challenge) => {
      const { id, attempts, ttlMs } = challenge
      const endsAt = now() + ttlMs
      const fresh = { used: false, call: undefined, verified: undefined }
      rows.set(id, { challenge, attemptsLeft: attempts, endsAt, ...fresh })
    },
    get: (id) => {
      const row = alive(id)
      if (row === undefined) return null
      const { digest, attempts, data } = row.challenge
      const found = { id, digest, attempts, remainingMs: Math.max(1, row.endsAt - now()) }
      return row.used
        ? { ...found, attemptsLeft: 0, used: true, data: '' }
        : { ...found, attemptsLeft: row.attemptsLeft, data }
    },
    attempt: (id, digests, call) => {
      const row = alive(id)
      if (row === undefined || row.attemptsLeft === 0) return { outcome: 'gone' }
      const { challenge } = row
      const { digest, data, attempts } = challenge
      const rule = row.used
        ? 'used: a later guess takes an attempt'
        : 'settle: a guess takes an attempt'
      if (keeps(rule)) row.attemptsLeft -= 1
      const { attemptsLeft } = row
      const attemptsUsed = attempts - attemptsLeft
      const matched = digests.includes(digest)
      comparisons.push({ challenge, matched, isLate: row.used, attemptsUsed })
      if (row.used) {
        const isTold = matched && keeps('used: it is told from wrong')
        return { outcome: isTold ? 'used' : 'gone' }
      }
      const remainingMs = Math.max(1, row.endsAt - now())
      if (!matched) return { outcome: 'incorrect', data, attemptsLeft, remainingMs }
      const verified = { outcome: 'verified', data, attemptsUsed, remainingMs } as const
      if (keeps('settle: a success consumes')) {
        row.used = true
        row.call = call
        row.verified = verified
        if (keeps('used: it is kept for a minute')) row.endsAt = now() + usedMs
      }
      return verified
    },
    verifiedBy: (call, id) => {
      const row = alive(id)
      const isKnown = row?.call === call && keeps('settle: a call is known again')
      return isKnown ? row?.verified : undefined
    },
    takeAttempt: (id) => {
      const row = alive(id)
      if (row !== undefined && !row.used && row.attemptsLeft > 0) row.attemptsLeft -= 1
    },
    delete: (id, digest) => {
      if (rows.get(id)?.challenge.digest === digest) rows.delete(id)
    },
  }
}
