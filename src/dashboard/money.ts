import type { HistoryCount } from '../history'
import type { Cost, Money } from './data'
import { grouped, groupsBy, headOf, type Looking, sumOf } from './panel'

const dayMs = 86_400_000

/** What messages cost, each currency by itself. */
export async function money(looking: Looking): Promise<Money> {
  const [sent, verified] = await Promise.all([
    looking.counts({
      where: { type: 'sent', delivery: ['accepted', 'unknown'] },
      by: ['country', 'provider', 'channel', 'currency'],
      overTime: true,
    }),
    looking.counts({ where: { type: 'verified' }, by: ['country'] }),
  ])
  const days = grouped(sent, ({ at = 0 }) => Math.floor(at / dayMs) * dayMs)
  return {
    ...headOf(looking),
    total: costsOf(sent, sumOf(verified)),
    byCountry: [...groupsBy(sent, 'country')]
      .flatMap(([country, group]) => {
        const verifications = sumOf(verified.filter((row) => (row.country ?? null) === country))
        return costsOf(group, verifications).map((cost) => ({ country, ...cost }))
      })
      .sort((one, other) => other.amount - one.amount),
    byDay: [...days].flatMap(([at, group]) =>
      costsOf(group, 0).map(({ currency, amount }) => ({ at, currency, amount })),
    ),
    unpriced: sumOf(sent.filter(({ currency }) => currency === undefined)),
  }
}

/** What a group of messages cost, by currency. */
export function costsOf(rows: readonly HistoryCount[], verified: number): readonly Cost[] {
  const sums = new Map<string, { amount: number; messages: number }>()
  for (const { currency, prices, count } of rows) {
    if (currency === undefined) continue
    const sum = sums.get(currency) ?? { amount: 0, messages: 0 }
    sums.set(currency, sum)
    sum.amount += prices[currency] ?? 0
    sum.messages += count
  }
  return [...sums].map(([currency, { amount: exact, messages }]) => {
    // Prices come in millionths, and sums of fractions in more.
    const amount = Math.round(exact * 1e6) / 1e6
    const perVerified = verified === 0 ? null : amount / verified
    return { currency, amount, messages, estimated: 0, verified, perVerified }
  })
}
