import type { LimiterCall, Moment } from './history'
import type { Model } from './models'

// A sound history takes some hundred steps. One that takes so many is left for a clearer one.
const mostSteps = 100_000

/**
 * Whether there is one order of these calls, true to when each began and ended, in which the model
 * answers every one as it was answered (linearizability, by the search of Wing and Gong with the
 * memory of Lowe). A call without an outcome may stand anywhere after its start, or nowhere.
 *
 * @returns what is wrong, or `null`
 */
export function findContradiction<Call extends { readonly outcome?: unknown }>(
  calls: readonly (Call & Moment)[],
  model: Model<Call>,
): string | null {
  let undecided: string | undefined
  for (const [about, group] of groupBy(calls, ({ about }) => about)) {
    const order = hasOrder(group, model)
    if (order === 'none') return `${about}: no order of its ${group.length} calls agrees`
    if (order === 'undecided') undecided = about
  }
  if (undecided !== undefined) throw new Error(`${undecided} is too entangled to be decided`)
  return null
}

/**
 * Whether some window was certainly exceeded: more units than `max`, all charged within less than
 * `windowMs` of each other whatever the moment inside each call. For limits of one key and cost 1.
 *
 * @returns what is wrong, or `null`
 */
export function findExceededWindow(calls: readonly (LimiterCall & Moment)[]): string | null {
  for (const [about, group] of groupBy(calls, ({ about }) => about)) {
    const taken = group
      .filter((call) => call.method === 'take' && call.outcome?.ok === true)
      .sort((left, right) => left.start - right.start)
    const [first] = taken
    const limit = first?.method === 'take' ? first.limits[0] : undefined
    if (limit === undefined) continue
    for (const [index, { start }] of taken.entries()) {
      const together = taken.slice(index, index + limit.max + 1)
      const end = Math.max(...together.map((call) => call.end))
      // Servers count whole milliseconds, so the last one proves nothing.
      if (together.length > limit.max && end - start < limit.windowMs - 1) {
        return `${about}: ${together.length} of ${limit.max} within ${limit.windowMs} ms`
      }
    }
  }
  return null
}

function hasOrder<Call extends { readonly outcome?: unknown }>(
  calls: readonly (Call & Moment)[],
  model: Model<Call>,
): 'some' | 'none' | 'undecided' {
  const sorted = calls
    .map((call) => (call.outcome === undefined ? { ...call, end: Number.POSITIVE_INFINITY } : call))
    .sort((left, right) => left.start - right.start)
  const kinds = sorted.map(kindOf)
  const endOf = (index: number) => sorted[index]?.end ?? 0
  const seen = new Set<string>()
  let steps = 0

  // `done` says which calls have been placed: all before `from`, and these.
  function search(from: number, done: ReadonlySet<number>, state: string): boolean {
    while (done.has(from)) from += 1
    const remaining = sorted.slice(from).filter((_, index) => !done.has(from + index))
    if (remaining.every(({ outcome }) => outcome === undefined)) return true
    const memory = `${from} ${[...done]
      .filter((index) => index >= from)
      .sort()
      .join()} ${state}`
    if (seen.has(memory)) return false
    seen.add(memory)
    steps += 1
    if (steps > mostSteps) return false

    // Whoever began after another one had ended cannot stand before it.
    const earliestEnd = Math.min(...remaining.map(({ end }) => end))
    const candidates: [index: number, next: string][] = []
    for (let index = from; index < sorted.length; index += 1) {
      const call = sorted[index]
      if (call === undefined || call.start > earliestEnd) break
      if (done.has(index)) continue
      const next = model.apply(state, call)
      if (next === null) continue
      // What may as well never have happened is not tried where it changes nothing.
      if (call.outcome === undefined && next === state) continue
      // Nothing is lost by placing it here, since nothing depends on it.
      if (call.outcome !== undefined && model.changesNothing(call, state)) {
        return search(from, new Set(done).add(index), next)
      }
      candidates.push([index, next])
    }
    // As a rule, who was answered first was first.
    candidates.sort(([left], [right]) => endOf(left) - endOf(right))
    // Of calls that are alike, none but the one that ends first need be.
    const alike = new Set<string>()
    return candidates.some(([index, next]) => {
      const kind = kinds[index] ?? ''
      if (alike.has(kind)) return false
      alike.add(kind)
      return search(from, new Set(done).add(index), next)
    })
  }
  if (search(0, new Set(), model.initial)) return 'some'
  return steps > mostSteps ? 'undecided' : 'none'
}

/** The call without when and by whom. */
function kindOf(call: Moment): string {
  const when = { process: 0, start: 0, end: 0, fault: '' }
  return JSON.stringify({ ...call, ...when })
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
