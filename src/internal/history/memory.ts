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

/** A history in memory. */
export function memoryHistoryPlace(capacity: number, retention: Retention): HistoryPlace {
  // The oldest first, both of them.
  const joins = new Map<string, Join & { readonly writtenAt: number }>()
  const events = new Map<string, EventWrite>()
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
    for (const event of happened) events.set(event.id, event)
    sweep(now)
  }

  function sweep(now: number): void {
    for (const [id, { at }] of events) {
      if (events.size <= capacity && at >= now - retention.events) break
      events.delete(id)
    }
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
    events: async ({ fingerprint, before, limit }) =>
      [...events.values()]
        .reverse()
        .filter((event) => event.at < before)
        .filter((event) => fingerprint === undefined || event.fingerprint === fingerprint)
        .sort((one, other) => other.at - one.at)
        .slice(0, limit)
        .map(({ event }) => event),
    forget: async (fingerprint) => {
      for (const [id, event] of events) if (event.fingerprint === fingerprint) events.delete(id)
      for (const [key, join] of joins) {
        if (join.fingerprint !== fingerprint) continue
        joins.set(key, { ...join, fingerprint: '', version: join.version + 1 })
      }
    },
  }
}
