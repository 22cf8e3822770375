import type { HistoryDimension, HistoryResolution } from '../history'
import { type RangeName, ranges } from './data'

/** What a request asks for, with whole pieces of time. */
export interface Asked {
  readonly from: number
  readonly to: number
  readonly resolution: HistoryResolution
  readonly where: Readonly<Partial<Record<HistoryDimension, string>>>
}

/** What is wrong with a parameter. */
export interface Odd {
  readonly field: string
  readonly detail: string
}

export const pieceMs: Readonly<Record<HistoryResolution, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

const filters = ['channel', 'provider', 'country', 'purpose'] as const
const known: readonly string[] = [...filters, 'range', 'to']

/** Reads filters and range; what cannot be used comes back as what is wrong with it. */
export function readQuery(parameters: URLSearchParams, now: number): Asked | Odd {
  for (const name of namesIn(parameters)) {
    if (!known.includes(name)) return odd('query', 'There is a filter here that is not known.')
    if (parameters.getAll(name).length > 1) return odd(name, 'This is given more than once.')
  }
  const where: Partial<Record<HistoryDimension, string>> = {}
  for (const name of filters) {
    const value = parameters.get(name) ?? ''
    if (value.length > 200 || /\p{Cc}/u.test(value)) return odd(name, 'This is no such name.')
    if (value !== '') where[name] = value === '-' ? '' : value
  }
  const range = parameters.get('range') || 'day'
  if (!isRange(range)) {
    return odd('range', `The range must be one of ${Object.keys(ranges).join(', ')}.`)
  }
  const end = readEnd(parameters.get('to'), now)
  if (end === undefined) return odd('to', 'The end must be an instant in epoch milliseconds.')
  return { ...rangeBefore(end, range), where }
}

/** Whole pieces of time up to the one that an instant lies in. */
export function rangeBefore(end: number, range: RangeName): Omit<Asked, 'where'> {
  const { lengthMs, resolution } = ranges[range]
  const to = (Math.floor(end / pieceMs[resolution]) + 1) * pieceMs[resolution]
  return { from: to - lengthMs, to, resolution }
}

/** The end that is asked for; of what lies ahead nothing is known. */
function readEnd(text: string | null, now: number): number | undefined {
  if (text === null || text === '') return now
  return /^\d{1,15}$/.test(text) ? Math.min(Number(text), now) : undefined
}

const isRange = (name: string): name is RangeName => Object.hasOwn(ranges, name)
const odd = (field: string, detail: string): Odd => ({ field, detail })

/** Each parameter's name once. */
export function namesIn(parameters: URLSearchParams): ReadonlySet<string> {
  const names = new Set<string>()
  parameters.forEach((_, name) => {
    names.add(name)
  })
  return names
}
