import type { Beginning, Begun, OtpDatabase, Policy, Settled, Submission } from '../database'
import { memoryChallenges, storeOf } from '../internal/memory/challenges'
import { type Call, limiterOf, memoryCharges } from '../internal/memory/charges'
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
 * Every call is decided before it returns. A pending challenge takes about 250 bytes, a key with one
 * charge about 80, with two about 240 and with each further one 70 more; what has expired or aged out is
 * removed a few at a time by later calls, and there is no timer.
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
    const call = charges.call(policy, beginning, now)
    const asked = charges.ask(call)
    if (!asked.ok) return { taken: asked, standing: null, put: false }
    const found = challenges.get(challenge.id, now)
    const yields = found !== null && found.attemptsLeft > 0 && found.digest !== replaces
    const put = !yields && call.firstUsed <= (policy.mostUsed ?? Number.POSITIVE_INFINITY)
    charges.expectRoom(call)
    if (put) challenges.makeRoom(challenge.id, now)
    const charge = charges.charge(call)
    const used = charges.used(call)
    if (put) challenges.put(challenge, now)
    const taken = { ok: true, charge, used, retryAfterMs: charges.wait(call) } as const
    return { taken, standing: yields ? found : null, put }
  }

  function settle(submission: Submission): Settled {
    const { policy, id, digests, mostUsed } = submission
    const now = present()
    const call = charges.call(policy, submission, now)
    const asked = charges.ask(call)
    const before = challenges.verifiedBy(submission.call, id, now)
    if (before !== undefined) return { taken: { ok: true, used: asked.used }, attempt: before }
    if (!asked.ok) return { taken: asked }
    const first = policy.limits[0].key
    charges.expectRoom(call, policy.forgiveness?.key)
    charges.charge(call, (key) => key !== first)
    const attempt: AttemptOutcome =
      call.firstUsed < mostUsed
        ? challenges.attempt(id, digests, now, submission.call)
        : { outcome: 'gone' }
    if (attempt.outcome === 'incorrect') charges.charge(call, (key) => key === first)
    const used = charges.used(call)
    if (attempt.outcome === 'verified') forgive(policy, call, attempt.attemptsUsed - 1)
    return { taken: { ok: true, used }, attempt }
  }

  function forgive({ limits, forgiveness }: Policy, call: Call, failed: number): void {
    if (failed === 0) return
    if (forgiveness !== undefined) {
      const costs = call.keys.map(() => failed)
      const forgiving = { ...call, limits: [forgiveness], costs }
      if (!charges.ask(forgiving).ok) return
      charges.charge(forgiving)
    }
    charges.clear([call.keys[limits[0].key] ?? ''], failed)
  }

  return {
    ...storeOf(challenges, present),
    ...limiterOf(charges, present),
    begin: async (beginning) => begin(beginning),
    settle: async (submission) => settle(submission),
  }
}
