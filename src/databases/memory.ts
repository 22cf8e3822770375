import type { Beginning, Begun, OtpDatabase, Settled, Submission } from '../database'
import { memoryChallenges, storeOf } from '../internal/memory/challenges'
import { limiterOf, memoryCharges } from '../internal/memory/charges'
import { askedLimits, keyAt } from '../internal/memory/policy'
import { memorySettings } from '../internal/memory/settings'
import type { AttemptOutcome } from '../store'

/** Options of `memory`. */
export interface MemoryOptions {
  /**
   * Most challenges kept at once, and most keys. Beyond it whatever would add one throws an
   * `OtpError` with code `capacity`, before anything is charged or compared: nothing that is alive
   * or still counts is forgotten to make room.
   *
   * @defaultValue 1,000,000
   */
  readonly capacity?: number
  /**
   * The present in milliseconds, for tests.
   *
   * @defaultValue a monotonic clock, so that setting the host's clock changes no life and no window
   */
  readonly clock?: () => number
}

/**
 * Everything in the memory of this process: for tests, development and backends of one process. A
 * restart forgets it all, the failure ledgers included.
 *
 * Every call is decided before it returns. A pending challenge takes less than 400 bytes and a
 * charge about 60; what has expired or aged out is removed a few at a time by later calls, and
 * there is no timer.
 *
 * @throws `TypeError` when `capacity` is not a whole number of 1 or more.
 *
 * @example
 * ```ts
 * import { memory } from 'otpkit/databases/memory'
 *
 * export const database = memory({ capacity: 100_000 })
 * ```
 */
export function memory(options: MemoryOptions = {}): OtpDatabase {
  const { capacity, present } = memorySettings('memory', options)
  const challenges = memoryChallenges(capacity)
  const charges = memoryCharges(capacity)

  function begin(beginning: Beginning): Begun {
    const { policy, challenge, replaces } = beginning
    const now = present()
    const { limits, firstUsed } = askedLimits(charges, policy, beginning, now)
    const asked = charges.ask(limits, now)
    if (!asked.ok) return { taken: asked, standing: null, put: false }
    const found = challenges.get(challenge.id, now)
    const yields = found !== null && found.attemptsLeft > 0 && found.digest !== replaces
    const put = !yields && firstUsed <= (policy.mostUsed ?? Number.POSITIVE_INFINITY)
    charges.makeRoom(limits, now)
    if (put) challenges.makeRoom(challenge.id, now)
    const taken = charges.charge(limits, now)
    if (put) challenges.put(challenge, now)
    return { taken, standing: yields ? found : null, put }
  }

  function settle(submission: Submission): Settled {
    const { policy, id, digests, mostUsed, call } = submission
    const { forgiveness } = policy
    const now = present()
    const { limits, firstUsed } = askedLimits(charges, policy, submission, now)
    const asked = charges.ask(limits, now)
    const before = challenges.verifiedBy(call, id, now)
    if (before !== undefined) return { taken: { ok: true, used: asked.used }, attempt: before }
    if (!asked.ok) return { taken: asked }
    const first = keyAt(submission, policy.limits[0].key)
    charges.makeRoom(limits, now, forgiveness && [keyAt(submission, forgiveness.key)])
    const ofFirst = limits.filter(({ key }) => key === first)
    const ofOthers = limits.filter(({ key }) => key !== first)
    charges.charge(ofOthers, now)
    const attempt: AttemptOutcome =
      firstUsed < mostUsed ? challenges.attempt(id, digests, now, call) : { outcome: 'gone' }
    if (attempt.outcome === 'incorrect') charges.charge(ofFirst, now)
    const used = limits.map(({ key, windowMs }) => charges.units(key, windowMs, now))
    if (attempt.outcome === 'verified') forgive(submission, first, attempt.attemptsUsed - 1, now)
    return { taken: { ok: true, used }, attempt }
  }

  function forgive(submission: Submission, first: string, failed: number, now: number): void {
    const { forgiveness } = submission.policy
    if (forgiveness !== undefined) {
      const { max, windowMs } = forgiveness
      const limits = [{ key: keyAt(submission, forgiveness.key), max, windowMs, cost: failed }]
      if (!charges.ask(limits, now).ok) return
      charges.charge(limits, now)
    }
    charges.clear([first], failed, now)
  }

  return {
    ...storeOf(challenges, present),
    ...limiterOf(charges, present),
    begin: async (beginning) => begin(beginning),
    settle: async (submission) => settle(submission),
  }
}
