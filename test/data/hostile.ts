import { readFileSync } from 'node:fs'

/** The groups of the corpus that this library has a use for. */
export type HostileGroup = 'phone' | 'email' | 'code' | 'purpose' | 'locale' | 'ip'

/** What has to become of an input. */
export type Expected =
  | { readonly outcome: 'accept' | 'normalise'; readonly value: string }
  | { readonly outcome: 'reject'; readonly error: string }

/** One input of the corpus. */
export interface HostileInput {
  readonly id: string
  readonly input: unknown
  readonly expect: Expected
  readonly why: string
}

interface Corpus {
  readonly total: number
  readonly inputs: Readonly<Record<string, readonly HostileInput[]>>
}

const corpus: Corpus = JSON.parse(
  readFileSync(new URL('hostile-inputs.json', import.meta.url), 'utf8'),
)

/** How many inputs the corpus says that it holds, and how many it does hold. */
export const corpusSize = {
  said: corpus.total,
  held: Object.values(corpus.inputs).flat().length,
}

/** The inputs of a group, with `$js` and `$repeat` forms turned into the values they stand for. */
export function hostileInputs(group: HostileGroup): HostileInput[] {
  const rows = corpus.inputs[group] ?? []
  return rows.map((row) => ({ ...row, input: valueOf(row.input) }))
}

function valueOf(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input
  if ('$js' in input) return new Function(`return (${input.$js})`)()
  if ('$repeat' in input && 'count' in input && 'prefix' in input && 'suffix' in input) {
    return `${input.prefix}${String(input.$repeat).repeat(Number(input.count))}${input.suffix}`
  }
  return input
}
