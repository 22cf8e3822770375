import type { History, RecordedEvent } from 'otpkit'
import { memoryHistoryPlace } from 'otpkit/internal/history/memory'
import type { CountWrite, HistoryPlace } from 'otpkit/internal/history/place'
import { historyIn } from 'otpkit/internal/history/recorder'
import { historySettings } from 'otpkit/internal/history/settings'

/** A history that is wrong as handmade ones are, and the case that must find it out. */
export interface BrokenHistory {
  readonly name: string
  /** Two histories of one place. */
  create(clock: () => number): readonly [History, History]
  /** The case that must fail. */
  readonly failedBy: string
  /** What that case must say, so that it fails for this reason and no other. */
  readonly saying: RegExp
}

/** Two sound histories over one place in memory, but for what is changed of the place. */
export function onPlace(
  change: (sound: HistoryPlace) => Partial<HistoryPlace>,
): (clock: () => number) => readonly [History, History] {
  return (clock) => {
    const settings = historySettings('history', { clock })
    const sound = memoryHistoryPlace(10_000, settings.retention)
    const place = { ...sound, ...change(sound) }
    return [historyIn(place, settings), historyIn(place, settings)]
  }
}

/** The same, but for the way in which events come in. */
function recording(
  change: (record: History['record']) => History['record'],
): (clock: () => number) => readonly [History, History] {
  return (clock) => {
    const [history, other] = onPlace(() => ({}))(clock)
    const changed = (sound: History) => ({ ...sound, record: change(sound.record) })
    return [changed(history), changed(other)]
  }
}

const textOf = (event: RecordedEvent, name: string) => String(Reflect.get(event, name))

/** Hands on what comes behind its message, as an UPDATE does. */
function onlyBehind(type: string, key: string, otherwise: (event: RecordedEvent) => object) {
  const known = new Set<string>()
  return recording((record) => (event) => {
    if (event.type === 'sent') known.add(textOf(event, key))
    const isLost = event.type === type && !known.has(textOf(event, key))
    record(isLost ? { ...event, ...otherwise(event) } : event)
  })
}

