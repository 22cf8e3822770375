import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { readPart } from '../bench/harness/documents'
import { installParts, isPublished } from '../scripts/install'

/** A row of a table whose last column is headed "Proven by". */
interface Claim {
  readonly text: string
  readonly proofs: readonly { readonly file: string; readonly title: string }[]
}

/**
 * Every row of such tables in a document. A proof is written `file` › `title`, several of them with
 * `<br>` between. As in any table a `|` is escaped, and a title that holds a backtick stands in two.
 */
function claimsIn(markdown: string): Claim[] {
  const claims: Claim[] = []
  let isClaims = false
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('|')) isClaims = false
    else if (/\| Proven by \|$/.test(line)) isClaims = true
    else if (isClaims && !/^\|[-| ]+$/.test(line)) {
      const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
      const proofs = [...(cells.at(-2) ?? '').matchAll(/`([^`]+)` › (?:`` (.+?) ``|`([^`]+)`)/g)]
      claims.push({
        text: cells.slice(1, -2).join(' '),
        proofs: proofs.map(([, file = '', quoted, title = '']) => ({
          file,
          title: quoted ?? title,
        })),
      })
    }
  }
  return claims
}

/** The titles in a file of tests or of conformance cases: what it writes as a string. */
function titlesIn(text: string): Set<string> {
  const titles = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) titles.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('titles.ts', text, ts.ScriptTarget.Latest))
  return titles
}

/** What is wrong with a claim, or nothing. */
function faultsOf({ text, proofs }: Claim, read: (file: string) => string | undefined): string[] {
  if (text === '') return ['a row claims nothing']
  if (proofs.length === 0) return [`"${text}" names no test`]
  return proofs.flatMap(({ file, title }) => {
    const source = /^(test|examples|src\/testing)\/.+\.ts$/.test(file) ? read(file) : undefined
    if (source === undefined) return [`"${text}" names ${file}, which is no file of tests`]
    if (!titlesIn(source).has(title)) return [`"${text}" names "${title}", which ${file} lacks`]
    const [id] = /^S\d\d\b/.exec(text) ?? []
    return id === undefined || title.includes(id) ? [] : [`"${title}" does not carry ${id}`]
  })
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : undefined
}

const documents = [
  ...readdirSync('.').filter((path) => path.endsWith('.md')),
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !path.startsWith('reference'))
      .map((path) => `${folder}/${path}`),
  ),
].map((path) => ({ path, text: readFileSync(path, 'utf8') }))

describe('S92 the promises', () => {
  it.each(['docs/promises.md', 'docs/security.md'])('of %s are each proven by a test', (path) => {
    const claims = claimsIn(readFileSync(path, 'utf8'))
    expect(claims.length).toBeGreaterThan(10)
    expect(claims.flatMap((claim) => faultsOf(claim, readIfThere))).toEqual([])
  })

  it('of the README are five of them, word for word', () => {
    const claims = claimsIn(readFileSync('README.md', 'utf8'))
    expect(claims).toHaveLength(5)
    expect(claimsIn(readFileSync('docs/promises.md', 'utf8'))).toEqual(
      expect.arrayContaining(claims),
    )
  })

  it('of every other document are too', () => {
    const claims = documents.flatMap(({ text }) => claimsIn(text))
    expect(claims.flatMap((claim) => faultsOf(claim, readIfThere))).toEqual([])
  })

  it('would be noticed without a test', () => {
    const markdown = [
      '| Id | Promise | Proven by |',
      '|---|---|---|',
      '| S04 | proven | `test/a.test.ts` › `S04 once`<br>`test/a.test.ts` › `S04 a \\| b` |',
      '| S05 | no such title | `test/a.test.ts` › `S05 never` |',
      '| S06 | no such file | `test/b.test.ts` › `S04 once` |',
      '| S07 | not a test | `src/core/verify.ts` › `S04 once` |',
      '| S08 | another id | `test/a.test.ts` › `S04 once` |',
      '| S09 | no proof | believe us |',
      '',
      '| another | table |',
    ].join('\n')
    const source = "it('S04 once', () => {})\nit('S04 a | b', () => {}) // S05 never"
    const read = (file: string) => (file === 'test/b.test.ts' ? undefined : source)
    expect(claimsIn(markdown).flatMap((claim) => faultsOf(claim, read))).toEqual([
      '"S05 no such title" names "S05 never", which test/a.test.ts lacks',
      '"S06 no such file" names test/b.test.ts, which is no file of tests',
      '"S07 not a test" names src/core/verify.ts, which is no file of tests',
      '"S04 once" does not carry S08',
      '"S09 no proof" names no test',
    ])
  })
})

