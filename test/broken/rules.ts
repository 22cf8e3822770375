import type { Limit, RateLimiter } from 'otpkit'

interface Entry {
  readonly at: number
  readonly units: number
  readonly name: string
  readonly number: number
  /** The window of the first limit that charged it. */
  readonly keptMs: number
}

interface Rules {
  /** Whether a charge no longer counts. */
  ages(at: number, windowMs: number, now: number): boolean
  /** Units that a limit finds in its log. */
  units(log: readonly Entry[], limit: Limit, now: number): number
  nameOf(number: number, now: number): string
  /** What a refund enters, instead of removing the charge. */
  refund(entry: Entry, now: number): Entry | undefined
}

/** A limiter that takes and charges in one step; with no rules but its own it is sound. */
export function byRule(rules: Partial<Rules>): (clock: () => number) => RateLimiter {
  return (clock) => {
    const logs = new Map<string, Entry[]>()
    const logOf = (key: string) => logs.get(key) ?? []
    let number = 0
    const { nameOf = String, refund = () => undefined } = rules
    const { ages = (at, windowMs, now) => now - at >= windowMs } = rules
    const {
      units = (log, { windowMs }, now) =>
        log.reduce((sum, entry) => sum + (ages(entry.at, windowMs, now) ? 0 : entry.units), 0),
    } = rules

    const waitFor = (limit: Limit, cost: number, now: number) => {
      const { key, max, windowMs } = limit
      if (cost > max) return windowMs
      const instants = [now, ...logOf(key).map(({ at }) => at + windowMs)].filter((at) => at >= now)
      return Math.min(
        windowMs,
        ...instants
          .filter((at) => units(logOf(key), limit, at) + cost <= max)
          .map((at) => at - now),
      )
    }

    return {
      take: async (limits) => {
        const now = clock()
        const count = () => limits.map((limit) => units(logOf(limit.key), limit, now))
        const used = count()
        const waits = limits.map((limit, index) => {
          const cost = limit.cost ?? 1
          return cost > 0 && (used[index] ?? 0) + cost > limit.max ? waitFor(limit, cost, now) : 0
        })
        const longest = Math.max(0, ...waits)
        if (longest > 0) {
          return { ok: false, index: waits.indexOf(longest), retryAfterMs: longest, used }
        }
        number += 1
        const name = nameOf(number, now)
        for (const { key, cost: units = 1, windowMs: keptMs } of limits) {
          const log = logOf(key)
          if (units === 0 || log.at(-1)?.number === number) continue
          logs.set(key, [...log, { at: now, units, name, number, keptMs }])
        }
        const retryAfterMs = Math.max(
          0,
          ...limits.map((limit) => waitFor(limit, limit.cost || 1, now)),
        )
        return { ok: true, charge: name, used: count(), retryAfterMs }
      },
      refund: async (keys, charge) => {
        const now = clock()
        for (const key of keys) {
          const entry = logOf(key).find(({ name }) => name === charge)
          const entered = entry && refund(entry, now)
          const kept = logOf(key).filter((other) => entered !== undefined || other !== entry)
          logs.set(key, entered === undefined ? kept : [...kept, entered])
        }
      },
      clear: async (keys, newest) => {
        for (const key of keys) {
          logs.set(key, newest === undefined ? [] : logOf(key).slice(0, logOf(key).length - newest))
        }
      },
    }
  }
}
