// The address of a guide or a file is its path in the repository: docs/concepts.html.
import { relative } from 'node:path/posix'
import {
  type Application,
  type DocumentReflection,
  KindRouter,
  type PageDefinition,
  type ProjectReflection,
  type Reflection,
} from 'typedoc'

const beyondTheMenu = new Set<DocumentReflection>()

/** A page that the menu does not have, and so no router finds by itself. */
export function addToRoutes(page: DocumentReflection): void {
  beyondTheMenu.add(page)
}

/** Where in the repository a document is kept. */
export function pathOf(document: DocumentReflection): string {
  const path = document.project.files.getReflectionPath(document)
  if (path === undefined) throw new Error(`${document.name} is in no file`)
  return relative(process.cwd(), path)
}

class RepositoryRouter extends KindRouter {
  override buildPages(project: ProjectReflection): PageDefinition[] {
    const pages = super.buildPages(project)
    for (const page of beyondTheMenu) this.buildChildPages(page, pages)
    return pages
  }

  override getIdealBaseName(reflection: Reflection): string {
    if (!reflection.isDocument()) return super.getIdealBaseName(reflection)
    return pathOf(reflection).replace(/\.md$/, '')
  }
}

export function load(app: Application): void {
  app.renderer.defineRouter('repository', RepositoryRouter)
}
