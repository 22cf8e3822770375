import type { HistoryDimension, HistoryResolution } from '../../history'
import { bucketOf } from './elapsed'

/** One more that counts are kept apart by: it becomes percentiles. */
export type SeriesDimension = HistoryDimension | 'elapsed'

/**
 * The places of a series' name: what is kept in a database is read by them, so that a new one goes
 * to the end.
 */
export const seriesDimensions: readonly SeriesDimension[] = [
  'type',
  'channel',
  'provider',
  'country',
  'purpose',
  'delivery',
  'status',
  'kind',
  'providerCode',
  'action',
  'reason',
  'limit',
  'during',
  'currency',
  'elapsed',
  'relayed',
  'rule',
  'level',
  'verdict',
]

/** What a series counts; what is missing is unknown. */
export type Series = Readonly<Partial<Record<SeriesDimension, string>>>

/** Between the places of a name; no text that is kept holds it. */
const seriesSeparator = '\t'

/** The sums of a series. Prices are whole millionths, since fractions would not add up. */
export interface Sums {
  readonly count: number
  readonly segments: number
  readonly millionths: number
}

/** What something adds to the counts of its time. */
export interface Contribution extends Sums {
  readonly at: number
  readonly series: Series
}

/** Something that counts once. */
export function once(at: number, series: Series): Contribution {
  return { at, series, count: 1, segments: 0, millionths: 0 }
}

/** The bucket of a time to verify, as part of a series. */
export function elapsedSeries(elapsedMs: number | undefined): Series {
  return elapsedMs === undefined ? {} : { elapsed: String(bucketOf(elapsedMs)) }
}

/** One name for each series: the values of all dimensions, in their order. */
export function seriesName(series: Series): string {
  // By hand: this is done for every event, and takes four times as long by way of a list.
  const { type = '', channel = '', provider = '', country = '', purpose = '' } = series
  const { delivery = '', status = '', kind = '', providerCode = '', action = '' } = series
  const { reason = '', limit = '', during = '', currency = '', elapsed = '' } = series
  const { relayed = '', rule = '', level = '', verdict = '' } = series
  const message = `${type}\t${channel}\t${provider}\t${country}\t${purpose}\t${delivery}`
  const told = `${status}\t${kind}\t${providerCode}\t${action}\t${reason}\t${limit}`
  return `${message}\t${told}\t${during}\t${currency}\t${elapsed}\t${relayed}\t${rule}\t${level}\t${verdict}`
}

/** The series of a name. */
export function seriesOf(name: string): Series {
  const parts = name.split(seriesSeparator)
  const found: Partial<Record<SeriesDimension, string>> = {}
  for (const [index, dimension] of seriesDimensions.entries()) {
    const part = parts[index]
    if (part !== undefined && part !== '') found[dimension] = part
  }
  return found
}

/** How long a piece of time is, in milliseconds. */
export const resolutionMs: Readonly<Record<HistoryResolution, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

export const resolutions: readonly HistoryResolution[] = ['minute', 'hour', 'day']

/** Where the piece of time begins that an instant lies in. */
export function startOf(at: number, resolution: HistoryResolution): number {
  return Math.floor(at / resolutionMs[resolution]) * resolutionMs[resolution]
}
