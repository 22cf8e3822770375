import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { assetRoute } from './assets'
import { escapeHtml } from './escape-html'
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

/** `GET /openapi.json`, which describes the routes, and `GET /docs`, where people read and try it. */
export function docsRoutes(routes: readonly Route[], info: ApiInfo): readonly Route[] {
  const document = openApi(routes, info)
  const manifest = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
  const own = ['docs.css', 'docs-start.js'].map((name) =>
    assetRoute({
      path: `/assets/${name}`,
      content: readFileSync(new URL(name, import.meta.url)),
    }),
  )
  const swaggerUi = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'].map((name) =>
    assetRoute({
      path: `/assets/swagger-ui-${version}/${name}`,
      content: readFileSync(join(dirname(manifest), name)),
      isVersioned: true,
    }),
  )
  const [style = '', bundle = '', icon = ''] = swaggerUi.map(({ path }) => path)
  const content = page({ title: info.title, style, bundle, icon })
  return [
    assetRoute({ path: '/openapi.json', content: JSON.stringify(document) }),
    {
      method: 'GET',
      path: '/docs',
      handle: async () => ({
        status: 200,
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': policy,
        },
        content,
      }),
    },
    ...own,
    ...swaggerUi,
  ]
}

interface PageParts {
  readonly title: string
  readonly style: string
  readonly bundle: string
  readonly icon: string
}

const page = ({ title, style, bundle, icon }: PageParts) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API · ${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${style}">
<link rel="stylesheet" href="/assets/docs.css">
</head>
<body>
<nav class="home"><a href="/">${escapeHtml(title)}</a></nav>
<noscript><p class="home">This page needs JavaScript. The description itself is at
<a href="/openapi.json">/openapi.json</a>.</p></noscript>
<main id="api"></main>
<script src="${bundle}"></script>
<script src="/assets/docs-start.js"></script>
</body>
</html>
`
