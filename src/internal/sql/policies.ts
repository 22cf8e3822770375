import type { Beginning, Begun, Policy, Settled, Submission } from '../../database'
import { equal } from '../equal'
import { attempted, type ChallengeRow, compared, consumed, repeated, shown } from './challenges'
import { charged, cleared, countWindow, type Window } from './charge-log'
import { type ChargeLogs, decide, newLog } from './charge-rows'
import { type AskedLimit, type KeyRequest, requestsByKey } from './requests'

// What `begin` and `settle` come to, over rows that nobody else can change meanwhile.

/** What a call asks of the limits. */
export interface Asking {
  readonly policy: Policy
  readonly keys: readonly string[]
  readonly costs?: readonly number[]
}

/** The limits of a policy over the keys of a call, as they stand at this instant. */
export function policyRequests(
  { policy, keys, costs }: Asking,
  logs: ChargeLogs,
  now: number,
): readonly KeyRequest[] {
  const units = (key: number, window: Window) =>
    countWindow(logs.get(keyAt(keys, key)) ?? newLog(), window, 0, now).used
  const [first] = policy.limits
  const firstUsed = units(first.key, first)
  const limits = policy.limits.map((limit): AskedLimit => {
    const { key, max, windowMs, cost = 1, refuses = false, from = 0, plus } = limit
    const more = plus === undefined ? 0 : plus.times * units(plus.key, unbounded(plus.windowMs))
    return {
      key: keyAt(keys, key),
      max: max + more,
      windowMs,
      cost: cost === 0 ? 0 : (costs?.[key] ?? 1),
      refuses,
      applies: firstUsed >= from,
    }
  })
  return requestsByKey(limits).map((request) => ({
    ...request,
    lookers: policy.limits.flatMap(({ key, windowMs, plus }) => {
      if (plus === undefined) return []
      // Its max may rise beyond any number, so the log is kept as for a large one.
      const own = keyAt(keys, key) === request.key ? [unbounded(windowMs)] : []
      const other = keyAt(keys, plus.key) === request.key ? [unbounded(plus.windowMs)] : []
      return [...own, ...other]
    }),
  }))
}

/** What `begin` answers, and the logs that it changes. The challenge is put where `put` says so. */
export interface Beginnings {
  readonly begun: Begun
  readonly changed: ChargeLogs
}

/** Decides a `begin`. */
export function decideBeginning(
  beginning: Beginning,
  logs: ChargeLogs,
  challenge: ChallengeRow | null,
  now: number,
): Beginnings {
  const { policy, replaces } = beginning
  const { taken, read, changed } = decide(policyRequests(beginning, logs, now), logs, now)
  if (!taken.ok) return { begun: { taken, standing: null, put: false }, changed }
  const found = shown(challenge, now)
  const standing = found !== null && found.attemptsLeft > 0 ? found : null
  if (standing !== null && (replaces === undefined || !equal(standing.digest, replaces))) {
    return { begun: { taken, standing, put: false }, changed }
  }
  const put = policy.mostUsed === undefined || (read[0] ?? 0) <= policy.mostUsed
  return { begun: { taken, standing: null, put }, changed }
}

/** What the limits say of a guess, before it is compared. */
export type Weighed =
  /** Nothing is compared. These logs change. */
  | { readonly settled: Settled; readonly changed: ChargeLogs }
  /**
   * It is compared once all of this is written, as for a wrong one: what could not be charged must
   * not be compared.
   */
  | {
      readonly settled: null
      readonly changed: ChargeLogs
      readonly challenge: ChallengeRow
      /** Units in each limit's window if the guess is wrong, and if it is not. */
      readonly used: { readonly wrong: readonly number[]; readonly other: readonly number[] }
    }

