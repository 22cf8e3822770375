import type { HistoryCount, HistoryDimension } from '../history'
import type { About } from './data'
import type { DashboardOptions, Viewer } from './options'
import { groupsBy, headOf, type Looking, sumOf } from './panel'

type Options = Pick<DashboardOptions<readonly unknown[]>, 'otp' | 'history'>

/** What there is to choose from, and how much the numbers can be trusted. */
export async function about(
  looking: Looking,
  { name, can }: Required<Viewer>,
  { otp, history }: Options,
): Promise<About> {
  const rows = await looking.counts({
    by: ['type', 'channel', 'provider', 'country', 'purpose', 'delivery', 'during'],
    where: {},
  })
  const ofType = (type: string) => rows.filter((row) => row.type === type)
  const faults = groupsBy(ofType('fault'), 'during')
  return {
    ...headOf(looking),
    name,
    can,
    isThisProcessOnly: !history.isShared,
    manager: { channels: otp.channels, purposes: otp.purposes },
    seen: {
      channels: seen(rows, 'channel'),
      // Of what is withheld, nobody is asked to carry anything.
      providers: seen(
        rows.filter(({ delivery }) => delivery !== 'withheld'),
        'provider',
      ),
      countries: seen(rows, 'country'),
      purposes: seen(rows, 'purpose'),
    },
    dropped: sumOf(ofType('dropped')),
    strayReceipts: sumOf(ofType('receipt')),
    faults: [...faults].map(([during, group]) => ({ during: during ?? '', count: sumOf(group) })),
  }
}

function seen(rows: readonly HistoryCount[], dimension: HistoryDimension): readonly string[] {
  return [...groupsBy(rows, dimension)]
    .sort(([, one], [, other]) => sumOf(other) - sumOf(one))
    .flatMap(([name]) => (name === null ? [] : [name]))
}
