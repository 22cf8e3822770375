import type { About } from '../data'
import { create, element, isolated, replace } from './dom'
import { formatClock, formatCount } from './format'
import type { Failed } from './server'

const failure = element('failure', HTMLElement)
const limitations = element('notices', HTMLElement)
const fresh = element('fresh', HTMLElement)

interface Notice {
  readonly id: string
  readonly tone: 'bad' | 'warning' | 'calm'
  readonly text: string
}

const standing = new Map<HTMLElement, string>()

/** What somebody must know to read the numbers right; said once, for as long as it holds. */
export function showNotices(
  about: About | undefined,
  failed: Failed | undefined,
  asOf: number,
): void {
  show(failure, failed === undefined ? [] : [failureOf(failed, asOf)])
  show(limitations, about === undefined ? [] : limitationsOf(about))
}

function show(holder: HTMLElement, notices: readonly Notice[]): void {
  const next = JSON.stringify(notices)
  if (next === standing.get(holder)) return
  standing.set(holder, next)
  replace(
    holder,
    ...notices.map(({ id, tone, text }) =>
      create('p', { class: `notice ${tone}`, 'data-notice': id }, isolated(text)),
    ),
  )
}

/** Of when the numbers are; whether anything newer can be had. */
export function showFreshness(asOf: number, isStale: boolean): void {
  fresh.classList.toggle('stale', isStale)
  fresh.textContent =
    asOf === 0
      ? 'No numbers yet'
      : `${isStale ? 'Not up to date: as' : 'As'} of ${formatClock(asOf)}`
}

function failureOf(failed: Failed, asOf: number): Notice {
  const rest = asOf === 0 ? '' : ` What stands here is as of ${formatClock(asOf)}.`
  const bad = (id: string, text: string) => ({ id, tone: 'bad' as const, text: `${text}${rest}` })
  if (failed.why === 'unreachable') {
    return bad('unreachable', 'The server does not answer; this page goes on asking.')
  }
  const { type, status, title, detail } = failed.refusal
  if (type === 'urn:otpkit:history-unavailable') {
    return bad('history', 'The history does not answer. Codes are sent and verified without it.')
  }
  if (status === 401 || status === 403) {
    return bad(
      'forbidden',
      'You may not look at this any more. Sign in again, then reload this page.',
    )
  }
  return bad('refused', detail === undefined ? `${title}.` : `${title}: ${detail}.`)
}

function limitationsOf({
  isThisProcessOnly,
  dropped,
  strayReceipts,
  faults,
}: About): readonly Notice[] {
  const notices: Notice[] = []
  if (isThisProcessOnly) {
    notices.push({
      id: 'process',
      tone: 'calm',
      text: 'This process only, since it started: the history is in memory. What other processes do is not here.',
    })
  }
  if (dropped > 0) {
    notices.push({
      id: 'dropped',
      tone: 'warning',
      text: `The history could not keep ${formatCount(dropped)} ${dropped === 1 ? 'event' : 'events'}: every number here is too low.`,
    })
  }
  if (faults.length > 0) {
    const all = faults.map(({ during, count }) => `${formatCount(count)} during ${during}`)
    notices.push({
      id: 'faults',
      tone: 'warning',
      text: `Faults that changed no answer: ${all.join(', ')}. The log of the backend has them.`,
    })
  }
  if (strayReceipts > 0) {
    notices.push({
      id: 'stray',
      tone: 'calm',
      text: `${formatCount(strayReceipts)} ${strayReceipts === 1 ? 'receipt' : 'receipts'} of messages that the history does not know.`,
    })
  }
  return notices
}
