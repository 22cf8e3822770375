import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { byClient, manager } from './client-calls'
import { byManager, byOptions } from './factory-calls'

/** Every option that is a function; of those of the manager its own tests tell. */
const functions = [
  'account',
  'authorize',
  'challenged',
  'clock',
  'createAwsSigner',
  'createTransport',
  'cut',
  'fetch',
  'ip',
  'random',
  'sleep',
  'tokens',
  'variables',
  'verified',
  'write',
]

interface Row {
  readonly file: string
  readonly name: string
  readonly before: readonly unknown[]
  readonly options: unknown
}

const rowsOf = (table: typeof byOptions, first: readonly unknown[] = []): Row[] =>
  Object.entries(table).flatMap(([file, calls]) =>
    Object.entries(calls).map(([name, args]) => {
      const before = [...first, ...args.slice(0, -1)]
      return { file, name, before, options: args.at(-1) ?? {} }
    }),
  )
const rows = [...rowsOf(byOptions), ...rowsOf(byManager, [manager]), ...rowsOf(byClient)]

/** What the factory says of this option beside its right ones. */
async function saidOf({ file, name, before, options }: Row, option: string, value: unknown) {
  const { href } = new URL(`../src/${file}.ts`, import.meta.url)
  const { [name]: factory } = await import(href)
  try {
    Reflect.apply(factory, undefined, [...before, { ...Object(options), [option]: value }])
  } catch (error) {
    return String(error)
  }
  return 'it was taken'
}

describe('an option that is a function', () => {
  it('is known here whatever it is called', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(`src/${path}`, 'utf8'))
    const found = sources
      .flatMap(
        (text) => text.match(/^export interface \w+(Options|Clients)\b[^{]*\{\n[\s\S]*?^}/gm) ?? [],
      )
      .flatMap((text) => [...text.matchAll(/^ {2}(?:readonly )?(\w+)\??(?:: )?\(/gm)])
      .map(([, name = '']) => name)
    const ofTheManager = ['background']
    // What a call is given, and not a factory.
    const ofCalls = ['onFailure', 'around']
    const all = [...functions, ...ofTheManager, ...ofCalls]
    expect(new Set(found).size).toBeGreaterThan(10)
    expect([...new Set(found)].filter((name) => !all.includes(name))).toEqual([])
  })

  it.each(rows)('is no other thing for $name', async (row) => {
    const { name } = row
    for (const option of functions) {
      for (const value of [null, 42, 'hunter2', {}, [], true]) {
        const said = await saidOf(row, option, value)
        const which = `TypeError: otpkit: ${name}: option \`${option}\``
        expect(said).toMatch(new RegExp(`^${which} (must be a function|is not known)`))
      }
    }
  })
})
