import type { HistoryEvent } from '../../history'
import {
  addReceipt,
  type ChallengeState,
  contributionsOf,
  isNewReceipt,
  type JoinState,
  keepWaiting,
  type MessageState,
  mergeMessage,
  newChallenge,
  newMessage,
  sentPart,
  shorten,
} from './joins'
import type { Batch, EventWrite, Join, JoinWrite, Retention } from './place'
import { countsOf } from './plan-counts'
import { type Contribution, elapsedPart, nameOf, nameOfEvent, once } from './series'

/** What a batch is made of. */
export interface Gathered {
  readonly id: string
  readonly events: readonly HistoryEvent[]
  /** Events that there was no room for. */
  readonly dropped: number
}

const messageKeyOf = (messageKey: string) => `m:${messageKey}`
function messageKeysOf({ messageKey, messageKeys }: HistoryEvent): readonly string[] {
  const keys = messageKey === undefined ? [] : [messageKeyOf(messageKey)]
  return messageKeys === undefined ? keys : [...keys, ...messageKeys.map(messageKeyOf)]
}
const referenceOf = (reference: string) => `r:${reference}`
const challengeOf = (challengeKey: string) => `c:${challengeKey}`

/**
 * The joins that a batch needs. A message that was just sent has none yet, unless its receipt came
 * first: those are looked for only once the place has said that something stands there.
 */
export function keysOf(events: readonly HistoryEvent[], areAllWanted: boolean): readonly string[] {
  const keys = new Set<string>()
  for (const event of events) {
    const { type, reference, challengeKey } = event
    if (type === 'receipt' || (type === 'sent' && areAllWanted)) {
      for (const key of messageKeysOf(event)) keys.add(key)
      if (reference !== undefined) keys.add(referenceOf(reference))
    }
    if ((type === 'sent' || type === 'verified') && challengeKey !== undefined) {
      keys.add(challengeOf(challengeKey))
    }
  }
  return [...keys]
}

/** The joins that those which were read lead to. */
export function furtherKeysOf(joins: ReadonlyMap<string, Join>): readonly string[] {
  const keys = new Set<string>()
  for (const { state } of joins.values()) {
    if (state.of === 'alias' && !joins.has(state.key)) keys.add(state.key)
  }
  return [...keys]
}

/** The key of the joins of a message, from its event as it was written. */
export function joinKeyOf({ reference, messageKey }: HistoryEvent): string | undefined {
  if (reference !== undefined) return referenceOf(reference)
  return messageKey === undefined ? undefined : messageKeyOf(messageKey)
}

interface Draft {
  state: JoinState
  fingerprint: string
  readonly version: number
  /** What it counted as before. */
  readonly before: readonly Contribution[]
  isChanged: boolean
}

type MessageDraft = Draft & { state: MessageState }

