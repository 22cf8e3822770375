import { readFileSync } from 'node:fs'
import type { RuntimeKind } from './kinds'
import type { Exchanged } from './work'

/** The document that holds the matrix. */
export const matrixFile = 'docs/runtimes.md'

const head = `| Runtime | Version | Core, memory | Receipts | Deliveries, routes | Redis, PostgreSQL over TCP | A provider that is not reached | A provider that refuses |
|---|---|---|---|---|---|---|---|`
const table = /^\| Runtime \| Version .*\n\|[-|]+\|\n(?:\|.*\n)*/m

/** The row of a runtime, from what was seen there. */
export function rowOf(kind: RuntimeKind, exchanged: Exchanged): string {
  const has = (suites: RuntimeKind['suites'][number], otherwise: string) =>
    kind.suites.includes(suites) ? 'run' : otherwise
  const movesOn = (does: boolean) => (does ? 'the next one is asked' : 'the outcome is unknown')
  const cells = [
    kind.name,
    versionOf(kind.package),
    has('standard', '–'),
    has('signatures', 'without signatures'),
    has('providers', 'one of each'),
    has('databases', '–'),
    movesOn(exchanged.afterUnreachable),
    movesOn(exchanged.afterRefusal),
  ]
  return `| ${cells.join(' | ')} |`
}

function versionOf(name: string): string {
  const { dependencies } = JSON.parse(readFileSync('test/runtimes/package.json', 'utf8'))
  return String(dependencies[name]).replace(/^npm:\w+@/, '')
}

/** A document with these rows; those of runtimes that were not run now are kept. */
export function withRows(
  text: string,
  rows: ReadonlyMap<string, string>,
  names: readonly string[],
): string {
  const kept = rowsIn(text)
  const all = names.flatMap(
    (name) => rows.get(name) ?? kept.find((row) => row.startsWith(`| ${name} |`)) ?? [],
  )
  return text.replace(table, `${head}\n${all.join('\n')}\n`)
}

/** The rows that a document has. */
export function rowsIn(text: string): readonly string[] {
  return (table.exec(text)?.[0] ?? '').trimEnd().split('\n').slice(2)
}
