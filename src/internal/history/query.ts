import type {
  HistoryCount,
  HistoryCountsQuery,
  HistoryDimension,
  HistoryEventsQuery,
} from '../../history'
import { defined } from '../defined'
import { percentilesOf } from './elapsed'
import type { CountedSeries, CountsRead, EventsRead } from './place'
import { resolutionMs, type Series, seriesDimensions, startOf } from './series'

const mostEvents = 1_000
const defaultEvents = 200
/** More than there are. */
const mostTypes = 100

/** The query with its defaults, its ends those of pieces of time. Throws a `TypeError`. */
export function readCountsQuery(query: HistoryCountsQuery): CountsRead {
  const { from, to, resolution, by = [], overTime = false, where = {} } = query
  if (!Object.hasOwn(resolutionMs, resolution)) {
    throw wrong('counts', 'resolution', "must be 'minute', 'hour' or 'day'")
  }
  expectInstant('counts', 'from', from)
  expectInstant('counts', 'to', to)
  for (const [name, dimensions] of [
    ['by', by],
    ['where', Object.keys(where)],
  ] as const) {
    if (!Array.isArray(dimensions)) throw wrong('counts', name, 'must be a list of dimensions')
    if (!dimensions.every(isDimension)) throw wrong('counts', name, 'names an unknown dimension')
  }
  const values: unknown[] = Object.values(where).flat()
  if (!values.every((value) => value === undefined || isText(value))) {
    throw wrong('counts', 'where', 'must hold texts, or lists of them')
  }
  const length = resolutionMs[resolution]
  const end = startOf(to + length - 1, resolution)
  return { from: startOf(from, resolution), to: end, resolution, by, overTime, where }
}

/** The query with its defaults. Throws a `TypeError`. */
export function readEventsQuery(query: HistoryEventsQuery): EventsRead {
  const { fingerprint, type, before = Number.MAX_SAFE_INTEGER, limit = defaultEvents } = query
  if (fingerprint !== undefined) expectFingerprint('events', fingerprint)
  expectInstant('events', 'before', before)
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > mostEvents) {
    throw wrong('events', 'limit', `must be a whole number of 1 to ${mostEvents}`)
  }
  const types = type === undefined ? undefined : [...new Set([type].flat())]
  if (types !== undefined && (types.length > mostTypes || !types.every(isText))) {
    throw wrong('events', 'type', `must be a text or up to ${mostTypes} of them`)
  }
  return defined({ before: Math.floor(before), limit, fingerprint, types })
}

/** Whether a series is one of those that a query asks for. */
export function isWanted(series: Series, { where }: Pick<CountsRead, 'where'>): boolean {
  return wantedValues(where).every(([dimension, values]) =>
    values.includes(series[dimension] ?? ''),
  )
}

/** What a query wants of each dimension; an empty text is what has no value there. */
export function wantedValues(where: CountsRead['where']): [HistoryDimension, readonly string[]][] {
  return seriesDimensions.filter(isDimension).flatMap((dimension) => {
    const value = where[dimension]
    if (value === undefined) return []
    const values: readonly string[] = typeof value === 'string' ? [value] : value
    return [[dimension, values] satisfies [HistoryDimension, readonly string[]]]
  })
}

/** The rows of an answer: sums of what was read, in order of time and then of size. */
export function rowsOf(read: readonly CountedSeries[], query: CountsRead): HistoryCount[] {
  const rows = new Map<string, Row>()
  for (const { at, series, count, segments, millionths } of read) {
    if (!isWanted(series, query)) continue
    const values = query.by.map((dimension) => series[dimension] ?? '')
    const key = [query.overTime ? at : '', ...values].join('\t')
    const row = rows.get(key) ?? newRow(at, values)
    rows.set(key, row)
    row.count += count
    row.segments += segments
    const { currency, elapsed } = series
    if (currency !== undefined)
      row.prices.set(currency, (row.prices.get(currency) ?? 0) + millionths)
    if (elapsed !== undefined) {
      row.elapsed.set(Number(elapsed), (row.elapsed.get(Number(elapsed)) ?? 0) + count)
    }
  }
  return [...rows.values()]
    .filter(({ count, prices }) => count !== 0 || [...prices.values()].some((sum) => sum !== 0))
    .sort((one, other) => (one.at ?? 0) - (other.at ?? 0) || other.count - one.count)
    .map((row) => countOf(row, query))
}

interface Row {
  readonly at: number | undefined
  readonly values: readonly string[]
  readonly prices: Map<string, number>
  readonly elapsed: Map<number, number>
  count: number
  segments: number
}

const newRow = (at: number | undefined, values: readonly string[]): Row => ({
  at,
  values,
  prices: new Map(),
  elapsed: new Map(),
  count: 0,
  segments: 0,
})

function countOf(row: Row, { by, overTime }: CountsRead): HistoryCount {
  const { at, values, count, segments, prices, elapsed } = row
  const elapsedMs = percentilesOf(elapsed)
  const amounts = [...prices].map(([currency, millionths]) => [currency, millionths / 1e6] as const)
  const named = by.map((dimension, index) => [dimension, values[index] ?? ''] as const)
  return {
    ...Object.fromEntries(named.filter(([, value]) => value !== '')),
    ...(overTime && at !== undefined && { at }),
    count,
    segments,
    prices: Object.fromEntries(amounts),
    ...(elapsedMs !== undefined && { elapsedMs }),
  }
}

const isDimension = (name: string): name is HistoryDimension =>
  seriesDimensions.some((known) => known === name) && name !== 'elapsed'

const isText = (value: unknown): value is string => typeof value === 'string'

/** An empty one would mean everything that is about nobody. */
export function expectFingerprint(call: string, value: unknown): void {
  if (isText(value) && value !== '') return
  throw wrong(call, 'fingerprint', 'must be that of a recipient')
}

function expectInstant(call: string, name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) return
  throw wrong(call, name, 'must be an instant in epoch milliseconds')
}

function wrong(call: string, name: string, problem: string): TypeError {
  return new TypeError(`otpkit: ${call}: \`${name}\` ${problem}`)
}
