import type { Price } from '../../delivery'
import type { HistoryEvent } from '../../history'
import { furtherStatus, type ReceiptStatus } from '../../receipt'
import { type Contribution, nameOf, nameOfEvent, once, withValues } from './series'

/** What is known of a message: its sending, its receipts, or both. */
export interface MessageState {
  readonly of: 'message'
  sent?: SentPart
  /** Of the first receipt, while the sending is not known. */
  receiptAt?: number
  provider?: string
  /** The furthest, and what that receipt said. */
  status?: ReceiptStatus
  kind?: string
  providerCode?: string
  /** What receipts say that it cost, by message key: each segment may have a price of its own. */
  prices?: Readonly<Record<string, Price>>
  /** Receipts that are written as events already. */
  seen?: readonly string[]
  /** Events of receipts that wait to be told whose they are. */
  waiting?: readonly { readonly id: string; readonly event: HistoryEvent }[]
}

/** The message is kept under another key. */
export interface AliasState {
  readonly of: 'alias'
  readonly key: string
}

/**
 * Messages and verifications of what has one challenge key. A recipient may have one after the
 * other under it, so the last message before a verification is the one that brought the code.
 */
export interface ChallengeState {
  readonly of: 'challenge'
  messages: readonly { readonly at: number; readonly provider?: string }[]
  /** Each with the name of its series, but for the provider. */
  verified: readonly { readonly at: number; readonly name: string }[]
}

export type JoinState = MessageState | AliasState | ChallengeState

interface SentPart {
  readonly at: number
  readonly name: string
  readonly segments: number
  readonly price?: Price
}

/** Enough for the segments of one message, and for whatever comes of it. */
const mostKept = 16

export const newMessage = (): MessageState => ({ of: 'message' })

export const newChallenge = (): ChallengeState => ({ of: 'challenge', messages: [], verified: [] })

/** A state that was written as JSON. Throws where it cannot be read. */
export function readState(text: string): JoinState {
  const state: JoinState = JSON.parse(text)
  if (['message', 'alias', 'challenge'].includes(state.of)) return state
  throw new Error('the history holds a message that cannot be read')
}

/** A copy that may be changed without changing this one: what is in it is replaced, never changed. */
export function copyOfState(state: JoinState): JoinState {
  return { ...state }
}

/** The sending of a message, from its event. */
export function sentPart(event: HistoryEvent): SentPart {
  const { at, segments = 0, price } = event
  const part = { at, name: nameOfEvent(event), segments: summable(segments) }
  return price === undefined ? part : { ...part, price }
}

/** Adds a receipt. Whatever comes twice, late or in another order comes to the same. */
export function addReceipt(state: MessageState, event: HistoryEvent): void {
  const { at, provider, kind, providerCode, price, messageKey = '' } = event
  const reported = statusOf(event.status)
  const status = furtherStatus(state.status, reported)
  if (status !== state.status) {
    state.status = status
    setOrRemove(state, 'kind', kind)
    setOrRemove(state, 'providerCode', providerCode)
  }
  state.receiptAt = Math.min(state.receiptAt ?? at, at)
  if (provider !== undefined) state.provider ??= provider
  if (price === undefined) return
  const { prices = {} } = state
  if (Object.hasOwn(prices, messageKey) || Object.keys(prices).length < mostKept) {
    state.prices = { ...prices, [messageKey]: price }
  }
}

/** Whether a receipt was not seen before; from now on it was. */
export function isNewReceipt(state: MessageState, event: HistoryEvent): boolean {
  const name = [event.status, event.providerCode, event.messageKey].join(' ')
  const { seen = [] } = state
  if (seen.includes(name)) return false
  if (seen.length < mostKept) state.seen = [...seen, name]
  return true
}

/** Keeps the event of a receipt until its message is known. */
export function keepWaiting(state: MessageState, id: string, event: HistoryEvent): void {
  const { waiting = [] } = state
  if (waiting.length < mostKept) state.waiting = [...waiting, { id, event }]
}

