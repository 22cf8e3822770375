import { type RedisScripts, texts } from '../redis/client'
import { readEvent } from './event'
import { eventLists, listOf } from './event-lists'
import { readState } from './joins'
import {
  type Batch,
  type CountedSeries,
  graceMs,
  type HistoryPlace,
  type Join,
  type JoinWrite,
  joinsKeptMs,
  type Retention,
} from './place'
import { joinKeyOf } from './plan'
import { countsScript, eventsScript, forgetScript, joinsScript, writeScript } from './redis-scripts'
import { resolutionMs, type Series, seriesOf, startOf } from './series'
import type { HistorySettings } from './settings'

// What is between the braces chooses the slot of a cluster: a script reaches keys of one slot.
const space = '{history}'
const listKey = (list: string) => `${space}:events:${list}`
const textsKey = `${space}:texts`
const joinKey = (key: string) => `${space}:join:${key}`
const personKey = (fingerprint: string) => `${space}:person:${fingerprint}`
const pieceKey = (resolution: string, at: number) => `${space}:${resolution}:${at}`

/** Whoever asks meanwhile waits for the whole of a script. */
const piecesInScript = 128
/** A person's events, of which not more are kept. */
const mostOfPerson = 1_000

const sumNames = ['count', 'segments', 'millionths'] as const

const listKeys = eventLists.map(listKey)

/** A history in Redis: two scripts a batch, and one of them where nothing is to be joined. */
export function redisHistoryPlace(
  scripts: RedisScripts,
  { retention, now }: HistorySettings,
  capacity: number,
): HistoryPlace {
  const eventsBefore = async (
    keys: readonly string[],
    before: number,
    limit: number,
    types: readonly string[] = [],
  ) => {
    // As they are in the texts; no value of a member can be taken for it, since its quotes are escaped.
    const wanted = types.map((type) => `"type":${JSON.stringify(type)}`)
    const args = [String(before), String(limit), ...wanted]
    return textsOf(await scripts.run(eventsScript, [textsKey, ...keys], args)).map(readEvent)
  }

  return {
    joins: async (keys) => {
      const answer = textsOf(await scripts.run(joinsScript, keys.map(joinKey), []))
      if (answer.length !== keys.length) throw scripts.strangeReply()
      const found = new Map<string, Join>()
      for (const [index, key] of keys.entries()) {
        const text = answer[index] ?? ''
        if (text !== '') found.set(key, readJoin(text))
      }
      return found
    },

    write: async (batch) => {
      const { keys, args } = written(batch, retention, capacity)
      const answer = await scripts.run(writeScript, keys, args)
      if (answer === 'written' || answer === 'changed') return answer
      throw scripts.strangeReply()
    },

    counts: async ({ from, to, resolution, overTime }) => {
      const length = resolutionMs[resolution]
      // Nothing older is kept, and nothing is further in the future than clocks differ.
      const first = Math.max(from, startOf(now() - retention[resolution] - graceMs, resolution))
      const end = Math.min(to, now() + resolutionMs.day)
      const starts: number[] = []
      for (let at = first; at < end; at += length) starts.push(at)
      const found: CountedSeries[] = []
      for (let index = 0; index < starts.length; index += piecesInScript) {
        const pieces = starts.slice(index, index + piecesInScript)
        const keys = pieces.map((at) => pieceKey(resolution, at))
        const answer = textsOf(await scripts.run(countsScript, keys, [overTime ? '1' : '0']))
        found.push(...countedIn(answer, pieces))
      }
      return found
    },

    events: ({ fingerprint, before, limit, types }) => {
      if (fingerprint !== undefined) {
        return eventsBefore([personKey(fingerprint)], before, limit, types)
      }
      const lists = types === undefined ? eventLists : [...new Set(types.map(listOf))]
      return eventsBefore(lists.map(listKey), before, limit, types)
    },

    forget: async (fingerprint) => {
      const person = personKey(fingerprint)
      const events = await eventsBefore([person], Number.MAX_SAFE_INTEGER, mostOfPerson)
      const joins = events.flatMap((event) => joinKeyOf(event) ?? [])
      const keys = [textsKey, person, ...listKeys, ...[...new Set(joins)].map(joinKey)]
      await scripts.carryOut(forgetScript, keys, [fingerprint, String(listKeys.length)])
    },
  }

  function textsOf(reply: unknown): readonly string[] {
    if (!Array.isArray(reply)) throw scripts.strangeReply()
    const found = texts(reply)
    if (found.length !== reply.length) throw scripts.strangeReply()
    return found
  }
}

