import type { RateLimiter, Taken } from './rate-limiter'
import type { AttemptOutcome, NewChallenge, OtpStore, StoredChallenge } from './store'

/**
 * A store and a rate limiter in one place, which decides a whole request in one step: what is
 * refused leaves no trace, and a guess that finds nothing none in the first limit's log, not even for
 * a moment.
 *
 * A database counts, compares and keeps. What is counted and why is the manager's, and comes down
 * as a {@link Policy}. Any store beside any limiter is one too, as the manager joins them: right,
 * but not in one step. Each rule is a case of `databaseConformance` in `otpkit/testing`.
 *
 * @example
 * ```ts
 * import { OtpManager } from 'otpkit'
 * import { memory } from 'otpkit/databases/memory'
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 *
 * export const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   database: memory(),
 *   deliveries: { email: consoleDelivery() },
 *   purposes: ['login'],
 * })
 * ```
 */
export interface OtpDatabase extends OtpStore, RateLimiter {
  /**
   * Charges every limit of the policy or none; and, if they are accepted, puts the challenge unless
   * another one stands there. All of it in ONE atomic step.
   */
  begin(beginning: Beginning): Promise<Begun>

  /**
   * Decides a guess in ONE atomic step: every limit is asked, the limits but the first are charged,
   * the digests are compared, and the first limit is charged too if none of them matches.
   *
   * | outcome | the first limit's key | the other keys |
   * |---|---|---|
   * | refused | – | – |
   * | `gone`, `used`, `verified` | – | charged |
   * | `incorrect` | charged | charged |
   *
   * A charge is written before anything is compared: a server that cannot write compares nothing.
   * A success then forgives the earlier failures of its challenge (see {@link Policy.forgiveness}).
   */
  settle(submission: Submission): Promise<Settled>
}

/**
 * Limits over the keys that come with each call: plain data, made once and handed in again and
 * again, so that a database may compile it and keep what it compiled by identity.
 */
export interface Policy {
  /**
   * At least one. Limits with the same `key` are windows over one log and share a cost. The first
   * one is what {@link PolicyLimit.from}, {@link Policy.mostUsed} and {@link Submission.mostUsed}
   * compare with.
   */
  readonly limits: readonly [PolicyLimit, ...PolicyLimit[]]
  /**
   * `begin` does not put when the first limit had used more than this, as read before its charge.
   *
   * @defaultValue no bound
   */
  readonly mostUsed?: number
  /**
   * When `settle` verifies a challenge after n failed attempts, the newest n charges of the first
   * limit's key are forgotten: all n of them, or, where this window is given, only if n more units
   * fit in it, which are then charged to its key.
   */
  readonly forgiveness?: Window
  /**
   * The key whose limit is asked before all others where keys have to be charged one after another, as
   * in a cluster: what it refuses must not have charged them for a moment either.
   */
  readonly gate?: number
}

/** At most `max` units in any window of `windowMs`, in the log of one of a call's keys. */
export interface Window {
  /** Which of the call's keys, counted from 0. */
  readonly key: number
  readonly max: number
  readonly windowMs: number
}

/** One limit of a policy. */
export interface PolicyLimit extends Window {
  /**
   * 1 charges the key once a call, by 1 unit or what `costs` says. 0 charges nothing, and refuses
   * only with `refuses`.
   *
   * @defaultValue 1
   */
  readonly cost?: 0 | 1
  /** At cost 0: refuses once `max` units are used, as if it cost 1. */
  readonly refuses?: boolean
  /**
   * Applies only once the first limit has used so many units, as read before its charge; else it
   * neither refuses nor counts for `retryAfterMs`. Its key is then of the same subject as the first
   * limit's: equal but for the first character.
   */
  readonly from?: number
  /**
   * `max` rises by `times` for each unit in another log's window, in the same step. That key is of
   * the same subject as this limit's: equal but for the first character.
   */
  readonly plus?: {
    readonly key: number
    readonly times: number
    readonly windowMs: number
  }
}

/** What `begin` is asked. */
export interface Beginning {
  readonly policy: Policy
  /** No key twice. */
  readonly keys: readonly string[]
  /** Units that a charge of each key takes, in the order of `keys`; 1 where it is left out. */
  readonly costs?: readonly number[]
  /** Its id ends in what follows the first character of the first limit's key. */
  readonly challenge: NewChallenge
  /** The digest of a standing challenge that this one may replace. */
  readonly replaces?: string
}

/** What `begin` came to. */
export type Begun =
  | {
      /** Refused. Nothing was charged, and nothing looked at but the limits. */
      readonly taken: Extract<Taken, { ok: false }>
      readonly standing: null
      readonly put: false
    }
  | {
      readonly taken: Extract<Taken, { ok: true }>
      /** Another challenge that is alive there with attempts left, and so stays. */
      readonly standing: StoredChallenge | null
      /** Whether the challenge was put. */
      readonly put: boolean
    }

/** What `settle` is asked. */
export interface Submission {
  readonly policy: Policy
  /** No key twice. */
  readonly keys: readonly string[]
  /** It ends in what follows the first character of the first limit's key. */
  readonly id: string
  /** The digests of the code under every key of the secret: one of them may match. */
  readonly digests: readonly string[]
  /**
   * The guess is compared only while the first limit would have used no more than this, the guess
   * included. Otherwise it finds nothing: `gone`, and no attempt is charged.
   */
  readonly mostUsed: number
  /**
   * Random. The same call asked again within the minute that a used challenge is kept, by a client
   * that has lost the answer, gets its own `verified` again.
   */
  readonly call: string
}

/** What `settle` came to. */
export type Settled =
  | {
      /** Refused. Nothing was charged, nothing compared. */
      readonly taken: Extract<Taken, { ok: false }>
      readonly attempt?: undefined
    }
  | {
      readonly taken: {
        readonly ok: true
        /** Units in each limit's window, with what this call has charged. */
        readonly used: readonly number[]
      }
      readonly attempt: AttemptOutcome
    }
