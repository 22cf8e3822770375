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
   * `attemptsLeft: 0` until it expires; a used one with `attemptsLeft: 0` and `used: true` for
   * {@link usedMs}.
   */
  get(id: string): Promise<StoredChallenge | null>

  /**
   * Charges one attempt, compares, and consumes on success, all in ONE atomic step.
   *
   * - `gone`: nothing is alive under `id`, or no attempt is left. Nothing is charged.
   * - `verified`: one of `digests` equals the stored digest. The challenge is consumed: whatever
   *   races with this call, nobody else verifies it.
   * - `incorrect`: an attempt was charged and no digest was equal. Life does not change.
   * - `used`: this digest verified less than {@link usedMs} ago. A consumed challenge keeps its
   *   digest and the attempts that were left for so long; each later guess takes one of them and is
   *   answered `used` or `gone`, and without any left it is `gone`.
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

/** How long a consumed challenge is still known as used, in milliseconds. */
export const usedMs = 60_000

/** A challenge as the manager hands it to a store. */
export interface NewChallenge {
  /**
   * Opaque: letters, digits, `-` and `_`, at most 64 characters. Its last 22 are the same for all
   * challenges of one recipient, and the same as those of the recipient's keys in the limiter.
   */
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
  /** How many attempts there were in all. */
  readonly attempts: number
  /** 0 once every attempt was used. */
  readonly attemptsLeft: number
  /** Milliseconds of life left by the store's clock, more than 0. */
  readonly remainingMs: number
  readonly data: string
  /** It was verified less than {@link usedMs} ago, and is nothing but that. */
  readonly used?: true
}

/** What one attempt came to. */
export type AttemptOutcome =
  | {
      readonly outcome: 'verified'
      readonly data: string
      /** Attempts charged to the challenge in all, this one included. */
      readonly attemptsUsed: number
      /** Milliseconds of life that were left. */
      readonly remainingMs: number
    }
  | {
      readonly outcome: 'incorrect'
      readonly data: string
      readonly attemptsLeft: number
      readonly remainingMs: number
    }
  | { readonly outcome: 'used' }
  | { readonly outcome: 'gone' }
