// Whether everything that the pages of the built site link to is there, and nothing comes from elsewhere:
// `tsx scripts/site/check-links.ts FOLDER`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path/posix'

const [folder = ''] = process.argv.slice(2)
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.html'))
  .map((path) => join(folder, path))
const texts = new Map(pages.map((path) => [path, readFileSync(path, 'utf8')]))
const anchors = new Map<string, Set<string>>()

const broken = pages.flatMap((page) =>
  faultsOf(page).map((fault) => `${relative(folder, page)}: ${fault}`),
)
for (const line of broken) console.error(line)
console.log(`${pages.length} pages, ${broken.length} broken links`)
if (pages.length < 100 || broken.length > 0) process.exitCode = 1

function faultsOf(page: string): string[] {
  const text = texts.get(page) ?? ''
  // What is shown as code is no link, and no page of the site either.
  const links = [...text.matchAll(/<(\w+)(?= )[^>]*? (?:href|src|srcset)="([^"]*)"/g)]
  return links.flatMap(([, element = '', target = '']) => {
    const isElsewhere = /^(https?:|mailto:|data:)/.test(target)
    if (isElsewhere && !['a', 'use'].includes(element)) return [`<${element}> of ${target}`]
    if (isElsewhere) return []
    const [path = '', anchor = ''] = target.replaceAll('&amp;', '&').split('#')
    const file = path === '' ? page : join(dirname(page), decodeURIComponent(path))
    const isThere =
      existsSync(file) && (statSync(file).isFile() || existsSync(join(file, 'index.html')))
    if (!isThere) return [`no ${target}`]
    if (anchor === '' || element === 'use' || !file.endsWith('.html')) return []
    return anchorsOf(file).has(decodeURIComponent(anchor)) ? [] : [`no ${target}`]
  })
}

function anchorsOf(page: string): Set<string> {
  const known = anchors.get(page)
  if (known !== undefined) return known
  const found = new Set(
    [...(texts.get(page) ?? '').matchAll(/ (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id),
  )
  anchors.set(page, found)
  return found
}
