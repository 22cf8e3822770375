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
 * What is kept of an event that happened then: the members that are known, and nothing that is not of
 * their type.
 */
export function keptEvent(event: RecordedEvent, at: number): HistoryEvent {
  const kept: Record<string, unknown> = {}
  // Some five times faster than by way of entries, and this is done for every event.
  for (const name in event) {
    const kind = kindOf.get(name)
    if (kind === undefined || !Object.hasOwn(event, name)) continue
    const value = keptValue(kind, Reflect.get(event, name))
    if (value !== undefined) kept[name] = value
  }
  return Object.assign(kept, { type: printable(String(event.type)), at: Math.floor(at) })
}

/** An event that was written as JSON. Throws where it cannot be read. */
export function readEvent(text: string): HistoryEvent {
  const value: unknown = JSON.parse(text)
  if (isObject(value) && typeof value.type === 'string' && typeof value.at === 'number') {
    const { type, at } = value
    return keptEvent({ ...value, type }, at)
  }
  throw new Error('the history holds an event that cannot be read')
}

function keptValue(kind: (typeof kinds)[Member], value: unknown): unknown {
  switch (kind) {
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
  if (/^[ -~]{0,200}$/.test(text)) return text
  return text.slice(0, longestText).replace(/[\p{Cc}\p{Cs}]/gu, ' ')
}

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
