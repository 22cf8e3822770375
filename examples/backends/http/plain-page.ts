import { readFileSync } from 'node:fs'
import { assetRoute, faviconRoute } from './assets'
import { escapeHtml } from './escape-html'
import type { Reply, Route } from './route'
import type { Site } from './site'

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What the first page of an API says to who opens its address in a browser. */
export interface FirstPage {
  readonly title: string
  readonly about: string
  /** A command for the shell, by the origin of this site, and what it does. */
  readonly call: { readonly says: string; readonly command: (url: string) => string }
}

/** The first page of an API that has no others, what it loads, and what stands where there is nothing. */
export function plainPages(first: FirstPage): Required<Pick<Site, 'routes' | 'notFoundPage'>> {
  const file = (name: string) => readFileSync(new URL(name, import.meta.url))
  const { title, about, call } = first
  return {
    routes: [
      {
        method: 'GET',
        path: '/',
        handle: async ({ header }) => {
          const url = `http://${header('host') ?? 'localhost'}/`
          return page(title, [
            `<h1>${escapeHtml(title)}</h1>`,
            `<p>${escapeHtml(about)}</p>`,
            `<p><a class="main" href="/docs">Read and try the API</a></p>`,
            `<h2>A first call</h2>`,
            `<p>${escapeHtml(call.says)}</p>`,
            `<pre tabindex="0"><code>${escapeHtml(call.command(url))}</code></pre>`,
          ])
        },
      },
      ...plainAssets(file),
    ],
    notFoundPage: () =>
      page(`There is no such page · ${title}`, [
        '<h1>There is no such page</h1>',
        '<p>The address may be mistyped, or it is one that programs call.</p>',
        `<p><a class="main" href="/">${escapeHtml(title)}</a></p>`,
      ]),
  }
}

function plainAssets(file: (name: string) => Uint8Array): readonly Route[] {
  return [
    assetRoute({ path: '/assets/plain.css', content: file('plain.css') }),
    assetRoute({ path: '/assets/icon.svg', content: file('icon.svg') }),
    faviconRoute('/assets/icon.svg'),
  ]
}

function page(title: string, body: readonly string[]): Reply {
  const content = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/plain.css">
</head>
<body>
<main>
${body.join('\n')}
</main>
</body>
</html>
`
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
  }
  return { status: 200, headers, content }
}
