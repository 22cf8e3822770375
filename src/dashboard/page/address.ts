import type { RangeName } from '../data'
import { type Dimension, dimensions, valueName } from './names'

/** What is shown. All of it is in the page's address, for reloads and whoever is sent it; no person is. */
export interface Shown {
  readonly range: RangeName
  /** What the funnel is told apart by. */
  readonly by: Dimension
  readonly filters: Readonly<Partial<Record<Dimension, string>>>
}

/** Ranges that the page offers, in words that follow "the last". */
const rangeNames = { hour: 'hour', day: 'day', week: 'week', quarter: '90 days' } as const

const isOffered = (name: string | null): name is keyof typeof rangeNames =>
  name !== null && Object.hasOwn(rangeNames, name)

export const rangeName = ({ range }: Shown): string =>
  isOffered(range) ? rangeNames[range] : range

/** What the address says; what makes no sense in it counts as not said. */
export function readAddress(asked = new URLSearchParams(location.search)): Shown {
  const range = asked.get('range')
  const filters = dimensions.flatMap((name) => {
    const value = asked.get(name) ?? ''
    return value === '' ? [] : [[name, value]]
  })
  return {
    range: isOffered(range) ? range : 'day',
    by: dimensions.find((name) => name === asked.get('by')) ?? 'channel',
    filters: Object.fromEntries(filters),
  }
}

export function writeAddress({ range, by, filters }: Shown): void {
  const address = new URL(location.href)
  address.search = new URLSearchParams({
    ...(range !== 'day' && { range }),
    ...(by !== 'channel' && { by }),
    ...filters,
  }).toString()
  if (address.href !== location.href) history.pushState(null, '', address)
}

/** The parameters of a request for what is shown. */
export function queryOf({ range, filters }: Shown): string {
  return new URLSearchParams({ range, ...filters }).toString()
}

/** What is shown, in words: `last week, SMS, India`. */
export function inWordsOf(shown: Shown): string {
  const chosen = dimensions.flatMap((name) => {
    const value = shown.filters[name]
    return value === undefined ? [] : [valueName(name, value)]
  })
  return [`last ${rangeName(shown)}`, ...chosen].join(', ')
}
