import type { HistoryDimension, HistoryEvent, HistoryResolution } from '../../history'
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
  /** The name of its series. */
  readonly name: string
}

/** Something that counts once. */
export function once(at: number, name: string): Contribution {
  return { at, name, count: 1, segments: 0, millionths: 0 }
}

/** The name of what an event counts as: its members that are dimensions, in their order. */
export function nameOfEvent(event: HistoryEvent, elapsed = ''): string {
  // By hand, and without a series on the way: this is done for every event.
  const { type, channel = '', provider = '', country = '', purpose = '', test } = event
  // Those about test recipients are apart from everybody else's, whatever they are.
  const { delivery = test === true ? 'test' : '' } = event
  const { status = '', kind = '', providerCode = '', action = '', reason = '' } = event
  const { limit = '', during = '', rule = '', level = '', verdict = '' } = event
  const relayed = event.relayed === true ? 'true' : ''
  const message = `${type}\t${channel}\t${provider}\t${country}\t${purpose}\t${delivery}`
  const told = `${status}\t${kind}\t${providerCode}\t${action}\t${reason}\t${limit}`
  return `${message}\t${told}\t${during}\t\t${elapsed}\t${relayed}\t${rule}\t${level}\t${verdict}`
}

/** The bucket of a time to verify, as a part of a name. */
export function elapsedPart(elapsedMs: number | undefined): string {
  return elapsedMs === undefined ? '' : String(bucketOf(elapsedMs))
}

const placeOf: ReadonlyMap<string, number> = new Map(
  seriesDimensions.map((dimension, index) => [dimension, index]),
)

/** The name with other values in some of its places. */
export function withValues(
  name: string,
  values: Readonly<Partial<Record<SeriesDimension, string | undefined>>>,
): string {
  const parts = name.split(seriesSeparator)
  for (const [dimension, value] of Object.entries(values)) {
    const place = placeOf.get(dimension)
    if (value !== undefined && place !== undefined) parts[place] = value
  }
  return parts.join(seriesSeparator)
}

/** The name of a series of which nothing else is known. */
export function nameOf(values: Parameters<typeof withValues>[1]): string {
  return withValues(seriesSeparator.repeat(seriesDimensions.length - 1), values)
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
