import type { Limit, Taken } from '../rate-limiter'

interface Charge {
  readonly key: string
  readonly at: number
  readonly units: number
  readonly number: number
}

/** What a limiter must answer: every charge is kept, and every answer counts all of them anew. */
export interface RateLimiterModel {
  /** The answer, with a number of its own for the charge. */
  take(limits: readonly Limit[]): Taken
  refund(keys: readonly string[], charge: string): void
  clear(keys: readonly string[], newest?: number): void
  advance(milliseconds: number): void
  /** Milliseconds until this limit alone would let its cost in, 0 when that is now. */
  waitFor(limit: Limit): number
  /** Units of this key younger than `ageMs`. */
  units(key: string, ageMs: number): number
}

/** A limiter too slow to be used and too simple to be wrong. */
export function rateLimiterModel(): RateLimiterModel {
  let charges: Charge[] = []
  let now = 0
  let lastNumber = 0

  const unitsAt = (at: number, key: string, ageMs: number) =>
    charges
      .filter((charge) => charge.key === key && at - charge.at < ageMs)
      .reduce((sum, { units }) => sum + units, 0)

  const waitFor = ({ key, max, windowMs, cost = 1 }: Limit) => {
    if (cost === 0) return 0
    if (cost > max) return windowMs
    // Room appears only when a charge ages out, so no other instants need trying.
    const instants = charges
      .filter((charge) => charge.key === key && charge.at + windowMs > now)
      .map(({ at }) => at + windowMs)
    const waits = [now, ...instants]
      .filter((at) => unitsAt(at, key, windowMs) + cost <= max)
      .map((at) => at - now)
    return Math.min(...waits)
  }

  return {
    take: (limits) => {
      const used = limits.map(({ key, windowMs }) => unitsAt(now, key, windowMs))
      const waits = limits.map(waitFor)
      const longest = Math.max(0, ...waits)
      if (longest > 0) {
        return { ok: false, index: waits.indexOf(longest), retryAfterMs: longest, used }
      }
      lastNumber += 1
      for (const [key, units] of new Map(limits.map(({ key, cost = 1 }) => [key, cost]))) {
        if (units > 0) charges.push({ key, at: now, units, number: lastNumber })
      }
      return {
        ok: true,
        charge: String(lastNumber),
        used: limits.map(({ key, windowMs }) => unitsAt(now, key, windowMs)),
        retryAfterMs: Math.max(
          0,
          ...limits.map((limit) => waitFor({ ...limit, cost: limit.cost || 1 })),
        ),
      }
    },
    refund: (keys, charge) => {
      charges = charges.filter(
        ({ key, number }) => !(keys.includes(key) && String(number) === charge),
      )
    },
    clear: (keys, newest = Number.POSITIVE_INFINITY) => {
      for (const key of keys) {
        const forgotten = charges
          .filter((charge) => charge.key === key)
          .reverse()
          .slice(0, newest)
        charges = charges.filter((charge) => !forgotten.includes(charge))
      }
    },
    advance: (milliseconds) => {
      now += milliseconds
    },
    waitFor,
    units: (key, ageMs) => unitsAt(now, key, ageMs),
  }
}
