import type { Price } from '../../delivery'
import type { HistoryEvent, HistoryNumber, HistoryText, RecordedEvent } from '../../history'

const texts: Readonly<Record<HistoryText, true>> = {
  fingerprint: true,
  recipient: true,
  challengeKey: true,
  messageKey: true,
  reference: true,
  purpose: true,
  channel: true,
  country: true,
  provider: true,
  delivery: true,
  status: true,
  kind: true,
  sent: true,
  providerCode: true,
  action: true,
  reason: true,
  limit: true,
  locale: true,
  encoding: true,
  during: true,
  by: true,
  consolePage: true,
}
const numbers: Readonly<Record<HistoryNumber, true>> = {
  segments: true,
  retryAfterMs: true,
  attemptsUsed: true,
  attemptsLeft: true,
  failures: true,
  elapsedMs: true,
}
const flags: Readonly<Record<'resend' | 'relayed', true>> = { resend: true, relayed: true }

/** Longer than any name; what is longer was not meant to be one. */
const longestText = 200
/** More segments than a message has. */
const mostTexts = 16

/** What is kept of an event: the members that are known, and nothing that is not of their type. */
export function keptEvent(event: RecordedEvent, now: () => number): HistoryEvent {
  const members: [string, unknown][] = []
  for (const [name, value] of Object.entries(event)) {
    if (name === 'type' || name === 'at') continue
    const kept = keptMember(name, value)
    if (kept !== undefined) members.push([name, kept])
  }
  const at = typeof event.at === 'number' && Number.isFinite(event.at) ? event.at : now()
  const base: HistoryEvent = { type: printable(String(event.type)), at: Math.floor(at) }
  return Object.assign(base, Object.fromEntries(members))
}

/** An event that was written as JSON. Throws where it cannot be read. */
export function readEvent(text: string): HistoryEvent {
  const value: unknown = JSON.parse(text)
  if (isObject(value) && typeof value.type === 'string' && typeof value.at === 'number') {
    const { type, at } = value
    return keptEvent({ ...value, type, at }, () => at)
  }
  throw new Error('the history holds an event that cannot be read')
}

function keptMember(name: string, value: unknown): unknown {
  if (Object.hasOwn(texts, name)) return typeof value === 'string' ? printable(value) : undefined
  if (Object.hasOwn(numbers, name)) return isNumber(value) ? value : undefined
  if (Object.hasOwn(flags, name)) return typeof value === 'boolean' ? value : undefined
  if (name === 'messageKeys') return keptTexts(value)
  return name === 'price' ? keptPrice(value) : undefined
}

function keptTexts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value
    .filter((text) => typeof text === 'string')
    .slice(0, mostTexts)
    .map(printable)
}

function keptPrice(value: unknown): Price | undefined {
  if (!isObject(value)) return undefined
  const { amount, currency } = value
  if (!isNumber(amount) || typeof currency !== 'string') return undefined
  return { amount, currency: printable(currency) }
}

// Databases refuse some of the others, and a batch with it.
function printable(text: string): string {
  if (/^[ -~]{0,200}$/.test(text)) return text
  return text.slice(0, longestText).replace(/[\p{Cc}\p{Cs}]/gu, ' ')
}

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
