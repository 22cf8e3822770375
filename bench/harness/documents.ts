import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from './install'
import type { BenchResults } from './results'
import { benchCaption, benchTables } from './tables'

const run = promisify(execFile)

/** Where the charts are, from the repository's root. */
export const imagesFolder = 'docs/images'

/** Draws the charts of these results into `docs/images`, with the library that is installed there. */
export async function drawCharts(installation: Installation, resultsFile: string): Promise<void> {
  await mkdir(imagesFolder, { recursive: true })
  const args = [installation.program('charts'), resolve(resultsFile), resolve(imagesFolder)]
  await run(process.execPath, args, { cwd: installation.folder })
}

/** A part of a page that comes from a file of results. */
export interface GeneratedPart {
  readonly page: string
  /** Stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
  readonly name: string
  readonly text: string
}

/** What `npm run bench` writes into the pages. */
export function benchParts(results: BenchResults): readonly GeneratedPart[] {
  return [
    { page: 'docs/speed.md', name: 'bench:tables', text: benchTables(results) },
    { page: 'README.md', name: 'bench:caption', text: benchCaption(results) },
  ]
}

/** Puts each part in its place. */
export async function writeParts(parts: readonly GeneratedPart[]): Promise<void> {
  for (const { page, name, text } of parts) {
    const path = join('.', page)
    const content = await readFile(path, 'utf8')
    const { before, after } = split(content, page, name)
    await writeFile(path, `${before}${text}${after}`)
  }
}

/** What stands in the page where the part belongs. */
export function readPart(content: string, { page, name }: GeneratedPart): string {
  const { before, after } = split(content, page, name)
  return content.slice(before.length, content.length - after.length)
}

function split(content: string, page: string, name: string) {
  const [open, close] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`]
  const start = content.indexOf(open)
  const end = content.indexOf(close, start)
  if (start === -1 || end === -1) throw new Error(`${page} has no place for ${name}`)
  return { before: content.slice(0, start + open.length), after: content.slice(end) }
}