export const brokenHistories: readonly BrokenHistory[] = [
  {
    name: 'counts that are set and not added',
    create: onPlace((sound) => {
      const standing = new Map<string, CountWrite>()
      return {
        write: (batch) => {
          const counts = batch.counts.map((count) => {
            const key = [count.resolution, count.at, count.name].join(' ')
            const before = standing.get(key)?.count ?? 0
            standing.set(key, count)
            return { ...count, count: count.count - before }
          })
          return sound.write({ ...batch, counts })
        },
      }
    }),
    failedBy: 'counts are added, over batches and over processes',
    saying: /expected \{"refused":5\}, got \{"refused":2\}/,
  },
  {
    name: 'a message that is counted at each of its statuses',
    create: onPlace((sound) => ({
      write: (batch) =>
        sound.write({ ...batch, counts: batch.counts.filter(({ count }) => count > 0) }),
    })),
    failedBy: 'a receipt after its message moves it, in another process too',
    saying: /got \{"sent -":1,"sent delivered":1\}/,
  },
  {
    name: 'a receipt that counts each time it comes',
    create: recording((record) => {
      const known = new Map<string, RecordedEvent>()
      return (event) => {
        const key = textOf(event, 'messageKey')
        if (event.type === 'sent') known.set(key, event)
        if (event.type !== 'receipt') return record(event)
        const status = textOf(event, 'status')
        const name = `${key} ${status}`
        const again = known.has(name)
        known.set(name, event)
        record(again ? { ...event, ...{ messageKey: `${name} ${known.size}` } } : event)
        known.set(String(known.size), event)
      }
    }),
    failedBy: 'a receipt that comes twice is counted once',
    saying: /"receipt delivered":/,
  },
  {
    name: 'receipts that only find a message which is there already',
    create: onlyBehind('receipt', 'messageKey', () => ({ messageKey: 'lost', reference: 'lost' })),
    failedBy: 'a receipt before its message waits for it, in another process too',
    saying: /after it: expected \{"sent delivered":1\}/,
  },
  {
    name: 'verifications that only find a message which is there already',
    create: onlyBehind('verified', 'challengeKey', () => ({ challengeKey: 'lost' })),
    failedBy: 'a verification has the provider of its message, whichever comes first',
    saying: /after it: expected .*got .*"verified -":1/,
  },
  {
    name: 'references that are not looked at',
    create: recording((record) => (event) => record({ ...event, ...{ reference: undefined } })),
    failedBy: 'a receipt finds its message by the reference, whichever comes first',
    saying: /expected \{"sent delivered":2\}/,
  },
  {
    name: 'drops that are not counted',
    create: (clock) => {
      const [sound, other] = onPlace(() => ({}))(clock)
      let waiting = 0
      const history: History = {
        ...sound,
        record: (event) => {
          waiting += 1
          if (waiting < 5_000) sound.record(event)
        },
        flush: () => {
          waiting = 0
          return sound.flush()
        },
      }
      return [history, other]
    },
    failedBy: 'what is dropped is counted',
    saying: /expected 20000, got 4999/,
  },
  {
    name: 'joins that are read and written in two steps',
    create: onPlace((sound) => ({
      joins: async (keys) => {
        const joins = await sound.joins(keys)
        await new Promise((resolve) => setTimeout(resolve))
        return joins
      },
      write: async (batch) => {
        const standing = await sound.joins(batch.joins.map(({ key }) => key))
        const joins = batch.joins.map((join) => ({
          ...join,
          version: standing.get(join.key)?.version ?? 0,
        }))
        return sound.write({ ...batch, joins })
      },
    })),
    failedBy: 'messages in one process and their receipts in the other, at the same moment',
    saying: /expected \{"sent delivered":20\}/,
  },
  {
    name: 'events that count when they are written',
    create: recording(
      (record) =>
        ({ at: _, ...event }) =>
          record(event),
    ),
    failedBy:
      'an event counts when it happened: at the border of an hour, and however late it is written',
    saying: /counts by minute/,
  },
  {
    name: 'events that are kept as they are',
    create: (clock) => {
      const [sound, other] = onPlace(() => ({}))(clock)
      const kept: RecordedEvent[] = []
      const history: History = {
        ...sound,
        record: (event) => {
          kept.unshift(event)
        },
        events: async () => kept.map((event) => ({ at: 0, ...event })),
      }
      return [history, other]
    },
    failedBy: 'nothing is kept but what is known of events: no error, no code, no foreign member',
    saying: /an event holds what it must not/,
  },
  {
    name: 'sums that are printed with 14 digits, as Lua prints them',
    create: onPlace((sound) => ({
      counts: async (query) => {
        const rows = await sound.counts(query)
        return rows.map((row) => ({ ...row, millionths: Number(row.millionths.toPrecision(14)) }))
      },
    })),
    failedBy: 'sums lose no digit, however large they are',
    saying: /the sum: expected .*1999999998.246914/,
  },
  {
    name: 'types that are not looked at',
    create: onPlace((sound) => ({
      events: ({ types: _, ...query }) => sound.events(query),
    })),
    failedBy: 'events of a type are found however many others came since',
    saying: /one type/,
  },
  {
    name: 'types that are looked for in the newest events',
    create: onPlace((sound) => ({
      events: async ({ types, ...query }) => {
        const newest = await sound.events(query)
        return newest.filter(({ type }) => types?.includes(type) ?? true)
      },
    })),
    failedBy: 'events of a type are found however many others came since',
    saying: /one type/,
  },
  {
    name: 'a recipient who is forgotten until the next receipt',
    create: (clock) => {
      const forgotten = new Set<string>()
      const settings = historySettings('history', { clock })
      const place = memoryHistoryPlace(10_000, settings.retention)
      const history = historyIn(
        {
          ...place,
          events: (query) =>
            forgotten.has(query.fingerprint ?? '') ? Promise.resolve([]) : place.events(query),
          forget: async (fingerprint) => {
            forgotten.add(fingerprint)
          },
        },
        settings,
      )
      return [history, history]
    },
    failedBy: 'forgetting removes the events of one recipient, and their tie to later receipts',
    saying: /all events: expected 1, got 4/,
  },
]
