import type { Refusals, Refused } from '../data'
import { bar, columns } from './bar'
import { type Content, create, isolated } from './dom'
import { formatCount } from './format'
import { inWords, limitName } from './names'

const actions = { send: 'Messages', verify: 'Guesses' } as const

export function showRefusals({ rows, count, unlocked, points }: Refusals): readonly Content[] {
  if (count === 0 && unlocked === 0) {
    return [create('p', { class: 'empty' }, 'Nobody was refused in this time.')]
  }
  const most = Math.max(...rows.map((row) => row.count), 1)
  const sums = points.map(({ send, verify }) => send + verify)
  return [
    create(
      'p',
      { class: 'lead' },
      create('strong', {}, formatCount(count)),
      count === 1 ? ' refusal' : ' refusals',
    ),
    columns(
      `Refusals over time, ${formatCount(Math.max(...sums, 0))} at most in one piece of it.`,
      sums,
    ),
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
