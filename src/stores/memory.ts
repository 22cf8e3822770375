import { memoryChallenges, storeOf } from '../internal/memory/challenges'
import { memorySettings } from '../internal/memory/settings'
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

/**
 * Challenges in the memory of this process: for tests, development and backends of one process. A
 * restart forgets them all, which voids the codes that were out.
 *
 * A pending challenge takes about 250 bytes. Expired ones are removed a few at a time by later
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
  const { capacity, present } = memorySettings('memoryStore', options)
  return storeOf(memoryChallenges(capacity), present)
}
