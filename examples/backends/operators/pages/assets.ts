import { readFileSync } from 'node:fs'
import { assetRoute, faviconRoute } from '../../http/assets'
import type { Route } from '../../http/route'

export const scripts = [
  'page.js',
  'forms.js',
  'phone-field.js',
  'code-step.js',
  'countdown.js',
  'kept.js',
  'register.js',
  'login.js',
  'account.js',
  'documents.js',
  'admin.js',
  'admin-details.js',
] as const

/** A file beside this one. */
export function readPageFile(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

/** What the pages load. */
export function assetRoutes(): readonly Route[] {
  return [
    assetRoute({ path: '/assets/style.css', content: styleSheet() }),
    ...scripts.map((name) => assetRoute({ path: `/assets/${name}`, content: readPageFile(name) })),
    assetRoute({ path: '/assets/icon.svg', content: readPageFile('icon.svg') }),
    faviconRoute('/assets/icon.svg'),
  ]
}

/** All of it as one file: a browser would find out about the others one round trip later. */
export function styleSheet(): string {
  return readPageFile('style.css').replace(
    /@import url\("([\w.-]+)"\) layer\((\w+)\);/g,
    (_, name: string, layer: string) => `@layer ${layer} {\n${readPageFile(name)}}`,
  )
}

/** Every script that a script needs, so that they all come at once. */
export function importsOf(script: string, found = new Set<string>()): ReadonlySet<string> {
  for (const [, name = ''] of readPageFile(script).matchAll(/ from '\.\/([\w-]+\.js)'/g)) {
    if (found.has(name)) continue
    found.add(name)
    importsOf(name, found)
  }
  return found
}
