import { readFileSync } from 'node:fs'
import type { Route } from '../http/route'

/** What every page is allowed: files of this site, and its own API. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
}

/** The page where people log in, with its files. */
export const pageRoutes: readonly Route[] = [
  file('/', 'index.html', 'text/html'),
  file('/style.css', 'style.css', 'text/css'),
  // Kept as text: no formatter may touch what the document prints.
  file('/document.js', 'document.txt', 'text/javascript'),
  file('/login.js', 'login.js', 'text/javascript'),
]

function file(path: string, name: string, type: string): Route {
  const content = readFileSync(new URL(`page/${name}`, import.meta.url))
  const headers = { ...pageHeaders, 'Content-Type': `${type}; charset=utf-8` }
  return { method: 'GET', path, handle: async () => ({ status: 200, headers, content }) }
}
