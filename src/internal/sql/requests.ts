import type { Limit, Taken } from '../../rate-limiter'
import type { Units, Window, WindowCount } from './charge-log'

/** All that one `take` wants of one key. */
export interface KeyRequest {
  readonly key: string
  readonly cost: number
  readonly windows: readonly PlacedWindow[]
}

interface PlacedWindow extends Window {
  /** Which of the limits it is. */
  readonly index: number
}

/**
 * The limits by key, in the order of the keys: whoever locks several of them locks them in the same
 * order, so nobody waits in a circle. Throws a `TypeError` for costs that make no sense.
 */
export function requestsByKey(limits: readonly Limit[]): readonly KeyRequest[] {
  const requests = new Map<string, { key: string; cost: number; windows: PlacedWindow[] }>()
  for (const [index, { key, max, windowMs, cost = 1 }] of limits.entries()) {
    if (!Number.isSafeInteger(cost) || cost < 0) {
      throw new TypeError('cost must be a whole number of units, 0 or more')
    }
    const request = requests.get(key) ?? { key, cost, windows: [] }
    if (request.cost !== cost) throw new TypeError('limits that share a key must share a cost')
    request.windows.push({ max, windowMs, index })
    requests.set(key, request)
  }
  return [...requests.values()].sort((one, other) => (one.key < other.key ? -1 : 1))
}

/** Keys in the order in which `requestsByKey` has them. */
export function keysInOrder(keys: readonly string[]): string[] {
  return [...keys].sort()
}

/** Whether a limit that charges has no room. `counts` are of all windows, request by request. */
export function isRefused(
  requests: readonly KeyRequest[],
  counts: readonly WindowCount[],
): boolean {
  return placed(requests, counts).some(({ cost, waitMs }) => cost > 0 && waitMs > 0)
}

/** The answer of a `take`, in the order of its limits. */
export function toTaken(
  requests: readonly KeyRequest[],
  counts: readonly WindowCount[],
  charges: readonly Units[],
): Taken {
  const limits = placed(requests, counts).sort((one, other) => one.index - other.index)
  const refusing = limits.filter(({ cost, waitMs }) => cost > 0 && waitMs > 0)
  const [first, ...others] = refusing
  if (first !== undefined) {
    const longest = others.reduce((one, other) => (other.waitMs > one.waitMs ? other : one), first)
    const used = limits.map((limit) => limit.used)
    return { ok: false, index: longest.index, retryAfterMs: longest.waitMs, used }
  }
  return {
    ok: true,
    charge: encodeCharge(charges),
    used: limits.map(({ used, cost }) => used + cost),
    retryAfterMs: Math.max(0, ...limits.map(({ nextWaitMs }) => nextWaitMs)),
  }
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

function placed(requests: readonly KeyRequest[], counts: readonly WindowCount[]) {
  const windows = requests.flatMap(({ cost, windows }) =>
    windows.map(({ index }) => ({ cost, index })),
  )
  return counts.flatMap((count, position) => {
    const window = windows[position]
    return window === undefined ? [] : [{ ...count, ...window }]
  })
}
