import { type ConformanceCase, conformanceCases } from './conformance'
import { historyCountCases } from './history-count-cases'
import { historyEventCases } from './history-event-cases'
import { historyJoinCases } from './history-join-cases'
import { historyRaceCases } from './history-race-cases'
import type { HistoryUnderTest } from './subjects'

/**
 * Every rule that a `History` keeps, as cases for whatever runs your tests. There is nothing to
 * switch off: the numbers of a history that fails one of them are wrong.
 *
 * @param create - Called once for each case; gives two histories over an empty place that shares
 * nothing with others, and their clock.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import { memoryHistory } from 'otpkit/histories/memory'
 * import { historyConformance, testClock } from 'otpkit/testing'
 *
 * describe('my history', () => {
 *   const cases = historyConformance(async () => {
 *     const { now } = testClock()
 *     const history = memoryHistory({ clock: now })
 *     return { history, other: history, now }
 *   })
 *   for (const { name, run } of cases) it(name, run)
 * })
 * ```
 */
export function historyConformance(
  create: () => Promise<HistoryUnderTest>,
): readonly ConformanceCase[] {
  const fresh = async () => {
    const subject = await create()
    return { ...subject, close: () => subject.close?.() }
  }
  return conformanceCases(
    fresh,
    historyCountCases,
    historyJoinCases,
    historyEventCases,
    historyRaceCases,
  )
}
