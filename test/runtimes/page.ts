import { readFileSync } from 'node:fs'

/** The first block of code under a heading of a page, as a reader copies it. */
export function codeUnder(path: string, heading: string): string {
  const page = readFileSync(path, 'utf8')
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const code = /```[tj]s\n([\s\S]*?)```/.exec(section)?.[1]
  if (code === undefined) throw new Error(`no code under ${heading}`)
  return code
}
