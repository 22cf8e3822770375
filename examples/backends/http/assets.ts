import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Call, Reply, Route } from './route'

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json; charset=utf-8',
}

/** A file that pages load. */
export interface Asset {
  /** Under `/assets/` in development no line of the log tells of it. */
  readonly path: string
  readonly content: string | Uint8Array
  /** Its path changes with its content: browsers never ask for it again. */
  readonly isVersioned?: boolean
}

/** Serves a file. Browsers keep it, and ask whether it is still the same. */
export function assetRoute({ path, content, isVersioned = false }: Asset): Route {
  const [extension = ''] = /[a-z]+$/.exec(path) ?? []
  const type = types[extension] ?? 'application/octet-stream'
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22)
  const headers = {
    'Cache-Control': isVersioned ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: `W/"${digest}"`,
    Vary: 'Accept-Encoding',
    'Content-Type': type,
  }
  let zipped: Uint8Array | undefined
  return {
    method: 'GET',
    path,
    handle: async ({ header }): Promise<Reply> => {
      if (isKnown(header('if-none-match'), headers.ETag)) return { status: 304, headers }
      if (!takesGzip(header)) return { status: 200, headers, content }
      zipped ??= gzipSync(content)
      return { status: 200, headers: { ...headers, 'Content-Encoding': 'gzip' }, content: zipped }
    },
  }
}

/** `/favicon.ico`, which bookmarks and some browsers ask for by themselves. */
export function faviconRoute(path: Asset['path']): Route {
  return {
    method: 'GET',
    path: '/favicon.ico',
    handle: async () => ({ status: 302, headers: { Location: path } }),
  }
}

function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return (ifNoneMatch ?? '').split(',').some((known) => known.trim() === etag)
}

function takesGzip(header: Call['header']): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(header('accept-encoding') ?? '')
}
