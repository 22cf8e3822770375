import type { Compared, Comparison } from '../money-data'
import { queryOf, type Shown } from './address'
import { bar } from './bar'
import { type Content, create, isolated } from './dom'
import { formatCount, formatDuration, formatMoney, formatShare } from './format'
import { inWords, valueName } from './names'
import { table } from './table'

const shareOr = (value: number | null): Content =>
  value === null ? create('span', { class: 'muted' }, 'unknown') : formatShare(value)

/** Providers, or countries, side by side: the table that decides who carries what. */
export function showComparison(
  by: 'provider' | 'country',
  { rows }: Comparison,
  shown: Shown,
): readonly Content[] {
  if (rows.length === 0)
    return [create('p', { class: 'empty' }, 'No message was sent in this time.')]
  const file = by === 'provider' ? 'providers' : 'countries'
  return [
    table<Compared>(
      `${file}-table`,
      `${inWords(file)} side by side`,
      [
        { title: inWords(by), cell: ({ name }) => isolated(valueName(by, name)) },
        {
          title: 'Share',
          cell: ({ share }) =>
            create(
              'span',
              { class: 'line' },
              bar(share),
              create('span', { class: 'number' }, formatShare(share)),
            ),
        },
        { title: 'Sent', isNumber: true, cell: ({ sent }) => formatCount(sent) },
        { title: 'Delivered', isNumber: true, cell: ({ delivered }) => shareOr(delivered) },
        { title: 'Verified', isNumber: true, cell: ({ verified }) => shareOr(verified) },
        {
          title: 'Half within',
          isNumber: true,
          cell: ({ medianMs }) => (medianMs === null ? '–' : formatDuration(medianMs)),
        },
        { title: 'Failures', isNumber: true, cell: ({ failures }) => formatCount(failures) },
        { title: 'Cost', isNumber: true, cell: (row) => costs(row, ({ amount }) => amount) },
        {
          title: 'Per verified',
          isNumber: true,
          cell: (row) => costs(row, ({ perVerified }) => perVerified),
        },
      ],
      rows,
    ),
    create(
      'p',
      {},
      create(
        'a',
        { href: `data/${file}.csv?${queryOf(shown)}`, download: '' },
        `Save as CSV`,
        create('span', { class: 'unseen' }, `: ${file}`),
      ),
    ),
  ]
}

function costs(
  { costs: all }: Compared,
  amountOf: (cost: Compared['costs'][number]) => number | null,
): string {
  const texts = all.flatMap((cost) => {
    const amount = amountOf(cost)
    return amount === null ? [] : [formatMoney(amount, cost.currency)]
  })
  return texts.length === 0 ? '–' : texts.join(' + ')
}