/** All that a batch of events changes, given every join that it needs. */
export function planBatch(
  { id, events, dropped }: Gathered,
  joins: ReadonlyMap<string, Join>,
  now: number,
  retention: Retention,
): Batch {
  const drafts = new Map<string, Draft>()
  const written = new Map<string, EventWrite>()
  const counts = countsOf(now, retention)
  if (dropped > 0) counts.add({ ...once(now, nameOf({ type: 'dropped' })), count: dropped }, 1)

  // With as many digits each: those of one instant are in the order of their ids.
  for (const [index, event] of events.entries()) {
    apply(event, `${id}-${String(index).padStart(4, '0')}`)
  }
  for (const { state, before, isChanged } of drafts.values()) {
    if (!isChanged) continue
    for (const contribution of before) counts.add(contribution, -1)
    for (const contribution of contributionsOf(state)) counts.add(contribution, 1)
    shorten(state)
  }
  return { id, now, joins: changed(drafts), counts: counts.writes(), events: [...written.values()] }

  function apply(event: HistoryEvent, eventId: string): void {
    if (event.type === 'sent') applySent(event, eventId)
    else if (event.type === 'receipt') applyReceipt(event, eventId)
    else applyOther(event, eventId)
  }

  function applySent(event: HistoryEvent, eventId: string): void {
    const { fingerprint = '', challengeKey, at, provider } = event
    const key = joinKeyOf(event)
    if (key === undefined) {
      applyOther(event, eventId)
      return
    }
    const draft = messageUnder(key, event)
    const { state } = draft
    if (state.sent !== undefined) return
    state.sent = sentPart(event)
    draft.fingerprint = fingerprint
    write(eventId, event, fingerprint)
    release(draft)
    if (challengeKey === undefined) return
    const challenge = challengeUnder(challengeOf(challengeKey))
    const message = provider === undefined ? { at } : { at, provider }
    challenge.messages = [...challenge.messages, message]
  }

  function applyReceipt(event: HistoryEvent, eventId: string): void {
    const key = joinKeyOf(event)
    if (key === undefined) {
      applyOther(event, eventId)
      return
    }
    const { state, fingerprint } = messageUnder(key, event)
    addReceipt(state, event)
    if (!isNewReceipt(state, event)) return
    write(eventId, event, fingerprint)
    if (state.sent === undefined) keepWaiting(state, eventId, event)
  }

  function applyOther(event: HistoryEvent, eventId: string): void {
    const { type, at, fingerprint = '', challengeKey } = event
    write(eventId, event, fingerprint)
    const isVerified = type === 'verified'
    const name = nameOfEvent(event, isVerified ? elapsedPart(event.elapsedMs) : '')
    if (isVerified && challengeKey !== undefined) {
      const challenge = challengeUnder(challengeOf(challengeKey))
      challenge.verified = [...challenge.verified, { at, name }]
    } else counts.add(once(at, name), 1)
  }

  /** Tells receipts that waited for it whose they are. */
  function release({ state, fingerprint }: MessageDraft): void {
    if (state.waiting === undefined) return
    for (const { id: eventId, event } of state.waiting) write(eventId, event, fingerprint)
    delete state.waiting
  }

  /** The message under a key, or that which the key stands for; its message keys lead to it too. */
  function messageUnder(key: string, event: HistoryEvent): MessageDraft {
    const found = messageDraft(key)
    for (const messageKey of messageKeysOf(event)) {
      if (messageKey === found.key) continue
      const alias = { of: 'alias', key: found.key } as const
      const other = knownDraft(messageKey)
      if (other === undefined) {
        drafts.set(messageKey, { ...newDraft(alias), isChanged: true })
        continue
      }
      if (other.state.of !== 'message') continue
      mergeMessage(found.draft.state, other.state)
      other.state = alias
      other.isChanged = true
    }
    if (found.draft.state.sent !== undefined) release(found.draft)
    return found.draft
  }

  function messageDraft(key: string): { key: string; draft: MessageDraft } {
    const draft = draftOf(key, newMessage)
    if (draft.state.of === 'alias' && draft.state.key !== key) return messageDraft(draft.state.key)
    if (!isOfMessage(draft)) throw new Error('the history holds something else than a message')
    draft.isChanged = true
    return { key, draft }
  }

  function challengeUnder(key: string): ChallengeState {
    const draft = draftOf(key, newChallenge)
    if (draft.state.of !== 'challenge') {
      throw new Error('the history holds something else than a challenge')
    }
    draft.isChanged = true
    return draft.state
  }

  function draftOf(key: string, create: () => JoinState): Draft {
    const known = knownDraft(key)
    if (known !== undefined) return known
    const draft = newDraft(create())
    drafts.set(key, draft)
    return draft
  }

  function knownDraft(key: string): Draft | undefined {
    const known = drafts.get(key)
    if (known !== undefined) return known
    const join = joins.get(key)
    if (join === undefined) return undefined
    const { state, fingerprint, version } = join
    const before = contributionsOf(state)
    const draft: Draft = { state, fingerprint, version, before, isChanged: false }
    drafts.set(key, draft)
    return draft
  }

  function write(eventId: string, event: HistoryEvent, fingerprint: string): void {
    const { at } = event
    const isNamed = fingerprint === '' || event.fingerprint === fingerprint
    const named = isNamed ? event : { ...event, fingerprint }
    written.set(eventId, { id: eventId, at, fingerprint, event: named })
  }
}

const nothing: readonly Contribution[] = []

function newDraft(state: JoinState): Draft {
  return { state, fingerprint: '', version: 0, before: nothing, isChanged: false }
}

function isOfMessage(draft: Draft): draft is MessageDraft {
  return draft.state.of === 'message'
}

function changed(drafts: ReadonlyMap<string, Draft>): JoinWrite[] {
  const writes: JoinWrite[] = []
  for (const [key, { version, state, fingerprint, isChanged }] of drafts) {
    if (isChanged) writes.push({ key, version, state, fingerprint })
  }
  return writes
}
