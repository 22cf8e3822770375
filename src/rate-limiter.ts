/**
 * What counts. Every charge is one entry in a log per key; a limit is a window that looks at such
 * a log.
 *
 * Rules every limiter keeps, each of them a case of `rateLimiterConformance` in `otpkit/testing`:
 *
 * - The limiter's own clock decides. A charge counts while less than `windowMs` has passed since it
 *   was made; at exactly `windowMs` it no longer does.
 * - `max` is never exceeded in *any* window of that length, not only in aligned ones.
 * - Up to a `max` of 128 windows are exact. Above it a limiter may merge charges and so refuse
 *   early, by at most 1/32 of the window, so that the state of a key stays bounded.
 * - Limits with the same key are windows over one log: `take` charges that log once.
 * - A fault is thrown. It is never answered as if there were room.
 */
export interface RateLimiter {
  /**
   * Charges every limit, or none of them, in ONE atomic step and one round trip. Limits that share
   * a key must share a cost.
   */
  take(limits: readonly Limit[]): Promise<Taken>

  /**
   * Takes back exactly the charge that a `take` made on these keys: once, whatever happened since,
   * and not at all once it has aged out. Of the keys of that `take`, those that are not named stay
   * charged.
   */
  refund(keys: readonly string[], charge: string): Promise<void>

  /** Forgets the newest `newest` charges of each key, or all of them when it is left out. */
  clear(keys: readonly string[], newest?: number): Promise<void>
}

/** At most `max` units in any window of `windowMs`. */
export interface Limit {
  /**
   * Opaque: letters, digits, `-` and `_`, at most 64 characters. Keys that differ in their first
   * character only are about one subject, and may be kept together.
   */
  readonly key: string
  /** Units allowed in the window, 1 or more. */
  readonly max: number
  /** Length of the window in milliseconds. */
  readonly windowMs: number
  /**
   * Units that a `take` charges.
   * A cost of 0 looks at the log, charges nothing and never refuses.
   *
   * @defaultValue 1
   */
  readonly cost?: number
}

/** What a `take` came to. */
export type Taken =
  | {
      readonly ok: true
      /** Names this charge for `refund`. */
      readonly charge: string
      /** Units in each limit's window, this charge included, in the order of the limits. */
      readonly used: readonly number[]
      /**
       * Milliseconds until the same `take` would be accepted again if nothing else happens; 0 when
       * that is now. A limit of cost 0 counts here as if it cost 1.
       */
      readonly retryAfterMs: number
    }
  | {
      readonly ok: false
      /** The limit that refuses; of several, the one with the longest wait. */
      readonly index: number
      /** Milliseconds until this `take` would be accepted if nothing else happens, more than 0. */
      readonly retryAfterMs: number
      /** Units in each limit's window; nothing was charged. */
      readonly used: readonly number[]
    }
