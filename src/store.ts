/**
 * Where challenges live. The manager decides what a challenge means; a store only keeps it, and
 * settles every race inside one call.
 *
 * Rules every store keeps, each of them a case of `storeConformance` in `otpkit/testing`:
 *
 * - The store's own clock decides expiry. A challenge is alive while less than `ttlMs` has passed
 *   since its `put`; at exactly `ttlMs` it is gone.
 * - No method ever reads, compares and writes in separate steps.
 * - Ids, digests and `data` are opaque. They hold no personal data and no code.
 * - A fault is thrown. It is never answered as if nothing were there.
 *
 * @example
 * ```ts
 * import { OtpManager } from 'otpkit'
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 * import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
 * import { memoryStore } from 'otpkit/stores/memory'
 *
 * export const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   store: memoryStore(),
 *   rateLimiter: memoryRateLimiter(),
 *   deliveries: { email: consoleDelivery() },
 *   purposes: ['login'],
 * })
 * ```
 */
export interface OtpStore {
  /**
   * Creates the challenge, or replaces whatever stands under its id as a whole: digest, attempts,
   * life and data change together, so an attempt sees all of the old challenge or all of the new.
   */
  put(challenge: NewChallenge): Promise<void>

  /**
   * What is alive under `id`, or `null`. An exhausted challenge stays readable with
   * `attemptsLeft: 0` until it expires; a verified one is gone.
   */
  get(id: string): Promise<StoredChallenge | null>

  /**
   * Charges one attempt, compares, and consumes on success, all in ONE atomic step.
   *
   * - `gone`: nothing is alive under `id`, or no attempt is left. Nothing is charged.
   * - `verified`: one of `digests` equals the stored digest. The challenge is consumed: whatever
   *   races with this call, nobody else verifies it.
   * - `incorrect`: an attempt was charged and no digest was equal. Life does not change.
   *
   * With no digests at all the attempt is charged and never matches.
   */
  attempt(id: string, digests: readonly string[]): Promise<AttemptOutcome>

  /**
   * Removes the challenge, but only while it still holds this digest: a slow failure must not
   * remove its successor.
   */
  delete(id: string, digest: string): Promise<void>
}

/** A challenge as the manager hands it to a store. */
export interface NewChallenge {
  /** Fixed-length and opaque: letters, digits, `-` and `_`, at most 64 characters. */
  readonly id: string
  /** A keyed digest of the code: letters, digits, `-` and `_`, at most 64 characters. */
  readonly digest: string
  /** How many attempts may be made, 1 or more. */
  readonly attempts: number
  /** Life from now on, in milliseconds by the store's clock. */
  readonly ttlMs: number
  /** The manager's state, opaque to the store: printable ASCII of at most 2048 characters. */
  readonly data: string
}

/** A living challenge as a store reports it. */
export interface StoredChallenge {
  readonly id: string
  readonly digest: string
  /** 0 once every attempt was used. */
  readonly attemptsLeft: number
  /** Milliseconds of life left by the store's clock, more than 0. */
  readonly remainingMs: number
  readonly data: string
}

/** What one attempt came to. */
export type AttemptOutcome =
  | {
      readonly outcome: 'verified'
      readonly data: string
      /** Attempts charged to the challenge in all, this one included. */
      readonly attemptsUsed: number
    }
  | { readonly outcome: 'incorrect'; readonly attemptsLeft: number }
  | { readonly outcome: 'gone' }
