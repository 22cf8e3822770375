import { OtpError } from '../../errors'
import {
  type AttemptOutcome,
  type NewChallenge,
  type OtpStore,
  type StoredChallenge,
  usedMs,
} from '../../store'
import { equal } from '../equal'

/** The challenges of a memory store. Everything is done before it returns, so calls may be joined. */
export interface Challenges {
  /** Throws unless a challenge of this id has room. */
  makeRoom(id: string, now: number): void
  /** There must be room. */
  put(challenge: NewChallenge, now: number): void
  get(id: string, now: number): StoredChallenge | null
  attempt(id: string, digests: readonly string[], now: number, call?: string): AttemptOutcome
  /** What this very call has verified less than a minute ago. */
  verifiedBy(call: string, id: string, now: number): Verified | undefined
  delete(id: string, digest: string): void
}

type Verified = Extract<AttemptOutcome, { outcome: 'verified' }>

interface Entry {
  readonly digest: string
  readonly attempts: number
  data: string
  expiresAt: number
  attemptsLeft: number
  used: boolean
  /** What is answered again, and to whom. */
  replay: { readonly call: string; readonly verified: Verified } | null
}

// Three steps where one entry can be added: the sweep gains on the growth, and what has expired
// stays at about a third of what is alive.
const stepsPerPut = 3
const stepsWhenFull = 128

/** At most so many challenges. */
export function memoryChallenges(capacity: number): Challenges {
  const entries = new Map<string, Entry>()
  let cursor = entries.entries()

  function living(id: string, now: number): Entry | undefined {
    const entry = entries.get(id)
    if (entry === undefined || now < entry.expiresAt) return entry
    entries.delete(id)
    return undefined
  }

  function sweep(now: number, steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const next = cursor.next()
      if (next.done) cursor = entries.entries()
      else if (now >= next.value[1].expiresAt) entries.delete(next.value[0])
    }
  }

  return {
    makeRoom: (id, now) => {
      sweep(now, stepsPerPut)
      if (entries.size < capacity || entries.has(id)) return
      sweep(now, stepsWhenFull)
      if (entries.size >= capacity) {
        throw new OtpError('capacity', `the memory is full: ${capacity} challenges`)
      }
    },

    put: ({ id, digest, attempts, ttlMs, data }, now) => {
      const expiresAt = now + ttlMs
      const attemptsLeft = attempts
      entries.set(id, {
        digest,
        attempts,
        data,
        expiresAt,
        attemptsLeft,
        used: false,
        replay: null,
      })
    },

    get: (id, now) => {
      const entry = living(id, now)
      if (entry === undefined) return null
      const { digest, attempts, attemptsLeft, expiresAt, data } = entry
      const found = { id, digest, attempts, attemptsLeft, remainingMs: expiresAt - now, data }
      return entry.used ? { ...found, attemptsLeft: 0, used: true } : found
    },

    attempt: (id, digests, now, call) => {
      const entry = living(id, now)
      if (entry === undefined || entry.attemptsLeft === 0) return { outcome: 'gone' }
      entry.attemptsLeft -= 1
      let matches = false
      // All of the list, so that the time does not tell which one matched.
      for (const digest of digests) matches = equal(entry.digest, digest) || matches
      if (entry.used) return { outcome: matches ? 'used' : 'gone' }
      const { attempts, attemptsLeft, data } = entry
      const remainingMs = entry.expiresAt - now
      if (!matches) return { outcome: 'incorrect', data, attemptsLeft, remainingMs }
      const attemptsUsed = attempts - attemptsLeft
      const verified: Verified = { outcome: 'verified', data, attemptsUsed, remainingMs }
      entry.used = true
      entry.data = ''
      entry.expiresAt = now + usedMs
      if (call !== undefined) entry.replay = { call, verified }
      return verified
    },

    verifiedBy: (call, id, now) => {
      const replay = living(id, now)?.replay
      return replay && equal(replay.call, call) ? replay.verified : undefined
    },

    delete: (id, digest) => {
      const entry = entries.get(id)
      if (entry !== undefined && equal(entry.digest, digest)) entries.delete(id)
    },
  }
}

/** A store of nothing but these challenges. */
export function storeOf(challenges: Challenges, present: () => number): OtpStore {
  return {
    put: async (challenge) => {
      const now = present()
      challenges.makeRoom(challenge.id, now)
      challenges.put(challenge, now)
    },
    get: async (id) => challenges.get(id, present()),
    attempt: async (id, digests) => challenges.attempt(id, digests, present()),
    delete: async (id, digest) => challenges.delete(id, digest),
  }
}
