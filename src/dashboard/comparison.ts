import type { Prices } from '../prices'
import { isOwn, messageDimensions, messagesIn, reportingRoutes } from './messages'
import { costsOf } from './money'
import type { Compared, Comparison } from './money-data'
import { groupsBy, headOf, type Looking, shareOf, sumOf } from './panel'

/** Providers or countries side by side. */
export async function comparison(
  looking: Looking,
  dimension: 'provider' | 'country',
  prices: Prices | undefined,
): Promise<Comparison> {
  const [rows, verified, refused] = await Promise.all([
    looking.counts({
      where: { type: 'sent', delivery: ['accepted', 'unknown'] },
      by: ['type', 'country', ...messageDimensions, 'currency'],
    }),
    looking.counts({ where: { type: 'verified' }, by: [dimension] }),
    looking.counts({ where: { type: 'delivery_failed' }, by: [dimension] }),
  ])
  const reporting = reportingRoutes(rows)
  const all = sumOf(rows.filter(isOwn))
  const [messages, verifications, failures] = [rows, verified, refused].map((found) =>
    groupsBy(found, dimension),
  )
  const names = new Set(
    [messages, verifications, failures].flatMap((map) => [...(map?.keys() ?? [])]),
  )
  return {
    ...headOf(looking),
    rows: [...names]
      .map((name): Compared => {
        const own = messages?.get(name) ?? []
        const { sent, reported, delivered, lost } = messagesIn(own, reporting)
        const [row] = verifications?.get(name) ?? []
        const count = row?.count ?? 0
        return {
          name,
          sent,
          share: shareOf(sent, all) ?? 0,
          delivered: delivered === null ? null : shareOf(delivered, reported),
          verified: shareOf(count, sent),
          medianMs: row?.elapsedMs?.p50 ?? null,
          failures: sumOf(failures?.get(name) ?? []) + (lost ?? 0),
          costs: costsOf(own, count, prices).map(({ amount, currency, perVerified }) => ({
            amount,
            currency,
            perVerified,
          })),
        }
      })
      .sort((one, other) => other.sent - one.sent || other.failures - one.failures),
  }
}
