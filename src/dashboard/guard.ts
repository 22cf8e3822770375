import type { Guard } from './data'
import { headOf, type Looking } from './panel'

/** What the guard suspected. */
export async function guard(looking: Looking): Promise<Guard> {
  const rows = await looking.counts({ where: { type: 'suspected' }, by: ['country', 'channel'] })
  return {
    ...headOf(looking),
    suspected:
      rows.length === 0
        ? null
        : rows.map(({ country = null, channel = null, count }) => ({ country, channel, count })),
  }
}
