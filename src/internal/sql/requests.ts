import type { Limit, Taken } from '../../rate-limiter'
import { expectEqualCosts } from '../equal-costs'
import type { Units, Window, WindowCount } from './charge-log'

/** All that one `take` wants of one key. */
export interface KeyRequest {
  readonly key: string
  readonly cost: number
  readonly windows: readonly PlacedWindow[]
  /** Windows of no limit that will look at this log too, so that it must be kept for them. */
  readonly lookers?: readonly Window[]
}

interface PlacedWindow extends Window {
  /** Which of the limits it is. */
  readonly index: number
  /** Whether it refuses at cost 0 too, as if the cost were 1. */
  readonly refuses: boolean
  /** Where it does not, it counts, but neither refuses nor makes anybody wait. */
  readonly applies: boolean
}

/** A limit of a `take`, or one of a policy as it stands at one instant. */
export interface AskedLimit extends Limit {
  readonly refuses?: boolean
  readonly applies?: boolean
}

/**
 * The limits by key, in the order of the keys: whoever locks several of them locks them in the same
 * order, so nobody waits in a circle. Throws a `TypeError` for costs that make no sense.
 */
export function requestsByKey(limits: readonly AskedLimit[]): readonly KeyRequest[] {
  expectEqualCosts(limits)
  const requests = new Map<string, { key: string; cost: number; windows: PlacedWindow[] }>()
  for (const [index, limit] of limits.entries()) {
    const { key, max, windowMs, cost = 1, refuses = false, applies = true } = limit
    if (!Number.isSafeInteger(cost) || cost < 0) {
      throw new TypeError('cost must be a whole number of units, 0 or more')
    }
    const request = requests.get(key) ?? { key, cost, windows: [] }
    request.windows.push({ max, windowMs, index, refuses, applies })
    requests.set(key, request)
  }
  return [...requests.values()].sort((one, other) => (one.key < other.key ? -1 : 1))
}

/** Keys in the order in which `requestsByKey` has them. */
export function keysInOrder(keys: readonly string[]): string[] {
  return [...keys].sort()
}

/** The answer of a `take`. `counts` are of all windows, request by request. */
export function toTaken(
  requests: readonly KeyRequest[],
  counts: readonly WindowCount[],
  charges: readonly Units[],
): Taken {
  const used: number[] = []
  const refusal = { index: -1, waitMs: 0 }
  let nextWaitMs = 0
  let position = 0
  for (const { cost, windows } of requests) {
    for (const { index, refuses, applies } of windows) {
      const count = counts[position]
      position += 1
      if (count === undefined) throw new Error('a window was not counted')
      used[index] = count.used
      if (!applies) continue
      nextWaitMs = Math.max(nextWaitMs, count.nextWaitMs)
      if ((cost > 0 || refuses) && count.waitMs > refusal.waitMs) {
        refusal.index = index
        refusal.waitMs = count.waitMs
      }
    }
  }
  if (refusal.index >= 0) {
    return { ok: false, index: refusal.index, retryAfterMs: refusal.waitMs, used }
  }
  for (const { cost, windows } of requests) {
    for (const { index } of windows) used[index] = (used[index] ?? 0) + cost
  }
  return { ok: true, charge: encodeCharge(charges), used, retryAfterMs: nextWaitMs }
}

/**
 * The name of a charge: the units that it took from each key. Numbers begin at random for every
 * key, so they are found on no other key than their own.
 */
export function encodeCharge(charges: readonly Units[]): string {
  return charges.map(({ first, cost }) => `${first.toString(36)}.${cost.toString(36)}`).join('-')
}

/** The units that a charge names; none where it names nothing that a `take` ever made. */
export function decodeCharge(charge: string): readonly Units[] {
  if (!/^[0-9a-z]{1,11}\.[0-9a-z]{1,11}(-[0-9a-z]{1,11}\.[0-9a-z]{1,11})*$/.test(charge)) return []
  return charge.split('-').flatMap((part) => {
    const [first = 0, cost = 0] = part.split('.').map((number) => Number.parseInt(number, 36))
    return Number.isSafeInteger(first + cost) && cost > 0 ? [{ first, cost }] : []
  })
}
