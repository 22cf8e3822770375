import type { History, HistoryEvent, RecordedEvent } from '../../history'
import { encodeBase64url } from '../base64url'
import { hasMethods } from '../strange-clients'
import { keptEvent } from './event'
import type { HistoryPlace, Join } from './place'
import { furtherKeysOf, type Gathered, keysOf, planBatch } from './plan'
import { expectFingerprint, readCountsQuery, readEventsQuery, rowsOf } from './query'
import type { HistorySettings } from './settings'

/** Events that wait to be written; beyond it what comes is dropped. */
const mostWaiting = 10_000
/** Redis answers nobody while it writes a batch: some 4 ms of this many. */
const mostInBatch = 200
/** How long a batch is gathered: what a crash can lose. */
const gatherMs = 100
const longestPauseMs = 30_000
/** Whoever writes the same joins at the same moment is done after a few rounds. */
const mostRounds = 20

/** A history in a place: gathers events, and writes them behind what else is under way. */
export function historyIn(
  place: HistoryPlace,
  { now, retention }: HistorySettings,
  isShared = true,
): History {
  /** Nothing of them is read before the answer: what is kept is made out behind it. */
  let waiting: { readonly event: RecordedEvent; readonly recordedAt: number }[] = []
  /** What is being written, and is written again if that fails. */
  let held: (Gathered & { readonly taken: number }) | undefined
  let dropped = 0
  let batches = 0
  let recorded = 0
  let settled = 0
  let pauseMs = gatherMs
  let isDue = false
  let underWay: Promise<void> | undefined

  return {
    isShared,
    record: (event) => {
      if (waiting.length >= mostWaiting) {
        dropped += 1
        return
      }
      waiting.push({ event, recordedAt: now() })
      recorded += 1
      goSoon()
    },
    flush,
    counts: async (query) => {
      const read = readCountsQuery(query)
      await flush()
      return rowsOf(await place.counts(read), read)
    },
    events: async (query = {}) => {
      const read = readEventsQuery(query)
      await flush()
      return read.types?.length === 0 ? [] : place.events(read)
    },
    forget: async (fingerprint) => {
      expectFingerprint('forget', fingerprint)
      await flush()
      await place.forget(fingerprint)
    },
  }

  async function flush(): Promise<void> {
    const wanted = recorded
    // A failure of what was under way before is its own; what is left is tried once more.
    await underWay?.catch(() => {})
    while (settled < wanted) await (underWay ?? go())
  }

  /** No timer while there is nothing to write, and none that keeps a process alive. */
  function goSoon(): void {
    if (underWay !== undefined) return
    if (waiting.length >= mostInBatch && pauseMs === gatherMs) {
      go().catch(() => {})
      return
    }
    if (isDue) return
    isDue = true
    const timer: unknown = setTimeout(() => {
      isDue = false
      if (underWay === undefined) go().catch(() => {})
    }, pauseMs)
    if (hasMethods(timer, 'unref')) Reflect.apply(Reflect.get(Object(timer), 'unref'), timer, [])
  }

  function go(): Promise<void> {
    underWay = writeSome().finally(() => {
      underWay = undefined
      if (held !== undefined || waiting.length > 0) goSoon()
    })
    return underWay
  }

  async function writeSome(): Promise<void> {
    held ??= gather()
    try {
      await writeBatch(held)
    } catch (error) {
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
      throw error
    }
    pauseMs = gatherMs
    settled += held.taken
    held = undefined
  }

  function gather(): Gathered & { readonly taken: number } {
    batches += 1
    // In the order in which they were written: of one instant, what came last is the newest.
    const place = `${now().toString(36).padStart(9, '0')}${batches.toString(36).padStart(6, '0')}`
    const id = `${place}-${encodeBase64url(crypto.getRandomValues(new Uint8Array(12)))}`
    const taken = waiting.slice(0, mostInBatch)
    const events: HistoryEvent[] = []
    for (const { event, recordedAt } of taken) {
      try {
        events.push(keptEvent(event, recordedAt))
      } catch {
        // A getter that throws must not keep all others from being written.
        dropped += 1
      }
    }
    const gathered = { id, events, dropped, taken: taken.length }
    waiting = waiting.slice(mostInBatch)
    dropped = 0
    return gathered
  }

  async function writeBatch(gathered: Gathered): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      const joins = await joinsFor(gathered, round > 0)
      const batch = planBatch(gathered, joins, now(), retention)
      if ((await place.write(batch)) === 'written') return
    }
    throw new Error('the history could not be written: others wrote the same each time')
  }

  async function joinsFor(
    { events }: Gathered,
    areAllWanted: boolean,
  ): Promise<ReadonlyMap<string, Join>> {
    const keys = keysOf(events, areAllWanted)
    if (keys.length === 0) return new Map()
    const joins = await place.joins(keys)
    const further = furtherKeysOf(joins)
    if (further.length === 0) return joins
    return new Map([...joins, ...(await place.joins(further))])
  }
}
