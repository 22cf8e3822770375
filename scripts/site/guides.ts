// Guides are called and ordered as the tables of docs/README.md name them, and stand in its groups. An
// entry of the reference is called what one imports.
import { readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { Application, Converter, type DocumentReflection, ReflectionKind } from 'typedoc'
import { pathOf } from './router'

/** What the index says of a page. */
interface Place {
  readonly name: string
  readonly group: string
  readonly order: number
}

const elsewhere = 'Repository'

export function load(app: Application): void {
  const places = placesIn(readFileSync('docs/README.md', 'utf8'))
  const groups = new Set([...places.values()].map(({ group }) => group))
  // Earlier, the options of the file would take its place.
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue('groupOrder', [...groups, 'Modules', elsewhere])
  })

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const place = places.get(pathOf(document))
    document.name = place?.name ?? titleOf(document)
    document.frontmatter.group = place?.group ?? elsewhere
  })

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const entry of project.getChildrenByKind(ReflectionKind.Module)) {
      entry.name = entry.name === 'index' ? 'otpkit' : `otpkit/${entry.name}`
    }
    const order = (page: DocumentReflection) => places.get(pathOf(page))?.order ?? places.size
    project.documents?.sort((one, other) => order(one) - order(other))
    project.childrenIncludingDocuments?.sort((one, other) =>
      one.isDocument() && other.isDocument() ? order(one) - order(other) : 0,
    )
  })
}

function placesIn(index: string): Map<string, Place> {
  const places = new Map<string, Place>()
  let group = ''
  for (const line of index.split('\n')) {
    if (line.startsWith('## ')) group = line.slice(3)
    if (!line.startsWith('|')) continue
    for (const [, name = '', path = ''] of line.matchAll(/\[([^\]]+)\]\(([^)#]+\.md)\)/g)) {
      const page = join('docs', path)
      if (!places.has(page)) places.set(page, { name: plain(name), group, order: places.size })
    }
  }
  return places
}

function titleOf(document: DocumentReflection): string {
  const text = document.content.map((part) => part.text).join('')
  return plain(/^# (.+)$/m.exec(text)?.[1] ?? document.name)
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '')
}
