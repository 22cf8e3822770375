import type { Failure, Failures } from '../data'
import { type Content, create, isolated } from './dom'
import { formatCount, formatPiece } from './format'
import { channelName, inWords } from './names'
import { overTime } from './over-time'
import { table } from './table'

/** Who has to mend it. */
const whose: Readonly<Record<string, string>> = {
  invalid_recipient: 'The person: wrong number or address',
  opted_out: 'The person: has opted out',
  fraud_blocked: 'The provider protects itself',
  rate_limited: 'The provider protects itself',
  content_rejected: 'You: the text or the sender',
  misconfigured: 'You: the account or its settings',
  insufficient_funds: 'You: top up the account',
  unavailable: 'The provider is down',
}

export function showFailures({ rows, count, points, resolution }: Failures): readonly Content[] {
  if (count === 0) return [create('p', { class: 'empty' }, 'Nothing has failed in this time.')]
  const shown = rows.reduce((sum, row) => sum + row.count, 0)
  return [
    create(
      'p',
      { class: 'lead' },
      create('strong', {}, formatCount(count)),
      count === 1 ? ' failure' : ' failures',
    ),
    ...overTime({
      key: 'failures-over-time',
      title: 'Failures over time',
      resolution,
      points,
      heightOf: (point) => ({ all: point.count }),
      format: formatCount,
      columns: [{ title: 'Failures', isNumber: true, cell: (point) => formatCount(point.count) }],
    }),
    table(
      'failures-table',
      'Failures by kind and provider',
      [
        {
          title: 'Kind',
          cell: ({ kind }) =>
            create(
              'span',
              {},
              isolated(inWords(kind)),
              create('span', { class: 'muted below' }, whose[kind] ?? 'Not known whose'),
            ),
        },
        { title: 'Count', isNumber: true, cell: (row) => formatCount(row.count) },
        {
          title: 'Provider',
          cell: ({ provider, channel }) =>
            create(
              'span',
              {},
              isolated(provider ?? 'Unknown'),
              create(
                'span',
                { class: 'muted below' },
                channel === null ? '' : isolated(channelName(channel)),
              ),
            ),
        },
        { title: 'Its code', cell: codeOf },
        { title: 'Told', cell: ({ told }) => told },
        { title: 'First and last', cell: (row) => when(row, resolution) },
        { title: 'Mend it', cell: links },
      ],
      rows,
    ),
    shown < count
      ? create('p', { class: 'muted' }, `${formatCount(count - shown)} more in rarer rows.`)
      : undefined,
  ]
}

function codeOf({ providerCode }: Failure): Content {
  return providerCode === null ? '–' : create('code', {}, isolated(providerCode))
}

function when({ firstAt, lastAt }: Failure, resolution: Failures['resolution']): Content {
  const [first, last] = [formatPiece(firstAt, resolution), formatPiece(lastAt, resolution)]
  return create(
    'span',
    { class: 'times' },
    first,
    first === last ? undefined : create('br'),
    first === last ? undefined : last,
  )
}

function links({ docs, consolePage, provider }: Failure): Content {
  const made = [
    link(consolePage, 'Console', `Console of ${provider ?? 'the provider'}`),
    link(docs, 'Meaning', `Meaning of the codes of ${provider ?? 'the provider'}`),
  ].filter((one) => one !== undefined)
  return made.length === 0 ? '–' : create('span', { class: 'links' }, ...made)
}

/** Only what leads to a page of the web: an address is data as well. */
function link(address: string | null, text: string, name: string): HTMLElement | undefined {
  if (address === null || !/^https?:\/\//i.test(address)) return undefined
  return create(
    'a',
    {
      href: address,
      target: '_blank',
      rel: 'noopener noreferrer',
      'aria-label': `${text}: ${name}`,
    },
    text,
  )
}
