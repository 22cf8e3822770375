import type { About } from '../data'
import { readAddress, type Shown, writeAddress } from './address'
import { create, element } from './dom'
import { type Dimension, dimensions, valueName } from './names'

const form = element('filters', HTMLFormElement)
const clear = element('clear', HTMLButtonElement)

const control = (name: string) => form.elements.namedItem(name)

function selectOf(name: Dimension): HTMLSelectElement {
  const found = control(name)
  if (!(found instanceof HTMLSelectElement)) throw new Error(`There is no filter ${name}`)
  return found
}

const all: Readonly<Record<Dimension, string>> = {
  channel: 'All channels',
  provider: 'All providers',
  country: 'All countries',
  purpose: 'All purposes',
}

/** The filters of the page: what they show is what the address says. */
export function setUpFilters(changed: () => void): void {
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('change', () => {
    const entries = dimensions.map((name) => [name, selectOf(name).value] as const)
    const ranges = control('range')
    const range = ranges instanceof RadioNodeList ? ranges.value : ''
    const filters = Object.fromEntries(entries.filter(([, value]) => value !== ''))
    const address = new URLSearchParams({ range, by: readAddress().by, ...filters })
    writeAddress(readAddress(address))
    changed()
  })
  clear.addEventListener('click', () => {
    writeAddress({ ...readAddress(), filters: {} })
    changed()
    selectOf('channel').focus()
  })
  addEventListener('popstate', changed)
}

/** Offers what occurs in the range, and marks what is chosen. */
export function showFilters({ range, filters }: Shown, seen: About['seen'] | undefined): void {
  const ranges = control('range')
  if (ranges instanceof RadioNodeList) ranges.value = range
  const offered = {
    channel: seen?.channels ?? [],
    provider: seen?.providers ?? [],
    country: seen?.countries ?? [],
    purpose: seen?.purposes ?? [],
  }
  for (const name of dimensions) {
    const select = selectOf(name)
    const chosen = filters[name] ?? ''
    const values = [...new Set(['', ...offered[name], chosen])]
    const standing = Array.from(select.options, ({ value }) => value)
    // An open list would close under somebody's hand.
    if (JSON.stringify(values) !== JSON.stringify(standing)) {
      select.replaceChildren(
        ...values.map((value) =>
          create('option', { value }, value === '' ? all[name] : valueName(name, value)),
        ),
      )
    }
    select.value = chosen
  }
  clear.hidden = Object.keys(filters).length === 0
}
