import type { HistoryCount } from '../history'
import { type Prices, priceOf } from '../prices'
import type { Cost, Money } from './money-data'
import { grouped, groupsBy, headOf, type Looking, sumOf } from './panel'

const dayMs = 86_400_000

/** What messages cost, each currency by itself. */
export async function money(looking: Looking, prices: Prices | undefined): Promise<Money> {
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
    total: costsOf(sent, sumOf(verified), prices),
    byCountry: [...groupsBy(sent, 'country')]
      .flatMap(([country, group]) => {
        const verifications = sumOf(verified.filter((row) => (row.country ?? null) === country))
        return costsOf(group, verifications, prices).map((cost) => ({ country, ...cost }))
      })
      .sort((one, other) => other.amount - one.amount),
    byDay: [...days].flatMap(([at, group]) =>
      costsOf(group, 0, prices).map(({ currency, amount }) => ({ at, currency, amount })),
    ),
    unpriced: sumOf(sent.filter((row) => paidFor(row, prices) === undefined)),
  }
}

/** What a group of messages cost, by currency. The rows are told apart by `currency`. */
export function costsOf(
  rows: readonly HistoryCount[],
  verified: number,
  prices: Prices | undefined,
): readonly Cost[] {
  const sums = new Map<string, { amount: number; messages: number; estimated: number }>()
  for (const row of rows) {
    const paid = paidFor(row, prices)
    if (paid === undefined) continue
    const sum = sums.get(paid.currency) ?? { amount: 0, messages: 0, estimated: 0 }
    sums.set(paid.currency, sum)
    sum.amount += paid.amount
    sum.messages += row.count
    if (row.currency === undefined) sum.estimated += paid.amount
  }
  return [...sums].map(([currency, { amount: exact, messages, estimated }]) => {
    // Prices come in millionths, and sums of fractions in more.
    const amount = Math.round(exact * 1e6) / 1e6
    return {
      currency,
      amount,
      messages,
      estimated: exact === 0 ? 0 : estimated / exact,
      verified,
      perVerified: verified === 0 ? null : amount / verified,
    }
  })
}

/** What providers say that such messages cost, else the table. */
function paidFor(row: HistoryCount, prices: Prices | undefined) {
  const { currency, channel = '', provider, country, count, segments } = row
  if (currency !== undefined) return { currency, amount: row.prices[currency] ?? 0 }
  const price = prices && priceOf(prices, { channel, provider, country })
  if (prices === undefined || price === undefined) return undefined
  // Segments are told of text messages alone, which are billed by them.
  return { currency: prices.currency, amount: price * Math.max(count, segments) }
}
