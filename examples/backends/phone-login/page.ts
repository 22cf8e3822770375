import { readFileSync } from 'node:fs'
import { assetRoute, faviconRoute } from '../http/assets'
import type { Reply, Route } from '../http/route'

/** What every page is allowed: files of this site, and its own API. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
}

const read = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url))

/** The page where people log in, with its files. */
export const pageRoutes: readonly Route[] = [
  { method: 'GET', path: '/', handle: async () => page('index.html') },
  assetRoute({ path: '/assets/style.css', content: read('style.css') }),
  // Kept as text: no formatter may touch what the document prints.
  assetRoute({ path: '/assets/document.js', content: read('document.txt') }),
  assetRoute({ path: '/assets/login.js', content: read('login.js') }),
  assetRoute({ path: '/assets/icon.svg', content: read('icon.svg') }),
  faviconRoute('/assets/icon.svg'),
]

export const notFoundPage = (): Reply => page('not-found.html')

function page(name: string): Reply {
  const headers = { ...pageHeaders, 'Content-Type': 'text/html; charset=utf-8' }
  return { status: 200, headers, content: read(name) }
}
