import { describe, expect, test } from 'vitest'
import { plainRefusal } from '../../http/site'
import { frameworks, startSite } from '../../testing/start-site'
import { readPageFile, scripts, styleSheet } from './assets'
import { languages } from './language'
import { notFoundPage, type PageParts, pageRoutes, pages } from './pages'

/** A backend with every channel, in which nobody is signed in. */
const shown: PageParts = {
  accountOf: async () => undefined,
  isAdmin: async () => false,
  countries: ['IN', 'IR'],
  channels: ['sms', 'whatsapp', 'voice', 'email'],
  isDevelopment: true,
}

describe.each(frameworks)('the pages on %s', (_name, framework) => {
  const start = (parts: Partial<PageParts> = {}) =>
    startSite(framework, {
      routes: pageRoutes({ ...shown, ...parts }),
      notFoundPage: notFoundPage({ ...shown, ...parts }),
      refuse: plainRefusal,
      log: () => {},
      trustedProxies: 0,
    })
  const opening = (html: string) => /<html [^>]*>/.exec(html)?.[0]

  test.each(pages)('serves $path, which runs nothing but its files', async ({ path }) => {
    const { get } = await start()
    const { status, headers, text } = await get(path)
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i)
    const inline = text.match(/<script(?![^>]* src=)[^>]*>/g)
    expect(inline).toEqual(['<script type="application/json" id="texts">'])
    expect(text).not.toMatch(/\{\{|\{\w+\}(?=[^<]*>)/)
  })

  test.each(pages)('serves every file that $path asks for', async ({ path }) => {
    const { get } = await start()
    const { text } = await get(path)
    const files = Array.from(text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g), ([, file]) => file)
    expect(files.length).toBeGreaterThan(2)
    for (const file of files) expect((await get(String(file))).status, file).toBe(200)
  })

  test.each([
    ['?lang=fa', undefined, '<html lang="fa" dir="rtl">'],
    ['?lang=ar-EG', undefined, '<html lang="ar" dir="rtl">'],
    ['?lang=en', 'fa', '<html lang="en" dir="ltr">'],
    ['?lang=xx', 'ar', '<html lang="ar" dir="rtl">'],
    ['?lang=fa&lang=ar', undefined, '<html lang="en" dir="ltr">'],
    ['', undefined, '<html lang="en" dir="ltr">'],
    ['', 'fa-IR,fa;q=0.9,en;q=0.8', '<html lang="fa" dir="rtl">'],
    ['', 'en;q=0.5, ar;q=0.9', '<html lang="ar" dir="rtl">'],
    ['', 'de, fa;q=0, ar;q=oops, *', '<html lang="en" dir="ltr">'],
  ])('in %j answers a browser of %j with %s', async (query, header, html) => {
    const { get } = await start()
    const answer = await get(`/${query}`, header === undefined ? {} : { 'Accept-Language': header })
    expect(opening(answer.text)).toBe(html)
  })

  test.each(pages)('keeps a chosen language on the links of $path, and only then', async (page) => {
    const { get } = await start()
    const links = async (query: string, header: string) => {
      const { text } = await get(page.path + query, { 'Accept-Language': header })
      const all = Array.from(text.matchAll(/href="(\/[^"]*)"/g), ([, href = '']) => href)
      return all.filter((href) => !href.startsWith('/assets/') && href !== '/docs')
    }
    const chosen = await links('?lang=fa', 'en')
    expect(chosen.length).toBeGreaterThan(3)
    expect(chosen.filter((href) => !/\?lang=fa(#|$)/.test(href))).toEqual([])
    const preferred = await links('', 'fa')
    expect(preferred.filter((href) => href.includes('?'))).toEqual([])
  })

  test('shows what to try in development alone', async () => {
    const production = await start({ isDevelopment: false })
    for (const path of ['/', '/admin']) {
      expect((await production.get(path)).text).not.toMatch(/terminal/)
    }
    const { get } = await start()
    for (const path of ['/', '/admin']) expect((await get(path)).text).toMatch(/terminal/)
  })

  test('offers the ways that are configured, and no others', async () => {
    const { get } = await start({ channels: ['sms', 'email'] })
    for (const path of ['/operator/register', '/operator/login', '/operator']) {
      const { text } = await get(path)
      expect(text, path).toMatch(/Send by SMS/)
      expect(text, path).not.toMatch(/WhatsApp<|Call/)
    }
  })

  test.each([
    ['fa-IR', 'IR'],
    ['en-IN', 'IN'],
    ['de-DE, en-US;q=0.5', undefined],
  ])('a browser of %s begins with the country %s', async (header, country) => {
    const { get } = await start()
    const { text } = await get('/operator/register', { 'Accept-Language': header })
    const [, selected] = /<option value="(\w+)"[^>]* selected>/.exec(text) ?? []
    expect(selected).toBe(country)
  })

  test('links to every language, and marks the one that is shown', async () => {
    const { get } = await start()
    const { text } = await get('/admin?lang=ar')
    for (const { tag, name } of languages) {
      const mark = tag === 'ar' ? ' aria-current="true"' : ''
      expect(text).toContain(
        `<a href="?lang=${tag}" lang="${tag}" hreflang="${tag}"${mark}>${name}</a>`,
      )
    }
  })

  test.each([...scripts.map((name) => [name, 'text/javascript']), ['style.css', 'text/css']])(
    'serves %s as %s',
    async (name, type) => {
      const { get } = await start()
      const { status, headers, text } = await get(`/assets/${name}`)
      expect(status).toBe(200)
      expect(headers.get('Content-Type')).toBe(`${type}; charset=utf-8`)
      expect(text).toBe(name === 'style.css' ? styleSheet() : readPageFile(String(name)))
    },
  )

  test.each([
    'pages.ts',
    'layout.html',
    'texts%2Ffa.json',
    '..%2Fpages%2Fpage.js',
    '%2E%2E%2Fbackend.ts',
    '%2Fetc%2Fpasswd',
    'page.js%00',
    'constructor',
  ])('serves no other file, such as %s', async (name) => {
    const { get } = await start()
    expect((await get(`/assets/${name}`)).status).toBe(404)
  })
})

test('scripts insert text, never HTML', () => {
  for (const name of scripts) {
    expect(readPageFile(name), name).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|\beval\b/)
  }
})
