import type { HistoryResolution } from '../../history'
import { copyOfState } from './joins'
import {
  type Batch,
  type CountedSeries,
  type EventWrite,
  graceMs,
  type HistoryPlace,
  type Join,
  joinsKeptMs,
  type Retention,
} from './place'
import { resolutions, type Sums, seriesOf } from './series'

type Pieces = Map<number, Map<string, Sums>>

const none: ReadonlyMap<string, EventWrite> = new Map()

/** A history in memory. */
export function memoryHistoryPlace(capacity: number, retention: Retention): HistoryPlace {
  // The oldest first, both of them; events by type, so that what is frequent leaves room for the rest.
  const joins = new Map<string, Join & { readonly writtenAt: number }>()
  const events = new Map<string, Map<string, EventWrite>>()
  let size = 0
  const counts: Readonly<Record<HistoryResolution, Pieces>> = {
    minute: new Map(),
    hour: new Map(),
    day: new Map(),
  }

  function write({ now, joins: joined, counts: added, events: happened }: Batch): void {
    for (const { key, version, state, fingerprint } of joined) {
      joins.delete(key)
      joins.set(key, { version: version + 1, state, fingerprint, writtenAt: now })
    }
    for (const { resolution, at, name, count, segments, millionths } of added) {
      const pieces = counts[resolution]
      const piece = pieces.get(at) ?? new Map<string, Sums>()
      pieces.set(at, piece)
      const sums = piece.get(name) ?? { count: 0, segments: 0, millionths: 0 }
      piece.set(name, {
        count: sums.count + count,
        segments: sums.segments + segments,
        millionths: sums.millionths + millionths,
      })
    }
    for (const event of happened) {
      const { type } = event.event
      const ofType = events.get(type) ?? new Map<string, EventWrite>()
      events.set(type, ofType)
      size -= ofType.size
      ofType.set(event.id, event)
      size += ofType.size
    }
    sweep(now)
  }

  function remove(ofType: Map<string, EventWrite>, id: string): void {
    if (ofType.delete(id)) size -= 1
  }

  /** Of too many the oldest of the type go that has most of them. */
  function sweepEvents(now: number): void {
    for (const [type, ofType] of events) {
      for (const [id, { at }] of ofType) {
        if (at >= now - retention.events) break
        remove(ofType, id)
      }
      if (ofType.size === 0) events.delete(type)
    }
    const lists = [...events.values()]
    while (size > capacity) {
      const longest = lists.reduce((one, other) => (other.size > one.size ? other : one))
      for (const id of longest.keys()) {
        remove(longest, id)
        break
      }
    }
  }

  function sweep(now: number): void {
    sweepEvents(now)
    for (const [key, { writtenAt }] of joins) {
      // A message has up to three keys.
      if (joins.size <= 3 * capacity && writtenAt >= now - joinsKeptMs) break
      joins.delete(key)
    }
    for (const resolution of resolutions) {
      for (const at of counts[resolution].keys()) {
        if (at < now - retention[resolution] - graceMs) counts[resolution].delete(at)
      }
    }
  }

  return {
    joins: async (keys) => {
      const found = new Map<string, Join>()
      for (const key of keys) {
        const join = joins.get(key)
        if (join !== undefined) found.set(key, { ...join, state: copyOfState(join.state) })
      }
      return found
    },
    write: async (batch) => {
      const isChanged = batch.joins.some(
        ({ key, version }) => (joins.get(key)?.version ?? 0) !== version,
      )
      if (isChanged) return 'changed'
      write(batch)
      return 'written'
    },
    counts: async ({ from, to, resolution }) => {
      const found: CountedSeries[] = []
      for (const [at, piece] of counts[resolution]) {
        if (at < from || at >= to) continue
        for (const [name, sums] of piece) found.push({ at, series: seriesOf(name), ...sums })
      }
      return found
    },
    events: async ({ fingerprint, before, limit, types }) => {
      const lists =
        types === undefined ? [...events.values()] : types.map((type) => events.get(type) ?? none)
      return lists
        .flatMap((some) => [...some.values()].reverse())
        .filter(({ at }) => at < before)
        .filter((event) => fingerprint === undefined || event.fingerprint === fingerprint)
        .sort((one, other) => other.at - one.at || (other.id > one.id ? 1 : -1))
        .slice(0, limit)
        .map(({ event }) => event)
    },
    forget: async (fingerprint) => {
      for (const some of events.values()) {
        for (const [id, event] of some) if (event.fingerprint === fingerprint) remove(some, id)
      }
      for (const [key, join] of joins) {
        if (join.fingerprint !== fingerprint) continue
        joins.set(key, { ...join, fingerprint: '', version: join.version + 1 })
      }
    },
  }
}
