// A file of the repository that a guide links to is a page of the site too, and a folder the list of
// its files. They are found by those links, and neither in the menu nor by the search.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative } from 'node:path/posix'
import {
  type Application,
  type CommentDisplayPart,
  Converter,
  DocumentReflection,
  IndexEvent,
  type NormalizedPath,
  normalizePath,
  type ProjectReflection,
} from 'typedoc'
import { addToRoutes } from './router'

const languages: Readonly<Record<string, string>> = {
  '.css': 'css',
  '.html': 'html',
  '.js': 'js',
  '.json': 'json',
  '.mjs': 'js',
  '.ts': 'ts',
}

export function load(app: Application): void {
  const pages = new Map<string, DocumentReflection>()
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const path of project.files.getMediaPaths()) addPages(project, path, pages)
  })
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event) => {
    const hidden = new Set(pages.values())
    for (let index = event.searchResults.length - 1; index >= 0; index -= 1) {
      const result = event.searchResults[index]
      if (result instanceof DocumentReflection && hidden.has(result)) event.removeResult(index)
    }
  })
}

/** The page of a file, or that of a folder with those of its files. Pictures stay what they are. */
function addPages(
  project: ProjectReflection,
  path: NormalizedPath,
  pages: Map<string, DocumentReflection>,
) {
  const isFolder = statSync(path).isDirectory()
  if (pages.has(path) || (!isFolder && languages[extname(path)] === undefined)) return
  const page = new DocumentReflection(relative(process.cwd(), path), project, [], {})
  pages.set(path, page)
  addToRoutes(page)
  project.registerReflection(page, undefined, path)
  const title: CommentDisplayPart = { kind: 'text', text: `# ${page.name}\n\n` }
  page.content = [title, ...(isFolder ? listOf(project, path, pages) : [codeOf(path)])]
}

function listOf(
  project: ProjectReflection,
  path: NormalizedPath,
  pages: Map<string, DocumentReflection>,
): CommentDisplayPart[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((file): CommentDisplayPart[] => {
    const name = `\`${file.name}\``
    if (!file.isFile()) return [{ kind: 'text', text: `- ${name}\n` }]
    const child = normalizePath(join(path, file.name))
    addPages(project, child, pages)
    const { target } = project.files.registerAbsolute(child)
    const link: CommentDisplayPart = {
      kind: 'relative-link',
      text: file.name,
      target,
      targetAnchor: undefined,
    }
    return [{ kind: 'text', text: `- [${name}](` }, link, { kind: 'text', text: ')\n' }]
  })
}

function codeOf(path: string): CommentDisplayPart {
  const language = languages[extname(path)]
  return { kind: 'code', text: `\`\`\`\`${language}\n${readFileSync(path, 'utf8')}\n\`\`\`\`` }
}