/** A join as its script has it; no fingerprint holds a tab. */
function joinText({ version, fingerprint, state }: JoinWrite): string {
  return [version + 1, fingerprint, JSON.stringify(state)].join('\t')
}

function readJoin(text: string): Join {
  const [version = '', fingerprint = ''] = text.split('\t', 2)
  const state = readState(text.slice(version.length + fingerprint.length + 2))
  return { version: Number(version), state, fingerprint }
}

/** The keys of a batch, and what its script does with them. */
function written({ id, now, joins, counts, events }: Batch, retention: Retention, most: number) {
  const lists = new Map<string, string[]>(eventLists.map((list) => [list, []]))
  const persons = new Map<string, string[]>()
  const named: string[] = []
  for (const { id: eventId, at, fingerprint, event } of events) {
    const instant = String(at)
    addTo(lists, listOf(event.type), instant, eventId)
    if (fingerprint !== '') addTo(persons, fingerprint, instant, eventId)
    named.push(eventId, JSON.stringify(event))
  }
  const pieces = new Map<string, { readonly endsAt: number; readonly added: string[] }>()
  for (const count of counts) {
    const { resolution, at, name } = count
    const key = pieceKey(resolution, at)
    const endsAt = at + resolutionMs[resolution] + retention[resolution] + 2 * graceMs
    const { added } = pieces.get(key) ?? setIn(pieces, key, { endsAt, added: [] })
    for (const sum of sumNames) {
      if (count[sum] !== 0) added.push(`${sum}\t${name}`, String(count[sum]))
    }
  }
  const keys = [
    `${space}:batch:${id}`,
    textsKey,
    ...listKeys,
    ...joins.map(({ key }) => joinKey(key)),
    ...[...persons.keys()].map(personKey),
    ...pieces.keys(),
  ]
  const numbers = [joinsKeptMs, retention.events, now - retention.events, most, lists.size]
  const args = [...numbers, joins.length, persons.size, pieces.size].map(String)
  for (const join of joins) args.push(String(join.version), joinText(join))
  for (const pairs of [...lists.values(), ...persons.values()]) {
    args.push(String(pairs.length / 2), ...pairs)
  }
  for (const { endsAt, added } of pieces.values()) {
    args.push(String(endsAt), String(added.length / 2), ...added)
  }
  return { keys, args: [...args, ...named] }
}

function addTo(lists: Map<string, string[]>, name: string, instant: string, id: string): void {
  const list = lists.get(name) ?? setIn(lists, name, [])
  list.push(instant, id)
}

function setIn<Value>(map: Map<string, Value>, key: string, value: Value): Value {
  map.set(key, value)
  return value
}

function countedIn(answer: readonly string[], pieces: readonly number[]): CountedSeries[] {
  const found: CountedSeries[] = []
  const known = new Map<string, Series>()
  for (let index = 0; index < answer.length; index += 3) {
    const [piece = '', field = '', sum = ''] = answer.slice(index, index + 3)
    const end = field.indexOf('\t')
    const [name, member] = [field.slice(end + 1), field.slice(0, end)]
    const series = known.get(name) ?? seriesOf(name)
    known.set(name, series)
    const at = pieces[Number(piece) - 1]
    const sums = { count: 0, segments: 0, millionths: 0, [member]: Number(sum) }
    found.push({ ...(at !== undefined && { at }), series, ...sums })
  }
  return found
}
