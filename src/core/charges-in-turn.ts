import type { Writable } from '../internal/writable'
import type { Limit } from '../rate-limiter'

/** So many calls share a `take`: some fifty keys. */
const mostTogether = 16

interface Waiting {
  readonly limits: readonly Limit[]
  done(): void
  failed(error: unknown): void
}

/**
 * Charges behind answers, one `take` after another: those that come while one is under way go together,
 * so that a busy key, such as a country's, is charged once for all of them. For limits that never refuse.
 * Two are under way only where as many wait as go together.
 */
export function chargesInTurn(
  take: (limits: readonly Limit[]) => Promise<unknown>,
): (limits: readonly Limit[]) => Promise<void> {
  const waiting: Waiting[] = []
  let going = 0

  async function go(): Promise<void> {
    going += 1
    while (waiting.length > 0) {
      const together = waiting.splice(0, mostTogether)
      try {
        await take(summed(together.flatMap(({ limits }) => limits)))
        for (const { done } of together) done()
      } catch (error) {
        for (const { failed } of together) failed(error)
      }
    }
    going -= 1
  }

  return (limits) =>
    new Promise((done, failed) => {
      waiting.push({ limits, done, failed })
      // A call that is never answered must not keep all later ones waiting.
      if (going === 0 || waiting.length >= mostTogether) void go()
    })
}

/** Each window of a key once, at the cost of all charges of it. */
function summed(limits: readonly Limit[]): Limit[] {
  const ofKeys = new Map<string, Writable<Limit>[]>()
  for (const { key, max, windowMs, cost = 1 } of limits) {
    const ofKey = ofKeys.get(key) ?? []
    ofKeys.set(key, ofKey)
    const known = ofKey.find((limit) => limit.windowMs === windowMs)
    if (known === undefined) ofKey.push({ key, max, windowMs, cost })
    else known.cost = (known.cost ?? 0) + cost
  }
  return [...ofKeys.values()].flat()
}
