import type { History, HistoryEvent } from '../history'
import type { Guard, Spent, Suspected } from './guard-data'
import { headOf, type Looking } from './panel'

const newestEvents = 1_000

/** What the guard suspected, and what it told of money. */
export async function guard(looking: Looking, history: History): Promise<Guard> {
  const { from, to } = looking.asked
  const [rows, events] = await Promise.all([
    looking.counts({
      where: { type: 'suspected' },
      by: ['country', 'channel', 'rule', 'level', 'verdict'],
    }),
    history.events({ type: 'spend', before: to, limit: newestEvents }),
  ])
  const suspected = rows.map(
    ({ country = null, channel = null, rule = null, level = null, verdict = null, count }) =>
      ({ country, channel, rule, level, verdict, count }) satisfies Suspected,
  )
  return {
    ...headOf(looking),
    suspected: suspected.length === 0 ? null : suspected,
    spent: newestOfEach(events.filter(({ at }) => at >= from).flatMap(spentOf)),
  }
}

function spentOf(event: HistoryEvent): readonly Spent[] {
  const { type, at, country = null, cap, percent, used, max, currency } = event
  if (type !== 'spend' || cap === undefined || currency === undefined) return []
  if (percent === undefined || used === undefined || max === undefined) return []
  // A cap on everything is told with the message that reached it, of whichever country.
  const isOfCountry = cap === 'perCountryPerDay'
  return [{ at, cap, country: isOfCountry ? country : null, percent, used, max, currency }]
}

function newestOfEach(all: readonly Spent[]): readonly Spent[] {
  const newest = new Map<string, Spent>()
  for (const spent of all) {
    const key = `${spent.cap} ${spent.country}`
    if (!newest.has(key)) newest.set(key, spent)
  }
  return [...newest.values()]
}
