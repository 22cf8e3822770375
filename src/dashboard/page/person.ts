import type { HistoryEvent } from '../../history'
import type { About } from '../data'
import type { FindRequest, Person } from '../person-data'
import { circumstances, describe } from './describe'
import { type Content, create, element, isolated, replace } from './dom'
import { limitsTable, sentences } from './explain'
import { chip } from './feed'
import { formatCount, formatCountry, formatInstant, formatSeconds } from './format'
import { channelName } from './names'
import { type Failed, find, unlock } from './server'
import { behindButton } from './table'

const form = element('find', HTMLFormElement)
const to = element('find-to', HTMLInputElement)
const channel = element('find-channel', HTMLSelectElement)
const purpose = element('find-purpose', HTMLSelectElement)
const problem = element('find-problem', HTMLElement)
const found = element('found', HTMLElement)
const dialog = element('confirm', HTMLDialogElement)
const confirmText = element('confirm-text', HTMLElement)

let may: About['can'] = []
let isReady = false

/** Opens the form to those who may look people up. */
export function permitPerson({ can, manager }: About): void {
  may = can
  if (isReady) return
  isReady = true
  if (!can.includes('find')) {
    form.hidden = true
    replace(
      found,
      create('p', { class: 'empty' }, 'You may not look people up: authorize does not grant find.'),
    )
    return
  }
  channel.replaceChildren(
    ...manager.channels.map((name) => create('option', { value: name }, channelName(name))),
  )
  purpose.replaceChildren(
    ...manager.purposes.map((name) => create('option', { value: name }, name)),
  )
  for (const button of form.querySelectorAll('button')) button.disabled = false
  to.addEventListener('input', () => chooseChannel(manager.channels))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void lookUp({ to: to.value, channel: channel.value, purpose: purpose.value })
  })
}

/** An address can only be reached by mail, a number only by something else. */
function chooseChannel(channels: readonly string[]): void {
  const isAddress = to.value.includes('@')
  if (isAddress === (channel.value === 'email')) return
  const fitting = channels.find((name) => (name === 'email') === isAddress)
  if (fitting !== undefined) channel.value = fitting
}

/** Only the last answer is shown, in whichever order they come. */
let asked = 0

async function lookUp(request: FindRequest, said?: string): Promise<void> {
  const own = ++asked
  complain('')
  form.setAttribute('aria-busy', 'true')
  const answered = await find(request)
  if (own !== asked) return
  form.removeAttribute('aria-busy')
  if (!answered.ok) return complain(inWordsOf(answered))
  replace(found, ...showPerson(answered.value, request, said))
  found.querySelector('h3')?.focus()
}

function complain(text: string): void {
  problem.textContent = text
  to.removeAttribute('aria-invalid')
  if (text === '') return
  to.setAttribute('aria-invalid', 'true')
  replace(found)
  to.focus()
}

function inWordsOf(failed: Failed): string {
  if (failed.why === 'unreachable') return 'The server does not answer. Try again.'
  const { detail, title } = failed.refusal
  return detail ?? title
}

function showPerson(
  person: Person,
  request: FindRequest,
  said: string | undefined,
): readonly Content[] {
  const { explained, recipient, events } = person
  const isLocked = explained.lockedForMs > 0
  const country = explained.country === undefined ? '' : formatCountry(explained.country)
  return [
    create(
      'h3',
      { tabindex: '-1', 'aria-describedby': said === undefined ? undefined : 'said' },
      isolated(recipient),
      country === '' ? undefined : create('span', { class: 'muted' }, ' ', isolated(country)),
      ' ',
      create(
        'span',
        { class: isLocked ? 'chip bad' : 'chip good' },
        isLocked ? 'Locked' : 'Not locked',
      ),
    ),
    said === undefined ? undefined : create('p', { class: 'notice good', id: 'said' }, said),
    create(
      'div',
      { class: 'person' },
      create(
        'div',
        {},
        create(
          'ul',
          { class: 'sentences' },
          ...sentences(explained).map((one) => create('li', {}, one)),
        ),
        unlockButton(person, request),
        behindButton('limits', 'Every limit', limitsTable(explained)),
      ),
      create('div', {}, ...timeline(events)),
    ),
  ]
}

function unlockButton(
  { explained, recipient }: Person,
  request: FindRequest,
): HTMLElement | undefined {
  if (explained.failures === 0 && explained.lockedForMs === 0) return undefined
  if (!may.includes('unlock')) {
    return create('p', { class: 'muted' }, 'You may not unlock: authorize does not grant it.')
  }
  const button = create('button', { type: 'button', id: 'unlock' }, 'Unlock…')
  button.addEventListener('click', () => {
    const count = explained.failures
    confirmText.textContent = `${count} wrong ${count === 1 ? 'code' : 'codes'} of ${recipient} will be forgiven, and new codes will be short again. It is written to the history under your name.`
    dialog.returnValue = ''
    dialog.showModal()
    dialog.onclose = () => {
      if (dialog.returnValue === 'unlock') void unlockNow(button, request, count)
    }
  })
  return button
}

async function unlockNow(
  button: HTMLButtonElement,
  request: FindRequest,
  count: number,
): Promise<void> {
  button.disabled = true
  button.textContent = 'Unlocking…'
  const answered = await unlock({ to: request.to })
  if (answered.ok) {
    const forgiven = `${count} wrong ${count === 1 ? 'code is' : 'codes are'} forgiven.`
    return lookUp(request, `${answered.value.recipient} is unlocked: ${forgiven}`)
  }
  button.disabled = false
  button.textContent = 'Unlock…'
  button.after(
    create('p', { class: 'problem', role: 'alert' }, `Not unlocked: ${inWordsOf(answered)}`),
  )
}

function timeline(events: readonly HistoryEvent[]): readonly Content[] {
  if (events.length === 0) {
    return [
      create(
        'p',
        { class: 'empty' },
        'Nothing is known of this person: no code was asked for, or too long ago.',
      ),
    ]
  }
  // Which of somebody's codes an event is about; the oldest is the first.
  const keys = events.toReversed().flatMap(({ challengeKey }) => challengeKey ?? [])
  const codes = [...new Set(keys)]
  const days = new Map<string, HistoryEvent[]>()
  for (const event of events) {
    const day = new Date(event.at).toDateString()
    days.set(day, [...(days.get(day) ?? []), event])
  }
  return Array.from(days.values(), (own) => [
    create('h4', {}, formatLocalDay(own)),
    create('ol', { class: 'timeline' }, ...own.map((event) => moment(event, codes))),
  ]).flat()
}

function formatLocalDay([first]: readonly HistoryEvent[]): string {
  return first === undefined
    ? ''
    : new Date(first.at).toLocaleDateString([...navigator.languages], { dateStyle: 'full' })
}

function moment(event: HistoryEvent, codes: readonly string[]): HTMLElement {
  const { detail } = describe(event)
  const code = codes.indexOf(event.challengeKey ?? '') + 1
  const where = [
    circumstances(event),
    codes.length > 1 && code > 0 ? `code ${formatCount(code)}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
  return create(
    'li',
    { class: describe(event).tone },
    create(
      'time',
      { datetime: new Date(event.at).toISOString(), title: formatInstant(event.at) },
      formatSeconds(event.at),
    ),
    create(
      'div',
      {},
      chip(event),
      detail === '' ? undefined : create('span', {}, ' ', isolated(detail)),
      where === '' ? undefined : create('span', { class: 'muted below' }, isolated(where)),
    ),
  )
}
