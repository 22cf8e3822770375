import type { History, HistoryCount, HistoryCountsQuery, HistoryDimension } from '../history'
import { within } from '../internal/within'
import type { RangedAnswer } from './data'
import { type Asked, pieceMs } from './read-query'

/** A page that asks again every few seconds waits no longer for an answer of the history. */
const patienceMs = 15_000

/** What the history answers, or a fault where it takes too long. */
export function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return within(patienceMs, answer, () => new Error('the history does not answer'))
}

/** What a panel is made from. */
export interface Looking {
  readonly asked: Asked
  readonly now: number
  /** Sums of the range, of those with the filters that were asked for. */
  counts(query: Looked): Promise<readonly HistoryCount[]>
}

/** What became of messages, but those to test recipients: about these everything counts as `test`. */
const notTest = ['', 'accepted', 'unknown', 'withheld']

/**
 * Counts of a range, of those with the filters alone. Test recipients are left out of every number
 * unless it asks for them.
 */
export function countsOf(
  history: Pick<History, 'counts'>,
  range: Pick<HistoryCountsQuery, 'from' | 'to' | 'resolution'>,
  filters: Asked['where'],
): Looking['counts'] {
  return (query) =>
    history.counts({
      ...range,
      ...query,
      where: { delivery: notTest, ...query.where, ...filters },
    })
}

export type Looked = Pick<HistoryCountsQuery, 'by' | 'overTime'> &
  Partial<Pick<HistoryCountsQuery, 'from' | 'to' | 'resolution'>> & {
    readonly where: NonNullable<HistoryCountsQuery['where']>
  }

/** The head of each answer about a range. */
export function headOf({ asked, now }: Looking): RangedAnswer {
  const { from, to, resolution } = asked
  return { asOf: now, from, to, resolution }
}

/** Where each piece of the range begins that has begun. */
export function piecesOf({ asked, now }: Looking): readonly number[] {
  const { from, to, resolution } = asked
  const length = pieceMs[resolution]
  const count = Math.ceil((Math.min(to, now + 1) - from) / length)
  return Array.from({ length: Math.max(0, count) }, (_, index) => from + index * length)
}

export const sumOf = (rows: readonly HistoryCount[]): number =>
  rows.reduce((sum, { count }) => sum + count, 0)

/** Rows by one of their dimensions; `null` stands for those without. */
export function groupsBy(
  rows: readonly HistoryCount[],
  dimension: HistoryDimension,
): ReadonlyMap<string | null, readonly HistoryCount[]> {
  return grouped(rows, (row) => row[dimension] ?? null)
}

/** Items by whatever a function makes of them, in the order in which it first occurs. */
export function grouped<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** What would divide by nothing is unknown. */
export const shareOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : part / whole