describe('the documents', () => {
  const readme = readFileSync('README.md', 'utf8')
  const inGuides = documents
    .filter(({ path }) => path.startsWith('docs/'))
    .map(({ text }) => text)
    .join('\n')
  // What one chooses first stands on the first page.
  const isOnFrontPage = (folder: string) => ['databases', 'deliveries'].includes(folder)

  const { exports: exported } = JSON.parse(readFileSync('package.json', 'utf8'))
  const folders = Object.keys(exported).flatMap((path) => /^\.\/(.+)\/\*$/.exec(path)?.[1] ?? [])

  it.each(folders)('name everything in src/%s', (folder) => {
    const factories = readdirSync(`src/${folder}`).flatMap((file) =>
      [
        ...readFileSync(`src/${folder}/${file}`, 'utf8').matchAll(
          /^export (?:async )?function (\w+)/gm,
        ),
      ].map(([, name]) => name),
    )
    const text = isOnFrontPage(folder) ? readme : inGuides
    expect(factories.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
  })
})

describe('the index of the guides', () => {
  const index = readFileSync('docs/README.md', 'utf8')
  const guides = documents.map(({ path }) => path).filter((path) => /^docs\/(?!README)/.test(path))

  it.each(guides)('leads to %s', (path) => {
    expect(index).toContain(`](${path.slice('docs/'.length)})`)
  })
})

describe('how the library is installed', () => {
  it.each(installParts(isPublished))('is right in $page', (part) => {
    expect(readPart(readFileSync(part.page, 'utf8'), part)).toBe(part.text)
  })

  it('is from the registry nowhere before it is there, and everywhere after', () => {
    const isGuide = (path: string) => path === 'README.md' || path.startsWith('docs/')
    const fromRegistry = documents
      .filter(({ path, text }) => isGuide(path) && /npm (?:i|install|add) otpkit\b/.test(text))
      .map(({ path }) => path)
    const pages = installParts(true).map(({ page }) => page)
    expect(fromRegistry.toSorted()).toEqual(isPublished ? pages.toSorted() : [])
    expect(installParts(true).map(({ text }) => text)).toEqual(
      pages.map(() => expect.stringContaining('npm install otpkit')),
    )
  })
})

describe('links', () => {
  const withoutBlocks = (text: string) => text.replace(/```[\s\S]*?```/g, '')
  const anchorsOf = (text: string) =>
    [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )

  it('lead to files and headings that exist', () => {
    const link = /\]\((?!https?:|mailto:)([^)#]*)#?([^)]*)\)/g
    const broken = documents.flatMap(({ path, text }) =>
      [
        ...withoutBlocks(text)
          .replace(/`[^`\n]*`/g, '')
          .matchAll(link),
      ].flatMap(([, file = '', anchor = '']) => {
        const target = file === '' ? path : join(dirname(path), file)
        const isThere =
          anchor === '' ? existsSync(target) : anchorsOf(readIfThere(target) ?? '').includes(anchor)
        return isThere ? [] : [`${path} links to ${file}${anchor && `#${anchor}`}`]
      }),
    )
    expect(broken).toEqual([])
  })
})
