import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ApiInfo, openApi } from './openapi'
import type { Route } from './route'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="api"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

/** `GET /openapi.json`, which describes the routes, and `GET /docs`, where people read and try it. */
export function docsRoutes(routes: readonly Route[], info: ApiInfo): readonly Route[] {
  const document = openApi(routes, info)
  const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  return [
    { method: 'GET', path: '/openapi.json', handle: async () => ({ status: 200, json: document }) },
    {
      method: 'GET',
      path: '/docs',
      handle: async () => ({
        status: 200,
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': policy,
        },
        content: page,
      }),
    },
    asset('start.js', fileURLToPath(new URL('docs-start.js', import.meta.url))),
    ...['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png'].map((name) =>
      asset(name, join(swaggerUi, name)),
    ),
  ]
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  png: 'image/png',
}

/** A file, read once. */
function asset(name: string, file: string): Route {
  const content = readFileSync(file)
  const [, extension = ''] = name.split('.')
  const headers = { 'Content-Type': types[extension] ?? 'application/octet-stream' }
  const reply = { status: 200, headers, content }
  return { method: 'GET', path: `/docs/${name}`, handle: async () => reply }
}
