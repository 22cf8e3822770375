import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBrowser, screenshot } from '../testing/browser'
import { frameworks, startSite } from '../testing/start-site'
import { docsRoutes } from './docs-page'
import { onExpress } from './express'
import type { Call, Route } from './route'
import { plainRefusal, type WebFramework } from './site'

const refusal = z.object({ detail: z.string() })

/** A site whose routes answer with what they were called with, and its docs. */
function serveDocs(framework: WebFramework) {
  const echo = async ({ parameters, query, body, header }: Call) => ({
    status: 200,
    json: {
      parameters,
      query,
      body: Buffer.isBuffer(body) ? body.toString() : body,
      authorization: header('authorization'),
    },
  })
  const answers = { 200: { means: 'Done' } }
  const routes: readonly Route[] = [
    {
      method: 'PATCH',
      path: '/things/:id',
      about: {
        summary: 'Change a thing',
        tag: 'Things',
        signedIn: true,
        query: z.object({ depth: z.coerce.number().default(3) }),
        body: z.object({ name: z.string().meta({ examples: ['Lamp'] }) }),
        answers,
      },
      handle: echo,
    },
    {
      method: 'POST',
      path: '/files',
      upload: { types: ['text/plain', 'image/png'], mostBytes: 1000 },
      about: { summary: 'Upload a file', tag: 'Things', answers },
      handle: echo,
    },
  ]
  const info = {
    title: 'Shelf',
    version: '1',
    description: 'Things.',
    signIn: 'From /login.',
    refusal,
  }
  return startSite(framework, {
    routes: [...routes, ...docsRoutes(routes, info)],
    refuse: plainRefusal,
    log: () => {},
    trustedProxies: 0,
  })
}

describe.each(frameworks)('the docs on %s', (_name, framework) => {
  it('come with the document and everything that the page loads', async () => {
    const { get } = await serveDocs(framework)
    expect((await get('/openapi.json')).body).toMatchObject({ info: { title: 'Shelf' } })
    const page = await get('/docs')
    expect(page.status).toBe(200)
    const loaded = Array.from(
      page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g),
      ([, path = '']) => path,
    )
    expect(loaded).toHaveLength(5)
    for (const path of loaded) {
      const { status, headers } = await get(path)
      expect([path, status, headers.get('X-Content-Type-Options')]).toEqual([path, 200, 'nosniff'])
    }
    expect(page.text).toContain('<a href="/">Shelf</a>')
  })

  it('are loaded once: what has a version never again, and the rest when it has changed', async () => {
    const { get } = await serveDocs(framework)
    const { text } = await get('/docs')
    const loaded = Array.from(
      text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g),
      ([, to = '']) => to,
    )
    for (const path of loaded) {
      const isVersioned = /^\/assets\/swagger-ui-\d+\.\d+\.\d+\//.test(path)
      const { headers } = await get(path)
      expect([path, headers.get('Cache-Control')]).toEqual([
        path,
        isVersioned ? 'public, max-age=31536000, immutable' : 'no-cache',
      ])
      const known = { 'If-None-Match': String(headers.get('ETag')) }
      const again = await get(path, known)
      expect([again.status, again.text]).toEqual([304, ''])
      expect((await get(path, { 'If-None-Match': '"another"' })).status).toBe(200)
    }
    expect(loaded.filter((path) => path.includes('swagger-ui-'))).toHaveLength(3)
  })

  it('come compressed to who takes that', async () => {
    const { get } = await serveDocs(framework)
    const [bundle] = /\/assets\/swagger-ui-[\d.]+\/[\w-]+\.js/.exec((await get('/docs')).text) ?? []
    const lengthFor = async (encoding: string) => {
      const headers = { 'Accept-Encoding': encoding }
      const { status, headers: sent } = await get(String(bundle), headers)
      expect([status, sent.get('Vary')]).toEqual([200, 'Accept-Encoding'])
      return [sent.get('Content-Encoding'), Number(sent.get('Content-Length'))] as const
    }
    const [none, whole] = await lengthFor('identity')
    const [gzip, zipped] = await lengthFor('br, gzip;q=0.8')
    expect([none, gzip]).toEqual([null, 'gzip'])
    expect(zipped).toBeLessThan(whole / 3)
    expect((await lengthFor('gzip;q=0'))[0]).toBeNull()
  })

  it('trust no script and no style but their own', async () => {
    const { get } = await serveDocs(framework)
    const policy = (await get('/docs')).headers.get('Content-Security-Policy')
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("style-src 'self';")
    expect(policy).not.toContain('unsafe')
  })

  it.each(['/docs/package.json', '/assets/..%2fpackage.json', '/assets/docs-page.ts'])(
    'serve no other file: %s',
    async (path) => {
      const { get } = await serveDocs(framework)
      expect((await get(path)).status).toBe(404)
    },
  )
})

describe('the docs in a browser', () => {
  const browser = openBrowser()

  async function open(anchor = '') {
    const { url } = await serveDocs(onExpress)
    const { page } = await browser.newPage({ width: 1280, height: 1200 })
    await page.goto(`${url}/docs${anchor}`)
    return page
  }

  it('are read under the policy of the page', async () => {
    const page = await open()
    await page.getByRole('heading', { name: 'Shelf' }).waitFor()
    await page.getByText('Change a thing').waitFor()
    await page.getByText('Upload a file').waitFor()
    await screenshot(page, 'docs')
  })

  it('are dark where everything is', async () => {
    const { url } = await serveDocs(onExpress)
    const { page } = await browser.newPage({ width: 1280, height: 800, colorScheme: 'dark' })
    await page.goto(`${url}/docs`)
    await page.getByRole('heading', { name: 'Shelf' }).waitFor()
    const background = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    expect(await background()).toBe('rgb(28, 32, 34)')
    await screenshot(page, 'docs-dark')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.waitForFunction(() => !document.documentElement.classList.contains('dark-mode'))
    expect(await background()).not.toBe('rgb(28, 32, 34)')
  })

  it('call a route with a token, a parameter, a query and a body', async () => {
    const page = await open('#/Things/patchThingsById')
    await page.getByRole('button', { name: 'Authorize' }).click()
    await page.getByLabel('auth-bearer-value').fill('my-token')
    await page.getByLabel('Apply credentials').click()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByPlaceholder('id').fill('seven')
    const answered = page.waitForResponse(/\/things\//)
    await page.getByRole('button', { name: 'Execute' }).click()
    expect(await (await answered).json()).toEqual({
      parameters: { id: 'seven' },
      query: { depth: '3' },
      body: { name: 'Lamp' },
      authorization: 'Bearer my-token',
    })
    await page.locator('.live-responses-table').getByText('"seven"').waitFor()
    await screenshot(page, 'docs-try-it-out')
  })

  it('send a file', async () => {
    const page = await open('#/Things/postFiles')
    await page.getByRole('button', { name: 'Try it out' }).click()
    const file = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('My file') }
    await page.locator('input[type=file]').setInputFiles(file)
    const answered = page.waitForResponse(/\/files$/)
    await page.getByRole('button', { name: 'Execute' }).click()
    expect(await (await answered).json()).toMatchObject({ body: 'My file' })
  })
})
