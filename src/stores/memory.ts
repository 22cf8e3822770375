import { OtpError } from '../errors'
import { equal } from '../internal/equal'
import type { OtpStore } from '../store'

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /**
   * Most challenges kept at once. Beyond it `put` throws an `OtpError` with code `capacity`: a
   * living challenge is never forgotten to make room.
   *
   * @defaultValue 1,000,000
   */
  readonly capacity?: number
  /**
   * The present in milliseconds, for tests.
   *
   * @defaultValue a monotonic clock, so that setting the host's clock neither extends nor ends a life
   */
  readonly clock?: () => number
}

interface Entry {
  readonly digest: string
  readonly data: string
  readonly expiresAt: number
  readonly attempts: number
  attemptsLeft: number
}

// Three steps where one entry can be added: the sweep gains on the growth, and what has expired
// stays at about a third of what is alive.
const stepsPerPut = 3
const stepsWhenFull = 128

/**
 * Challenges in the memory of this process: for tests, development and backends of one process. A
 * restart forgets them all, which voids the codes that were out.
 *
 * A pending challenge takes less than 400 bytes. Expired ones are removed a few at a time by later
 * calls; there is no timer.
 *
 * @throws `TypeError` when `capacity` is not a whole number of 1 or more.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'otpkit/stores/memory'
 *
 * export const store = memoryStore({ capacity: 100_000 })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): OtpStore {
  const { capacity = 1_000_000, clock = () => Math.floor(performance.now()) } = options
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new TypeError('capacity must be a whole number of challenges, 1 or more')
  }
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
    put: async ({ id, digest, attempts, ttlMs, data }) => {
      const now = clock()
      sweep(now, stepsPerPut)
      if (entries.size >= capacity && !entries.has(id)) {
        sweep(now, stepsWhenFull)
        if (entries.size >= capacity) {
          throw new OtpError('capacity', `the memory store is full: ${capacity} challenges`)
        }
      }
      entries.set(id, { digest, data, expiresAt: now + ttlMs, attempts, attemptsLeft: attempts })
    },

    get: async (id) => {
      const now = clock()
      const entry = living(id, now)
      if (entry === undefined) return null
      const { digest, attemptsLeft, expiresAt, data } = entry
      return { id, digest, attemptsLeft, remainingMs: expiresAt - now, data }
    },

    attempt: async (id, digests) => {
      const entry = living(id, clock())
      if (entry === undefined || entry.attemptsLeft === 0) return { outcome: 'gone' }
      entry.attemptsLeft -= 1
      let matches = false
      // All of the list, so that the time does not tell which one matched.
      for (const digest of digests) matches = equal(entry.digest, digest) || matches
      if (!matches) return { outcome: 'incorrect', attemptsLeft: entry.attemptsLeft }
      entries.delete(id)
      const attemptsUsed = entry.attempts - entry.attemptsLeft
      return { outcome: 'verified', data: entry.data, attemptsUsed }
    },

    delete: async (id, digest) => {
      const entry = entries.get(id)
      if (entry !== undefined && equal(entry.digest, digest)) entries.delete(id)
    },
  }
}