/** Decides whether a guess is compared, and what it is charged before. */
export function weigh(
  submission: Submission,
  logs: ChargeLogs,
  challenge: ChallengeRow | null,
  now: number,
): Weighed {
  const { policy, keys, mostUsed, call } = submission
  const requests = policyRequests(submission, logs, now)
  const { taken, read, changed } = decide(requests, logs, now)
  const success = repeated(challenge, call, now)
  if (success !== null) {
    return { settled: { taken: { ok: true, used: read }, attempt: success }, changed: new Map() }
  }
  if (!taken.ok) return { settled: { taken }, changed }
  const firstKey = keyAt(keys, policy.limits[0].key)
  const other = taken.used.map((units, index) => {
    const key = keys[policy.limits[index]?.key ?? 0]
    return key === firstKey ? (read[index] ?? 0) : units
  })
  const left = (read[0] ?? 0) + 1 > mostUsed ? null : attempted(challenge, now)
  if (left === null) {
    const others = new Map([...changed].filter(([key]) => key !== firstKey))
    const attempt = { outcome: 'gone' } as const
    return { settled: { taken: { ok: true, used: other }, attempt }, changed: others }
  }
  return { settled: null, changed, challenge: left, used: { wrong: taken.used, other } }
}

/** What a guess came to, and what then differs from the charge of a wrong one. */
export interface Concluded {
  readonly settled: Settled
  readonly changed: ChargeLogs
  /** The challenge that it consumed, to be written. */
  readonly consumed: ChallengeRow | null
}

/** Compares a guess that was charged. `logs` are those from before. */
export function conclude(
  submission: Submission,
  weighed: Extract<Weighed, { settled: null }>,
  logs: ChargeLogs,
  now: number,
): Concluded {
  const { policy, keys, digests, call } = submission
  const { challenge, changed, used } = weighed
  const attempt = compared(challenge, digests, now)
  const settled = (units: readonly number[]): Settled => ({
    taken: { ok: true, used: units },
    attempt,
  })
  if (attempt.outcome === 'incorrect') {
    return { settled: settled(used.wrong), changed: new Map(), consumed: null }
  }
  const firstKey = keyAt(keys, policy.limits[0].key)
  const before = logs.get(firstKey) ?? newLog()
  const givenBack: ChargeLogs = changed.has(firstKey) ? new Map([[firstKey, before]]) : new Map()
  if (attempt.outcome !== 'verified') {
    return { settled: settled(used.other), changed: givenBack, consumed: null }
  }
  const standing = new Map([...logs, ...changed, ...givenBack])
  const forgiven = forgive(policy, keys, standing, attempt.attemptsUsed - 1, now)
  return {
    settled: settled(used.other),
    changed: new Map([...givenBack, ...forgiven]),
    consumed: consumed(challenge, attempt, now, call),
  }
}

/** The logs after the failed attempts of a challenge are forgiven. */
function forgive(
  { limits: [first], forgiveness }: Policy,
  keys: readonly string[],
  logs: ChargeLogs,
  failures: number,
  now: number,
): ChargeLogs {
  if (failures <= 0) return new Map()
  const logAt = (key: number) => logs.get(keyAt(keys, key)) ?? newLog()
  const firstLog = [keyAt(keys, first.key), cleared(logAt(first.key), failures)] as const
  if (forgiveness === undefined) return new Map([firstLog])
  const forgivenLog = logAt(forgiveness.key)
  const { used } = countWindow(forgivenLog, forgiveness, 0, now)
  if (used + failures > forgiveness.max) return new Map()
  const forgivenKey = keyAt(keys, forgiveness.key)
  const log = charged(forgivenLog, [forgiveness], failures, now)
  return new Map([firstLog, [forgivenKey, log]])
}

function keyAt(keys: readonly string[], index: number): string {
  const key = keys[index]
  if (key === undefined)
    throw new TypeError(`the policy names key ${index}, which the call has not`)
  return key
}

function unbounded(windowMs: number): Window {
  return { max: Number.POSITIVE_INFINITY, windowMs }
}
