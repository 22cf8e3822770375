import type { Refusals, Refused } from '../data'
import { bar } from './bar'
import { type Content, create, isolated } from './dom'
import { formatCount } from './format'
import { inWords, limitName } from './names'
import { overTime } from './over-time'

const actions = { send: 'Messages', verify: 'Guesses' } as const

export function showRefusals({
  rows,
  count,
  unlocked,
  points,
  resolution,
}: Refusals): readonly Content[] {
  if (count === 0 && unlocked === 0) {
    return [create('p', { class: 'empty' }, 'Nobody was refused in this time.')]
  }
  const most = Math.max(...rows.map((row) => row.count), 1)
  return [
    create(
      'p',
      { class: 'lead' },
      create('strong', {}, formatCount(count)),
      count === 1 ? ' refusal' : ' refusals',
    ),
    ...overTime({
      key: 'refusals-over-time',
      title: 'Refusals over time',
      resolution,
      points,
      heightOf: ({ send, verify }) => ({ all: send + verify }),
      format: formatCount,
      columns: [
        { title: 'Messages', isNumber: true, cell: ({ send }) => formatCount(send) },
        { title: 'Guesses', isNumber: true, cell: ({ verify }) => formatCount(verify) },
      ],
    }),
    create(
      'ul',
      { class: 'bars' },
      ...rows.map((row) =>
        create(
          'li',
          { 'data-refused': `${row.action ?? ''}:${row.limit ?? row.reason}` },
          create(
            'span',
            {},
            nameOf(row),
            create(
              'span',
              { class: 'muted below' },
              row.action === null ? '' : actions[row.action],
            ),
          ),
          bar(row.count / most),
          create('span', { class: 'number' }, formatCount(row.count)),
        ),
      ),
    ),
    unlocked > 0
      ? create(
          'p',
          { class: 'muted' },
          `${formatCount(unlocked)} ${unlocked === 1 ? 'person was' : 'people were'} unlocked by hand.`,
        )
      : undefined,
  ]
}

function nameOf({ reason, limit }: Refused): Content {
  if (limit !== null) return isolated(limitName(limit))
  return reason === 'locked' ? 'Locked: 100 wrong codes' : isolated(inWords(reason))
}
