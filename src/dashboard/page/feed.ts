import type { HistoryEvent } from '../../history'
import type { Feed } from '../data'
import { describe } from './describe'
import { type Content, create, isolated } from './dom'
import { formatCountry, formatInstant, formatSeconds } from './format'
import { channelName } from './names'
import { table } from './table'

const or = (text: string | undefined): Content => (text === undefined ? '–' : isolated(text))

const below = (text: string | undefined): Content =>
  text === undefined || text === ''
    ? undefined
    : create('span', { class: 'muted below' }, isolated(text))

export function chip(event: HistoryEvent): HTMLElement {
  const { title, tone } = describe(event)
  return create('span', { class: `chip ${tone}` }, isolated(title))
}

export function showFeed({ events }: Feed): readonly Content[] {
  if (events.length === 0)
    return [
      create(
        'p',
        { class: 'empty' },
        'Nothing has happened yet: what otp.subscribe(history.record) hears of stands here.',
      ),
    ]
  return [
    table<HistoryEvent>(
      'feed-table',
      'The last events, the newest first',
      [
        {
          title: 'When',
          cell: ({ at }) =>
            create(
              'time',
              { datetime: new Date(at).toISOString(), title: formatInstant(at) },
              formatSeconds(at),
            ),
        },
        {
          title: 'What',
          cell: (event) => create('span', {}, chip(event), below(describe(event).detail)),
        },
        {
          title: 'Who',
          cell: ({ recipient, country }) =>
            create('span', {}, or(recipient), below(country && formatCountry(country))),
        },
        {
          title: 'By',
          cell: ({ channel, provider }) =>
            channel === undefined
              ? or(provider)
              : create('span', {}, isolated(channelName(channel)), below(provider)),
        },
        { title: 'Purpose', cell: ({ purpose }) => or(purpose) },
      ],
      events,
    ),
  ]
}
