import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBrowser, screenshot } from '../testing/browser'
import { frameworks, startSite } from '../testing/start-site'
import { docsRoutes } from './docs-page'
import { onExpress } from './express'
import type { Call, Route } from './route'
import { plainRefusal, type WebFramework } from './site'

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
  const info = { title: 'Shelf', version: '1', description: 'Things.', signIn: 'From /login.' }
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
      page.text.matchAll(/(?:src|href)="([^"]+)"/g),
      ([, path = '']) => path,
    )
    expect(loaded).toHaveLength(4)
    for (const path of loaded) {
      const { status, headers } = await get(path)
      expect([path, status, headers.get('X-Content-Type-Options')]).toEqual([path, 200, 'nosniff'])
    }
  })

  it('trust no script and no style but their own', async () => {
    const { get } = await serveDocs(framework)
    const policy = (await get('/docs')).headers.get('Content-Security-Policy')
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("style-src 'self';")
    expect(policy).not.toContain('unsafe')
  })

  it.each(['/docs/package.json', '/docs/..%2fpackage.json', '/docs/swagger-ui-bundle.js.map'])(
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
