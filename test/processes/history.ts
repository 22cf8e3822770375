import type {
  AttemptOutcome,
  Limit,
  NewChallenge,
  OtpDatabase,
  OtpStore,
  RateLimiter,
  StoredChallenge,
  Taken,
} from 'otpkit'

/** A store, a limiter and a database over one server. */
export interface Subject {
  readonly store: OtpStore
  readonly rateLimiter: RateLimiter
  /** What a manager is given. */
  readonly database: OtpDatabase
  /** Cuts every connection of this process, from the server's side. */
  cut?(): Promise<void>
  close(): Promise<void>
}

/**
 * What the module of a subject exports: every process of a run calls it, with the same address and
 * the same space for its keys or tables.
 */
export type OpenSubject = (url: string, space: string) => Promise<Subject>

/** A code that every process is told of, as if all of them had got the message. */
export interface SharedCode {
  /** The recipient. */
  readonly about: string
  readonly purpose: 'login' | 'signup'
  readonly handle: string
  readonly code: string
}

/** What a process tells its parent. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'code'; readonly shared: SharedCode }
  | { readonly kind: 'done'; readonly histories: Histories }

/** When a call was made, as the calling process saw it. */
export interface Moment {
  readonly process: number
  /** The challenge, or the group of limit keys, that it was about. */
  readonly about: string
  /** Milliseconds by a clock that all processes of a machine share. */
  readonly start: number
  readonly end: number
  /** Why there is no outcome. */
  readonly fault?: string
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

/**
 * What a request of a manager came to, in its own step. An accepted `send` is two of them, between
 * the same moments: its message is charged in its first step, its code decided in its last.
 */
export type ManagerCall =
  | {
      /** `accepted`, or the limit that refused. */
      readonly method: 'message'
      readonly outcome?: string
    }
  | {
      /** The code that a message carried. */
      readonly method: 'code'
      readonly challenge: string
      readonly outcome?: string
    }
  | {
      /** What is verified: `nothing`, `login`, or the handle of another challenge. */
      readonly method: 'verify'
      readonly challenge: string
      readonly code: string
      /** With what the event about it says. */
      readonly outcome?: string
    }

/** All calls of a run. */
export interface Histories {
  readonly store: readonly (StoreCall & Moment)[]
  readonly limiter: readonly (LimiterCall & Moment)[]
  /** Takes in windows short enough to pass while the run lasts. */
  readonly windows: readonly (LimiterCall & Moment)[]
  readonly manager: readonly (ManagerCall & Moment)[]
}
