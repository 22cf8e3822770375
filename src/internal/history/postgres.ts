import type { SqlRow, SqlValue } from '../sql/client'
import type { PostgresQuery } from '../sql/postgres/query'
import { numbersOf, onlyRow, textArray } from '../sql/postgres/values'
import { integerOf, rowOf, textOf } from '../sql/rows'
import type { SqlSettings } from '../sql/settings'
import { readEvent } from './event'
import { readState } from './joins'
import {
  type Batch,
  type CountsRead,
  type EventsRead,
  graceMs,
  type HistoryPlace,
  joinsKeptMs,
  type Retention,
} from './place'
import { wantedValues } from './query'
import { type Series, type SeriesDimension, seriesDimensions } from './series'

const batchesBetweenSweeps = 64
const rowsPerSweep = 20_000
/** For how long a batch that was written is known, should its answer be lost. */
const batchesKeptMs = 86_400_000

/** A history in PostgreSQL: two queries a batch, and one of them where nothing is to be joined. */
export function postgresHistoryPlace(
  calls: PostgresQuery,
  reads: PostgresQuery,
  settings: SqlSettings,
  retention: Retention,
): HistoryPlace {
  const { name } = settings
  let batches = 0

  return {
    joins: async (keys) => {
      const rows = await calls(
        `SELECT "key", "version"::text AS "version", "state", "fingerprint"
          FROM ${name('history_joins')} WHERE "key" = ANY ($1::text::text[])`,
        [textArray(keys)],
      )
      return new Map(
        rows.map(rowOf).map((row) => [
          textOf(row, 'key'),
          {
            version: integerOf(row, 'version'),
            state: readState(textOf(row, 'state')),
            fingerprint: textOf(row, 'fingerprint'),
          },
        ]),
      )
    },

    write: async (batch) => {
      const { id, now } = batch
      const row = onlyRow(
        await calls(
          `SELECT answer FROM ${name('history_write')}($1::text, $2::text, $3::text::bigint,
            $4::text::bigint)`,
          [id, payloadOf(batch), String(now), String(now + joinsKeptMs)],
        ),
      )
      batches += 1
      // Whoever waits for the batch does not wait for this, and what is left goes with a later one.
      if (batches % batchesBetweenSweeps === 0) {
        sweepHistory(calls, settings, retention, now).catch(() => {})
      }
      return textOf(row, 'answer') === 'written' ? 'written' : 'changed'
    },

    counts: async (query) => {
      const { text, values, dimensions } = countsStatement(name('history_counts'), query)
      const rows = await reads(text, values)
      return rows.map(rowOf).map((row) => ({
        ...(query.overTime && { at: integerOf(row, 'at') }),
        series: seriesIn(row, dimensions),
        count: integerOf(row, 'count'),
        segments: integerOf(row, 'segments'),
        millionths: integerOf(row, 'millionths'),
      }))
    },

    events: async (query) => {
      const { text, values } = eventsStatement(name('history_events'), query)
      const rows = await reads(text, values)
      return rows.map(rowOf).map((row) => readEvent(textOf(row, 'event')))
    },

    forget: async (fingerprint) => {
      await calls(
        `WITH removed AS (DELETE FROM ${name('history_events')} WHERE "fingerprint" = $1::text)
          UPDATE ${name('history_joins')} SET "fingerprint" = '', "version" = "version" + 1
          WHERE "fingerprint" = $1::text AND "fingerprint" <> ''`,
        [fingerprint],
      )
    },
  }
}

/** States and events are texts in their tables. */
function payloadOf({ joins, counts, events }: Batch): string {
  return JSON.stringify({
    joins: joins.map((join) => ({ ...join, state: JSON.stringify(join.state) })),
    counts,
    events: events.map(({ event, ...row }) => {
      return { ...row, type: event.type, text: JSON.stringify(event) }
    }),
  })
}

