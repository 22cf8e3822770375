import { readBody, withoutMark } from '../internal/read-body'
import type { ProblemName } from './problem'

/** What a request may say. Whatever else its body holds is not read. */
export const fieldNames = ['to', 'challengeId', 'code', 'purpose', 'channel', 'locale'] as const

/** The fields of a request, as they came: what is missing, `null` or empty is not among them. */
export type Fields = ReadonlyMap<(typeof fieldNames)[number], unknown>

// A recipient has at most 320 characters, and a header's languages come to a few hundred.
const mostBytes = 8 * 1024

/** The fields of a JSON or a form body, or the problem with it. */
export async function readFields(request: Request): Promise<Fields | ProblemName> {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';')
  const parse = parsers.get(type.trim().toLowerCase())
  if (parse === undefined) return 'unsupported-media-type'
  const text = await readBody('createHandler', request, mostBytes)
  if (text === 413) return 'too-large'
  if (text === 400) return 'malformed'
  // What is compressed cannot be read as what it is.
  const isCoded = request.headers.has('content-encoding')
  return parse(text) ?? (isCoded ? 'unsupported-media-type' : 'malformed')
}

const parsers = new Map<string, (text: string) => Fields | null>([
  ['application/json', parseJson],
  ['application/x-www-form-urlencoded', parseForm],
])

function parseJson(text: string): Fields | null {
  let value: unknown
  try {
    value = JSON.parse(withoutMark(text))
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return pick((name) => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined))
}

function parseForm(text: string): Fields | null {
  const form = new URLSearchParams(text)
  // Whoever reads a form differently would take the other one.
  if (fieldNames.some((name) => form.getAll(name).length > 1)) return null
  return pick((name) => form.get(name))
}

function pick(read: (name: string) => unknown): Fields {
  const all = fieldNames.map((name) => [name, read(name)] as const)
  return new Map(all.filter(([, value]) => value !== undefined && value !== null && value !== ''))
}
