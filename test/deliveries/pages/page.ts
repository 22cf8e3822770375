import { readFileSync } from 'node:fs'
import { compileFunction } from 'node:vm'
import type { Delivery } from 'otpkit'
import ts from 'typescript'

/** A row of the table under "When it fails", as it stands on the page. */
export interface PageRow {
  readonly kinds: readonly string[]
  readonly sent: string
  /** What the provider says, without the notes in brackets: one list for each block of code. */
  readonly says: readonly (readonly string[])[]
  readonly person: string
  readonly operator: string
}

/** What a page tells its reader to write, and what it promises. */
export interface Page {
  /** Its blocks of TypeScript, in order. */
  readonly blocks: readonly string[]
  /** Its block of environment variables. */
  readonly variables: Readonly<Record<string, string>>
  readonly rows: readonly PageRow[]
}

/** What a reader puts in the place of `…`. */
export const credential = 'q83vEjRWeJCrze8SNFZ4kAbCdEfGhIjK'

export function readPage(name: string): Page {
  const text = readFileSync(`docs/deliveries/${name}.md`, 'utf8')
  const [, ...shells] = text.split('```sh\n')
  const shell = shells
    .map((block) => block.split('```')[0] ?? '')
    .find((block) => block.includes('='))
  const variables = [...(shell ?? '').matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)]
  return {
    blocks: text
      .split('```ts\n')
      .slice(1)
      .map((block) => block.split('```')[0] ?? ''),
    variables: Object.fromEntries(
      variables.map(([, variable = '', value = '']) => [variable, value.replace('…', credential)]),
    ),
    rows: rowsOf(text),
  }
}

function rowsOf(text: string): PageRow[] {
  const lines = text.split('\n').filter((line) => line.startsWith('| '))
  const start = lines.findIndex((line) => line.startsWith('| `kind` | `sent` |'))
  return lines.slice(start + 1).map((line) => {
    const [kinds = '', sent = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    return {
      kinds: listOf(kinds),
      sent: plain(sent),
      says: cells.slice(0, -2).map(listOf),
      person: cells.at(-2) ?? '',
      operator: cells.at(-1) ?? '',
    }
  })
}

function listOf(cell: string): string[] {
  const items = cell.replace(/\s*\([^)]*\)/g, '').split(',')
  return items.map(plain).filter((item) => item !== '')
}

function plain(text: string): string {
  return text.replaceAll('`', '').trim()
}

/** Runs a block of a page as it stands, in a process with these variables, for what it exports. */
export async function deliveriesOf(
  block: string,
  env: Readonly<Record<string, string>>,
  replaced: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, Delivery>> {
  const { outputText } = ts.transpileModule(block.replaceAll("'…'", `'${credential}'`), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  })
  const modules = new Map<string, unknown>(Object.entries(replaced))
  for (const [, name = ''] of block.matchAll(/ from '([^']+)'/g)) {
    if (!modules.has(name)) modules.set(name, await import(/* @vite-ignore */ name))
  }
  const exported: { deliveries?: Record<string, Delivery> } & Record<string, unknown> = {}
  const run = compileFunction(outputText, ['require', 'exports', 'process'])
  run((name: string) => modules.get(name), exported, { env })
  if (exported.deliveries !== undefined) return exported.deliveries
  return Object.fromEntries(Object.entries(exported).filter(isDelivery))
}

function isDelivery(entry: [string, unknown]): entry is [string, Delivery] {
  return typeof Object(entry[1]).deliver === 'function'
}