/** Removes some rows that are kept no longer and says how many. */
export async function sweepHistory(
  query: PostgresQuery,
  { name }: SqlSettings,
  { minute, hour, day, events }: Retention,
  now: number,
): Promise<number> {
  const counts = [minute, hour, day].map((keptMs) => now - keptMs - graceMs)
  const ends = [...counts, now - events, now, now - batchesKeptMs]
  const places = ends.map((_, index) => `$${index + 2}::text::bigint`)
  const [removed = 0] = numbersOf(
    onlyRow(
      await query(
        `SELECT answer FROM ${name('history_sweep')}($1::text::integer, ${places.join()})`,
        [String(rowsPerSweep), ...ends.map(String)],
      ),
    ),
    1,
  )
  return removed
}

/** The newest events by an index, of each type on its own, and those of one instant as they came. */
function eventsStatement(table: string, { fingerprint, types, before, limit }: EventsRead) {
  const values: SqlValue[] = [String(before), String(limit)]
  const newest = (condition: string, order = '"at" DESC') =>
    `(SELECT "at", "id", "event" FROM ${table} WHERE ${condition}
      ORDER BY ${order} LIMIT $2::text::bigint) AS newest`
  const given = (value: string) => {
    values.push(value)
    return `$${values.length}::text`
  }
  const conditions = ['"at" < $1::text::bigint']
  if (fingerprint !== undefined) conditions.push(`"fingerprint" = ${given(fingerprint)}`)
  let from: string
  if (types !== undefined && fingerprint === undefined) {
    // Compared in the order of its index, or the planner would look for a rare type in all that came since.
    const isOne = '"type" >= one.name AND ("type", "at") < (one.name, $1::text::bigint)'
    const ofEach = newest(isOne, '"type" DESC, "at" DESC')
    from = `unnest(${given(textArray(types))}::text[]) AS one (name), LATERAL ${ofEach}`
  } else {
    if (types !== undefined) conditions.push(`"type" = ANY (${given(textArray(types))}::text[])`)
    from = newest(conditions.join(' AND '))
  }
  const text = `SELECT "event" FROM ${from} ORDER BY "at" DESC, "id" DESC LIMIT $2::text::bigint`
  return { text, values }
}

/** Sums in the database, by the dimensions that are asked for or looked at. */
function countsStatement(table: string, query: CountsRead) {
  const { from, to, resolution, by, overTime, where } = query
  const wanted = wantedValues(where)
  const wantedDimensions = wanted.map(([dimension]) => dimension)
  const named = new Set<SeriesDimension>([...by, ...wantedDimensions, 'currency', 'elapsed'])
  const dimensions = [...named]
  const part = (dimension: SeriesDimension) =>
    `split_part("series", E'\\t', ${seriesDimensions.indexOf(dimension) + 1})`
  const values: SqlValue[] = [resolution, String(from), String(to)]
  const conditions = wanted.map(([dimension, texts]) => {
    values.push(textArray(texts))
    return ` AND ${part(dimension)} = ANY ($${values.length}::text::text[])`
  })
  const groups = [...(overTime ? ['"at"'] : []), ...dimensions.map(part)]
  const columns = [
    ...(overTime ? ['"at"::text AS "at"'] : []),
    ...dimensions.map((dimension, index) => `${part(dimension)} AS "d${index}"`),
    ...['count', 'segments', 'millionths'].map((sum) => `sum("${sum}")::text AS "${sum}"`),
  ]
  const text = `SELECT ${columns.join(', ')} FROM ${table}
    WHERE "resolution" = $1::text AND "at" >= $2::text::bigint AND "at" < $3::text::bigint
    ${conditions.join('')} GROUP BY ${groups.map((_, index) => index + 1).join(', ')}`
  return { text, values, dimensions }
}

function seriesIn(row: SqlRow, dimensions: readonly SeriesDimension[]): Series {
  const found: Partial<Record<SeriesDimension, string>> = {}
  for (const [index, dimension] of dimensions.entries()) {
    const value = textOf(row, `d${index}`)
    if (value !== '') found[dimension] = value
  }
  return found
}
