import type { Limit } from '../rate-limiter'

/** Throws a `TypeError` for limits that share a key but not a cost. */
export function expectEqualCosts(limits: readonly Limit[]): void {
  // Few limits come at a time, so comparing them pairwise costs less than any index of them.
  for (const [position, { key, cost = 1 }] of limits.entries()) {
    for (let other = 0; other < position; other += 1) {
      const earlier = limits[other]
      if (earlier?.key === key && (earlier.cost ?? 1) !== cost) {
        throw new TypeError('limits that share a key must share a cost')
      }
    }
  }
}
