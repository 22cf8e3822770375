import type { Summary, VitalName, Vitals } from '../data'
import { type Content, create, unseen } from './dom'
import { formatChange, formatCount, formatDuration, formatShare } from './format'

const titles: Readonly<Record<VitalName, { readonly title: string; readonly none: string }>> = {
  messages: { title: 'Messages sent', none: '' },
  delivered: { title: 'Delivered', none: 'No provider has reported' },
  verified: { title: 'Verified', none: 'No message was sent' },
  medianMs: { title: 'Half verify within', none: 'Nobody verified' },
}

const order: readonly VitalName[] = ['messages', 'delivered', 'verified', 'medianMs']

const formats: Readonly<Record<VitalName, (value: number) => string>> = {
  messages: formatCount,
  delivered: formatShare,
  verified: formatShare,
  medianMs: formatDuration,
}

/** The last hour in one sentence and four numbers. */
export function showNow(summary: Summary): readonly Content[] {
  const { tone, title, more } = verdict(summary)
  return [
    create(
      'div',
      { class: `verdict ${tone}` },
      create('span', { class: 'sign', 'aria-hidden': 'true' }),
      create(
        'div',
        {},
        create('p', { class: 'headline' }, title),
        create('p', { class: 'muted' }, more),
      ),
    ),
    create('dl', { class: 'vitals' }, ...order.map((name) => vital(name, summary))),
  ]
}

interface Verdict {
  readonly tone: 'good' | 'bad' | 'warning' | 'calm'
  readonly title: string
  readonly more: string
}

function verdict({ now, dayBefore, weekBefore, alarm }: Summary): Verdict {
  const known = [dayBefore, weekBefore].filter((vitals) => vitals !== null).length
  const compared =
    known === 0
      ? 'There is no earlier hour to compare with yet.'
      : `The last hour, against the same hour ${
          known === 2 ? 'yesterday and a week ago' : dayBefore === null ? 'a week ago' : 'yesterday'
        }.`
  if (alarm !== null) return { tone: 'bad', title: alarm.sentence, more: compared }
  if (now.messages === 0) {
    return { tone: 'calm', title: 'No code was sent in the last hour.', more: compared }
  }
  if (!now.verified) {
    return { tone: 'warning', title: 'Codes were sent, and none was used.', more: compared }
  }
  const title = now.delivered === null ? 'Codes are used.' : 'Codes arrive and are used.'
  return known === 0
    ? { tone: 'calm', title, more: compared }
    : { tone: 'good', title: `${title.slice(0, -1)}, as usual.`, more: compared }
}

function vital(name: VitalName, { now, dayBefore, weekBefore, alarm }: Summary): HTMLElement {
  const { title, none } = titles[name]
  const value = now[name]
  const isOut = alarm?.what === name
  return create(
    'div',
    { class: isOut ? 'vital bad' : 'vital', 'data-vital': name },
    create('dt', {}, title, isOut ? unseen(', out of its band') : undefined),
    create(
      'dd',
      { class: value === null ? 'figure none' : 'figure' },
      value === null ? '–' : formats[name](value),
    ),
    create(
      'dd',
      { class: 'muted' },
      value === null
        ? none
        : create(
            'ul',
            {},
            create('li', {}, comparison(name, value, dayBefore, 'yesterday')),
            create('li', {}, comparison(name, value, weekBefore, 'a week ago')),
          ),
    ),
  )
}

/** `+12% on yesterday (1,204)`; shares differ by points, not by shares of a share. */
function comparison(name: VitalName, value: number, then: Vitals | null, when: string): string {
  const before = then?.[name] ?? null
  if (before === null) return `Nothing known of ${when}`
  const was = `${formats[name](before)} ${when}`
  if (name === 'messages' || name === 'medianMs') {
    return before === 0 ? was : `${was} (${formatChange(value / before - 1)})`
  }
  return was
}
