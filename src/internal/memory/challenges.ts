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

/**
 * A challenge while it is looked at. Kept is a flat text instead until it is used: at a million of
 * them an object and a text for each of its fields would take 100 bytes more.
 */
interface Challenge {
  readonly digest: string
  readonly attempts: number
  attemptsLeft: number
  readonly expiresAt: number
  readonly data: string
  /** What is answered again, and to whom, once it is used. */
  readonly used?: { readonly call: string | undefined; readonly verified: Verified }
}

// Three steps where one entry can be added: the sweep gains on the growth, and what has expired
// stays at about a third of what is alive.
const stepsPerPut = 3
const stepsWhenFull = 128

/** At most so many challenges. */
export function memoryChallenges(capacity: number): Challenges {
  const entries = new Map<string, string | Challenge>()
  let cursor = entries.entries()

  function living(id: string, now: number): Challenge | undefined {
    const kept = entries.get(id)
    if (kept === undefined) return undefined
    if (now < expiryOf(kept)) return typeof kept === 'string' ? read(kept) : kept
    entries.delete(id)
    return undefined
  }

  function sweep(now: number, steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const next = cursor.next()
      if (next.done) cursor = entries.entries()
      else if (now >= expiryOf(next.value[1])) entries.delete(next.value[0])
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
      entries.set(id, write({ digest, attempts, attemptsLeft: attempts, expiresAt, data }))
    },

    get: (id, now) => {
      const found = living(id, now)
      if (found === undefined) return null
      const { digest, attempts, attemptsLeft, expiresAt, data, used } = found
      const stored = { id, digest, attempts, attemptsLeft, remainingMs: expiresAt - now, data }
      return used ? { ...stored, attemptsLeft: 0, used: true } : stored
    },

    attempt: (id, digests, now, call) => {
      const found = living(id, now)
      if (found === undefined || found.attemptsLeft === 0) return { outcome: 'gone' }
      found.attemptsLeft -= 1
      let matches = false
      // All of the list, so that the time does not tell which one matched.
      for (const digest of digests) matches = equal(found.digest, digest) || matches
      if (found.used) return { outcome: matches ? 'used' : 'gone' }
      const { attempts, attemptsLeft, data } = found
      const remainingMs = found.expiresAt - now
      if (!matches) {
        entries.set(id, write(found))
        return { outcome: 'incorrect', data, attemptsLeft, remainingMs }
      }
      const attemptsUsed = attempts - attemptsLeft
      const verified: Verified = { outcome: 'verified', data, attemptsUsed, remainingMs }
      const used = { call, verified }
      entries.set(id, { used, ...found, data: '', expiresAt: now + usedMs })
      return verified
    },

    verifiedBy: (call, id, now) => {
      const used = living(id, now)?.used
      return used?.call !== undefined && equal(used.call, call) ? used.verified : undefined
    },

    delete: (id, digest) => {
      const kept = entries.get(id)
      if (kept === undefined) return
      const found = typeof kept === 'string' ? read(kept) : kept
      if (equal(found.digest, digest)) entries.delete(id)
    },
  }
}

// Joined, and not added up: V8 would keep the parts as well.
function write({ expiresAt, attempts, attemptsLeft, digest, data }: Challenge): string {
  return [expiresAt, attempts, attemptsLeft, digest, data].join(' ')
}

function read(text: string): Challenge {
  const attemptsAt = text.indexOf(' ') + 1
  const leftAt = text.indexOf(' ', attemptsAt) + 1
  const digestAt = text.indexOf(' ', leftAt) + 1
  const dataAt = text.indexOf(' ', digestAt) + 1
  return {
    expiresAt: Number(text.slice(0, attemptsAt)),
    attempts: Number(text.slice(attemptsAt, leftAt)),
    attemptsLeft: Number(text.slice(leftAt, digestAt)),
    digest: text.slice(digestAt, dataAt - 1),
    data: text.slice(dataAt),
  }
}

function expiryOf(kept: string | Challenge): number {
  return typeof kept === 'string' ? Number(kept.slice(0, kept.indexOf(' '))) : kept.expiresAt
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
