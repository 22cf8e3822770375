import type { Guard } from '../data'
import { type Content, create, isolated } from './dom'
import { formatCount } from './format'
import { valueName } from './names'
import { table } from './table'

/** Where codes are asked for and never used; nothing while the guard has told of none. */
export function showGuard({ suspected }: Guard): readonly Content[] {
  if (suspected === null) return []
  return [
    create(
      'p',
      { class: 'muted' },
      'Requests that the guard takes for pumping. Its mode is an option of the manager, and not changed here.',
    ),
    table(
      'guard-table',
      'What the guard suspects',
      [
        { title: 'Country', cell: ({ country }) => isolated(valueName('country', country)) },
        { title: 'Channel', cell: ({ channel }) => isolated(valueName('channel', channel)) },
        { title: 'Requests', isNumber: true, cell: ({ count }) => formatCount(count) },
      ],
      suspected,
    ),
  ]
}
