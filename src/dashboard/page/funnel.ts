import type { Funnel, Group, Steps } from '../data'
import type { Shown } from './address'
import { bar } from './bar'
import { type Content, create, isolated } from './dom'
import { formatCount, formatShare } from './format'
import { type Dimension, dimensions, inWords, valueName } from './names'
import { overTime } from './over-time'
import { table } from './table'

interface Step {
  readonly name: keyof Steps
  readonly title: string
  /** What the step is a loss of, in place of a step further. */
  readonly isLoss?: true
  /** Why nothing is known of it. */
  readonly unknown: string
}

const byProvider = 'unknown by provider'
const steps: readonly Step[] = [
  { name: 'asked', title: 'Asked for', unknown: byProvider },
  { name: 'refused', title: 'Refused', isLoss: true, unknown: byProvider },
  { name: 'unsent', title: 'Taken by no provider', isLoss: true, unknown: byProvider },
  { name: 'sent', title: 'Sent', unknown: '' },
  { name: 'accepted', title: 'Accepted by a provider', unknown: '' },
  { name: 'delivered', title: 'Delivered', unknown: 'unknown, without receipts' },
  { name: 'lost', title: 'Lost on the way', isLoss: true, unknown: 'unknown, without receipts' },
  { name: 'tried', title: 'Codes tried', unknown: byProvider },
  { name: 'verified', title: 'Verified', unknown: '' },
]

export function showFunnel(
  funnel: Funnel,
  shown: Shown,
  choose: (by: Dimension) => void,
): readonly Content[] {
  const { total, apart, points, resolution } = funnel
  if (total.sent === 0 && !total.asked && !total.tried && total.verified === 0) {
    return [
      create('p', { class: 'empty' }, 'Nobody has asked for a code in this time.'),
      besides(apart),
    ]
  }
  return [
    create('ol', { class: 'funnel' }, ...steps.map((step) => stepRow(step, total))),
    besides(apart),
    ...overTime({
      key: 'messages-over-time',
      title: 'Sent, and verified, over time',
      resolution,
      points,
      heightOf: ({ sent, verified }) => ({ all: sent, part: verified }),
      format: formatCount,
      columns: [
        { title: 'Sent', isNumber: true, cell: ({ sent }) => formatCount(sent) },
        { title: 'Delivered', isNumber: true, cell: ({ delivered }) => formatOr(delivered) },
        { title: 'Verified', isNumber: true, cell: ({ verified }) => formatCount(verified) },
        { title: 'Refused', isNumber: true, cell: ({ refused }) => formatOr(refused) },
      ],
    }),
    chosen(shown.by, choose),
    byDimension(shown.by, funnel.by[shown.by]),
  ]
}

/** The largest number there is: guesses may be more than requests. */
const widest = (total: Steps) =>
  Math.max(total.asked ?? 0, total.sent, total.tried ?? 0, total.verified, 1)

function stepRow({ name, title, isLoss, unknown }: Step, total: Steps): HTMLElement {
  const value = total[name]
  const classes = [isLoss && 'loss', value === null && 'unknown'].filter(Boolean).join(' ')
  const first = total.asked ?? total.sent
  const ofReported = name === 'delivered' || name === 'lost'
  const of = ofReported ? total.reported : first
  const share =
    value === null || name === 'tried' || of === 0
      ? ''
      : `${formatShare(value / of)}${ofReported && total.reported < total.sent ? ` of ${formatCount(total.reported)} trackable` : ''}`
  return create(
    'li',
    { class: classes === '' ? undefined : classes, 'data-step': name },
    create('span', { class: 'step' }, title),
    bar(value === null ? 1 : value / widest(total)),
    create('span', { class: 'number value' }, value === null ? unknown : formatCount(value)),
    create('span', { class: 'muted share' }, share),
  )
}

function besides({ withheld, relayed, test }: Funnel['apart']): HTMLElement | undefined {
  const parts = [
    withheld > 0 ? `${formatCount(withheld)} withheld (no account, or deliver: false)` : '',
    relayed > 0 ? `${formatCount(relayed)} relayed for an auth server` : '',
    test !== null && test > 0 ? `${formatCount(test)} for test recipients` : '',
  ].filter((part) => part !== '')
  if (parts.length === 0) return undefined
  return create(
    'p',
    { class: 'muted apart', 'data-apart': '' },
    `In none of these numbers: ${parts.join(', ')}.`,
  )
}

function chosen(by: Dimension, choose: (by: Dimension) => void): HTMLElement {
  const choice = (dimension: Dimension) => {
    const input = create('input', {
      ...{ type: 'radio', name: 'by', value: dimension, 'data-key': `by-${dimension}` },
      ...(dimension === by && { checked: '' }),
    })
    input.addEventListener('change', () => choose(dimension))
    return create('label', {}, input, create('span', {}, inWords(dimension)))
  }
  return create(
    'fieldset',
    { class: 'choices' },
    create('legend', { class: 'unseen' }, 'Told apart by'),
    ...dimensions.map(choice),
  )
}

function byDimension(by: Dimension, groups: readonly Group[]): HTMLElement {
  const count = (title: string, name: keyof Steps) => ({
    title,
    isNumber: true as const,
    cell: (group: Group) => formatOr(group[name]),
  })
  return table(
    'funnel-table',
    `From asked to verified by ${by}`,
    [
      { title: inWords(by), cell: ({ name }) => isolated(valueName(by, name)) },
      ...(by === 'provider' ? [] : [count('Asked', 'asked'), count('Refused', 'refused')]),
      count('Sent', 'sent'),
      count('Delivered', 'delivered'),
      count('Verified', 'verified'),
      {
        title: 'Verified of sent',
        isNumber: true,
        cell: ({ verified, sent }) => (sent === 0 ? '–' : formatShare(verified / sent)),
      },
    ],
    // Guesses that were refused know no more than whose they were.
    groups.filter(({ asked, sent, tried, verified }) => asked || sent || tried || verified),
  )
}

function formatOr(value: number | null): Content {
  return value === null ? create('span', { class: 'muted' }, 'unknown') : formatCount(value)
}
