import type { Policy, Window } from '../database'
import type { Limit, RateLimiter, Taken } from '../rate-limiter'
import type { OtpStore } from '../store'

type Refusal = Extract<Taken, { ok: false }>

/** The two places that make one database together. */
export interface Pair {
  readonly store: OtpStore
  readonly rateLimiter: RateLimiter
  /** Told of what failed behind a decision, with the first limit's key. */
  onFault(error: unknown, firstKey: string): void
}

/** A limit of a policy for one call, as it applies now. */
export interface AskedLimit extends Limit {
  readonly cost: number
  /** Units in its window when they were looked at. */
  readonly seen: number
  /** Whether it has no room for this call, as far as was seen. */
  readonly isFull: boolean
}

const noBound = Number.MAX_SAFE_INTEGER

/** Does what may fail without changing the decision. */
export async function quietly(
  { onFault }: Pair,
  firstKey: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    onFault(error, firstKey)
  }
}

/** The key of a window among those of a call. */
export function keyOf({ key }: Pick<Window, 'key'>, keys: readonly string[]): string {
  const found = keys[key]
  if (found === undefined) throw new TypeError(`a policy names key ${key} of ${keys.length}`)
  return found
}

/** Looks at every log, and says which limits apply, how wide they are and which are full. */
export async function ask(
  rateLimiter: RateLimiter,
  { limits }: Policy,
  keys: readonly string[],
  costs: readonly number[] = [],
): Promise<readonly AskedLimit[]> {
  const looking = (window: Window): Limit => {
    return { key: keyOf(window, keys), max: window.max, windowMs: window.windowMs, cost: 0 }
  }
  const raising = limits.map((limit) => ({ ...limit, ...limit.plus }))
  const { used } = await rateLimiter.take([...limits, ...raising].map(looking))
  const rises = used.slice(limits.length)
  return limits.map((limit, index) => {
    const { key, windowMs, from = 0, plus, refuses } = limit
    const applies = (used[0] ?? 0) >= from
    const max = applies ? limit.max + (plus?.times ?? 0) * (rises[index] ?? 0) : noBound
    const cost = limit.cost === 0 ? 0 : (costs[key] ?? 1)
    const needed = refuses ? Math.max(cost, 1) : cost
    const seen = used[index] ?? 0
    const isFull = needed > 0 && seen + needed > max
    return { key: keyOf(limit, keys), max, windowMs, cost, seen, isFull }
  })
}

/** The refusal by those of the limits that are full: it names the one with the longest wait. */
export async function refusalBy(
  rateLimiter: RateLimiter,
  limits: readonly AskedLimit[],
): Promise<Refusal | null> {
  const used = limits.map(({ seen }) => seen)
  const waits = await Promise.all(limits.map((limit) => waitOf(rateLimiter, limit)))
  const retryAfterMs = Math.max(...waits)
  if (retryAfterMs === 0) return null
  return { ok: false, index: waits.indexOf(retryAfterMs), retryAfterMs, used }
}

async function waitOf(
  rateLimiter: RateLimiter,
  { isFull, key, max, windowMs, cost }: AskedLimit,
): Promise<number> {
  if (!isFull) return 0
  if (cost > max) return windowMs
  // A look waits for one unit; for more of them there is room as if the window were so much smaller.
  const room = { key, max: max - Math.max(cost - 1, 0), windowMs, cost: 0 }
  return Math.max(1, (await rateLimiter.take([room])).retryAfterMs)
}
