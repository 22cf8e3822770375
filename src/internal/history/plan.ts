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
  seriesOfEvent,
  shorten,
  verifiedSeries,
} from './joins'
import type { Batch, CountWrite, EventWrite, Join, JoinWrite, Retention } from './place'
import { type Contribution, once, resolutions, type Sums, seriesName, startOf } from './series'

/** What a batch is made of. */
export interface Gathered {
  readonly id: string
  readonly events: readonly HistoryEvent[]
  /** Events that there was no room for. */
  readonly dropped: number
}

const messageKeyOf = (messageKey: string) => `m:${messageKey}`
const messageKeysOf = ({ messageKey, messageKeys = [] }: HistoryEvent) =>
  [...(messageKey === undefined ? [] : [messageKey]), ...messageKeys].map(messageKeyOf)
const referenceOf = (reference: string) => `r:${reference}`
const challengeOf = (challengeKey: string) => `c:${challengeKey}`

/** The joins that a batch needs. */
export function keysOf(events: readonly HistoryEvent[]): readonly string[] {
  const keys = new Set<string>()
  for (const event of events) {
    const { type, reference, challengeKey } = event
    if (type === 'sent' || type === 'receipt') {
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
  if (dropped > 0) counts.add({ ...once(now, { type: 'dropped' }), count: dropped }, 1)

  for (const [index, event] of events.entries()) apply(event, `${id}-${index}`)
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
    const { fingerprint = '', challengeKey, at, provider, channel } = event
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
    challengeUnder(challengeOf(challengeKey)).messages.push({
      at,
      ...(provider !== undefined && { provider }),
      ...(channel !== undefined && { channel }),
    })
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
    if (type === 'verified' && challengeKey !== undefined) {
      const { verified } = challengeUnder(challengeOf(challengeKey))
      verified.push({ at, series: verifiedSeries(event) })
    } else
      counts.add(once(at, type === 'verified' ? verifiedSeries(event) : seriesOfEvent(event)), 1)
  }

  /** Tells receipts that waited for it whose they are. */
  function release({ state, fingerprint }: MessageDraft): void {
    for (const { id: eventId, event } of state.waiting) write(eventId, event, fingerprint)
    state.waiting = []
  }

  /** The message under a key, or that which the key stands for; its message keys lead to it too. */
  function messageUnder(key: string, event: HistoryEvent): MessageDraft {
    const found = messageDraft(key)
    for (const messageKey of messageKeysOf(event)) {
      if (messageKey === found.key) continue
      const other = draftOf(messageKey, newMessage)
      if (other.state.of !== 'message') continue
      mergeMessage(found.draft.state, other.state)
      other.state = { of: 'alias', key: found.key }
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
    const known = drafts.get(key)
    if (known !== undefined) return known
    const join = joins.get(key)
    const draft: Draft =
      join === undefined
        ? { state: create(), fingerprint: '', version: 0, before: [], isChanged: false }
        : { ...join, before: contributionsOf(join.state), isChanged: false }
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

interface AddedSums {
  count: number
  segments: number
  millionths: number
}

/** What is added to which series of which pieces of time. */
function countsOf(now: number, retention: Retention) {
  /** By minute and name: hours and days are sums of minutes. */
  const minutes = new Map<number, Map<string, AddedSums>>()
  return {
    add({ at, series, ...sums }: Contribution, sign: 1 | -1): void {
      addSums(minutes, startOf(at, 'minute'), seriesName(series), sums, sign)
    },
    writes(): CountWrite[] {
      return resolutions.flatMap((resolution) => {
        const pieces = new Map<number, Map<string, AddedSums>>()
        for (const [minute, added] of minutes) {
          const at = startOf(minute, resolution)
          if (at < now - retention[resolution]) continue
          for (const [name, sums] of added) addSums(pieces, at, name, sums, 1)
        }
        return [...pieces].flatMap(([at, added]) =>
          [...added]
            .filter(([, sums]) => Object.values(sums).some((sum) => sum !== 0))
            .map(([name, sums]) => ({ resolution, at, name, ...sums })),
        )
      })
    },
  }
}

function addSums(
  pieces: Map<number, Map<string, AddedSums>>,
  at: number,
  name: string,
  { count, segments, millionths }: Sums,
  sign: 1 | -1,
): void {
  let piece = pieces.get(at)
  if (piece === undefined) {
    piece = new Map()
    pieces.set(at, piece)
  }
  const sums = piece.get(name)
  if (sums === undefined) {
    piece.set(name, {
      count: sign * count,
      segments: sign * segments,
      millionths: sign * millionths,
    })
    return
  }
  sums.count += sign * count
  sums.segments += sign * segments
  sums.millionths += sign * millionths
}