/** Takes over what receipts said of a message before it was known that it is this one. */
export function mergeMessage(state: MessageState, other: MessageState): void {
  if (other.status !== undefined) {
    const status = furtherStatus(state.status, other.status)
    if (status !== state.status) {
      state.status = status
      setOrRemove(state, 'kind', other.kind)
      setOrRemove(state, 'providerCode', other.providerCode)
    }
  }
  if (other.receiptAt !== undefined) {
    state.receiptAt = Math.min(state.receiptAt ?? other.receiptAt, other.receiptAt)
  }
  if (other.provider !== undefined) state.provider ??= other.provider
  const { prices, seen = [], waiting = [] } = other
  if (prices !== undefined) state.prices = { ...prices, ...state.prices }
  if (seen.length > 0)
    state.seen = [...new Set([...(state.seen ?? []), ...seen])].slice(0, mostKept)
  if (waiting.length > 0) state.waiting = [...(state.waiting ?? []), ...waiting].slice(0, mostKept)
}

/** All that a state counts as. */
export function contributionsOf(state: JoinState): readonly Contribution[] {
  switch (state.of) {
    case 'alias':
      return []
    case 'challenge':
      return state.verified.map(({ at, name }) => {
        const provider = messageBefore(state, at)?.provider
        return once(at, provider === undefined ? name : withValues(name, { provider }))
      })
    case 'message':
      return messageContributions(state)
  }
}

/**
 * Forgets the oldest of too many. They are counted and stay so; a verification goes with its message,
 * or it would be taken for one of another's.
 */
export function shorten(state: JoinState): void {
  if (state.of !== 'challenge') return
  const newest = <Item extends { readonly at: number }>(items: readonly Item[]) =>
    [...items].sort((one, other) => one.at - other.at).slice(-mostKept)
  if (state.messages.length > mostKept) {
    state.messages = newest(state.messages)
    const oldest = state.messages[0]?.at ?? 0
    state.verified = state.verified.filter(({ at }) => at >= oldest)
  }
  if (state.verified.length > mostKept) state.verified = newest(state.verified)
}

function messageContributions(state: MessageState): readonly Contribution[] {
  const { sent, status, kind, providerCode, provider, receiptAt } = state
  const told = { status, kind, providerCode }
  if (sent === undefined) {
    if (receiptAt === undefined) return []
    return [once(receiptAt, nameOf({ type: 'receipt', provider, ...told }))]
  }
  const { at, segments } = sent
  const isTold = status !== undefined || kind !== undefined || providerCode !== undefined
  const name = isTold ? withValues(sent.name, told) : sent.name
  const prices = pricesOf(state, sent)
  if (prices === undefined) return [{ at, name, count: 1, segments, millionths: 0 }]
  return [...prices].map(([currency, amount], index) => ({
    at,
    name: withValues(name, { currency }),
    count: index === 0 ? 1 : 0,
    segments: index === 0 ? segments : 0,
    millionths: summable(Math.round(amount * 1e6)),
  }))
}

/** By currency: what receipts say, or else the answer of the sending. */
function pricesOf(
  { prices }: MessageState,
  { price }: SentPart,
): ReadonlyMap<string, number> | undefined {
  if (prices === undefined && price === undefined) return undefined
  const told = Object.values(prices ?? { price })
  const sums = new Map<string, number>()
  for (const { amount, currency } of told.filter((one) => one !== undefined)) {
    sums.set(currency, (sums.get(currency) ?? 0) + amount)
  }
  return sums
}

/** The last message up to then; where all came later, by clocks that disagree, the first. */
function messageBefore({ messages }: ChallengeState, at: number) {
  if (messages.length === 1) return messages[0]
  const inOrder = [...messages].sort((one, other) => one.at - other.at)
  return inOrder.filter((message) => message.at <= at).at(-1) ?? inOrder[0]
}

function statusOf(text: string | undefined): ReceiptStatus {
  switch (text) {
    case 'accepted':
    case 'sent':
    case 'delivered':
    case 'failed':
    case 'read':
      return text
    default:
      return 'unknown'
  }
}

/** What is no whole number, or too big for one, adds nothing: no database could add it. */
function summable(number: number): number {
  return Number.isSafeInteger(number) ? number : 0
}

function setOrRemove(
  state: MessageState,
  name: 'kind' | 'providerCode',
  value: string | undefined,
): void {
  if (value === undefined) delete state[name]
  else state[name] = value
}
