import type { Price } from '../../delivery'
import type { HistoryEvent, HistoryNumber, HistoryText, RecordedEvent } from '../../history'

type Member = Exclude<keyof HistoryEvent, 'type' | 'at'>

const kinds: Readonly<
  Record<HistoryText, 'text'> &
    Record<HistoryNumber, 'number'> &
    Record<'resend' | 'relayed' | 'test', 'flag'> &
    Record<'messageKeys', 'texts'> &
    Record<'price', 'price'>
> = {
  fingerprint: 'text',
  recipient: 'text',
  challengeKey: 'text',
  messageKey: 'text',
  messageKeys: 'texts',
  reference: 'text',
  purpose: 'text',
  channel: 'text',
  country: 'text',
  provider: 'text',
  delivery: 'text',
  status: 'text',
  kind: 'text',
  sent: 'text',
  providerCode: 'text',
  action: 'text',
  reason: 'text',
  limit: 'text',
  locale: 'text',
  encoding: 'text',
  during: 'text',
  by: 'text',
  consolePage: 'text',
  rule: 'text',
  level: 'text',
  mode: 'text',
  verdict: 'text',
  cap: 'text',
  currency: 'text',
  segments: 'number',
  retryAfterMs: 'number',
  attemptsUsed: 'number',
  attemptsLeft: 'number',
  failures: 'number',
  elapsedMs: 'number',
  used: 'number',
  allowed: 'number',
  max: 'number',
  percent: 'number',
  durationMs: 'number',
  resend: 'flag',
  relayed: 'flag',
  test: 'flag',
  price: 'price',
}
const kindOf: ReadonlyMap<string, (typeof kinds)[Member]> = new Map(Object.entries(kinds))

/** Longer than any name; what is longer was not meant to be one. */
const longestText = 200
/** More segments than a message has. */
const mostTexts = 16

/**
 * What is kept of an event: the members that are known, and nothing that is not of their type. Where it
 * does not say when it happened, it was when it was recorded.
 */
export function keptEvent(event: RecordedEvent, recordedAt: number): HistoryEvent {
  // Read once. A copy of an object of ours costs a tenth of one that is put together by its members.
  const members: Readonly<Record<string, unknown>> = { ...event }
  const at = isInstant(members.at) ? Math.floor(members.at) : recordedAt
  const always = { type: printable(String(members.type)), at }
  if (isKeptWhole(members)) return Object.assign(members, always)
  const kept: Record<string, unknown> = {}
  for (const name of Object.keys(members)) {
    const value = keptMember(name, members[name])
    if (value !== undefined) kept[name] = value
  }
  return Object.assign(kept, always)
}

function isKeptWhole(members: Readonly<Record<string, unknown>>): boolean {
  for (const name in members) {
    if (name === 'type' || name === 'at') continue
    const value = members[name]
    if (value === undefined || keptMember(name, value) !== value) return false
  }
  return Object.getOwnPropertySymbols(members).length === 0
}

/** An event that was written as JSON. Throws where it cannot be read. */
export function readEvent(text: string): HistoryEvent {
  const value: unknown = JSON.parse(text)
  if (isObject(value) && typeof value.type === 'string' && typeof value.at === 'number') {
    return keptEvent({ ...value, type: value.type }, value.at)
  }
  throw new Error('the history holds an event that cannot be read')
}

function keptMember(name: string, value: unknown): unknown {
  switch (kindOf.get(name)) {
    case undefined:
      return undefined
    case 'text':
      return typeof value === 'string' ? printable(value) : undefined
    case 'number':
      return isNumber(value) ? value : undefined
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'texts':
      return keptTexts(value)
    case 'price':
      return keptPrice(value)
  }
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
  // The dot is that of masked recipients.
  if (/^[ -~\u2022]{0,200}$/.test(text)) return text
  return text.slice(0, longestText).replace(/[\p{Cc}\p{Cs}]/gu, ' ')
}

/** Instants that dates have (ECMA-262, section 21.4.1.1). */
const isInstant = (value: unknown): value is number => isNumber(value) && Math.abs(value) <= 8.64e15

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
