import type { Guard, Spent, Suspected } from '../guard-data'
import { bar } from './bar'
import { type Content, create, isolated } from './dom'
import { formatCount, formatCountry, formatMoment, formatMoney } from './format'
import { inWords, valueName } from './names'
import { table } from './table'

const levels: Readonly<Record<string, string>> = {
  ip: 'one IP address',
  block: 'a block of numbers',
  wideBlock: 'a wide block of numbers',
  country: 'a country',
  burst: 'a burst',
}

const verdicts: Readonly<Record<string, string>> = {
  allow: 'only recorded',
  challenge: 'asked for a challenge',
  refuse: 'refused',
}

const or = (value: string | null): Content => (value === null ? '–' : isolated(value))

/** Where codes are asked for and never used, and how much of the caps is spent; nothing of a quiet guard. */
export function showGuard({ suspected, spent }: Guard): readonly Content[] {
  if (suspected === null && spent.length === 0) return []
  return [
    create(
      'p',
      { class: 'muted' },
      'The mode of the guard and its caps are options of the manager, and not changed here.',
    ),
    suspected === null
      ? undefined
      : table<Suspected>(
          'guard-table',
          'What the guard suspects',
          [
            {
              title: 'Country',
              cell: ({ country }) => isolated(valueName('country', country)),
            },
            {
              title: 'Channel',
              cell: ({ channel }) => isolated(valueName('channel', channel)),
            },
            { title: 'Rule', cell: ({ rule }) => or(rule && inWords(rule)) },
            { title: 'Looked at', cell: ({ level }) => or(level && (levels[level] ?? level)) },
            {
              title: 'Verdict',
              cell: ({ verdict }) => or(verdict && (verdicts[verdict] ?? verdict)),
            },
            { title: 'Messages', isNumber: true, cell: ({ count }) => formatCount(count) },
          ],
          suspected,
        ),
    spent.length === 0
      ? undefined
      : table<Spent>(
          'spent-table',
          'How much of the caps is spent',
          [
            {
              title: 'Cap',
              cell: ({ cap, country }) =>
                isolated(country === null ? inWords(cap) : formatCountry(country)),
            },
            { title: 'Spent', cell: ({ percent }) => bar(percent / 100) },
            {
              title: 'Of',
              isNumber: true,
              cell: ({ used, max, currency }) =>
                `${formatMoney(used, currency)} of ${formatMoney(max, currency)}`,
            },
            { title: 'Told', isNumber: true, cell: ({ at }) => formatMoment(at) },
          ],
          spent,
        ),
  ]
}
