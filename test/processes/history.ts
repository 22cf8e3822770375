import type {
  AttemptOutcome,
  Limit,
  NewChallenge,
  OtpStore,
  RateLimiter,
  StoredChallenge,
  Taken,
} from 'otpkit'

/** A store and a limiter over one server. */
export interface Subject {
  readonly store: OtpStore
  readonly rateLimiter: RateLimiter
  close(): Promise<void>
}

/**
 * What the module of a subject exports: every process of a run calls it, with the same address and
 * the same space for its keys or tables.
 */
export type OpenSubject = (url: string, space: string) => Promise<Subject>

/** When a call was made, as the calling process saw it. */
export interface Moment {
  readonly process: number
  /** The challenge, or the group of limit keys, that it was about. */
  readonly about: string
  /** Milliseconds by a clock that all processes of a machine share. */
  readonly start: number
  readonly end: number
}

/** A call of a store. Without an outcome it rejected, and may have been carried out or not. */
export type StoreCall =
  | { readonly method: 'put'; readonly challenge: NewChallenge; readonly outcome?: 'done' }
  | { readonly method: 'delete'; readonly digest: string; readonly outcome?: 'done' }
  | { readonly method: 'get'; readonly outcome?: StoredChallenge | null }
  | {
      readonly method: 'attempt'
      readonly digests: readonly string[]
      readonly outcome?: AttemptOutcome
    }

/** A call of a limiter. Without an outcome it rejected, and may have been carried out or not. */
export type LimiterCall =
  | { readonly method: 'take'; readonly limits: readonly Limit[]; readonly outcome?: Taken }
  | {
      readonly method: 'refund'
      readonly keys: readonly string[]
      readonly charge: string
      readonly outcome?: 'done'
    }
  | {
      readonly method: 'clear'
      readonly keys: readonly string[]
      readonly newest?: number
      readonly outcome?: 'done'
    }

/** All calls of a run. */
export interface Histories {
  readonly store: readonly (StoreCall & Moment)[]
  readonly limiter: readonly (LimiterCall & Moment)[]
  /** Takes in windows short enough to pass while the run lasts. */
  readonly windows: readonly (LimiterCall & Moment)[]
}
