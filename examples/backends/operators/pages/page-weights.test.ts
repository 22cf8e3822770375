import { readFileSync } from 'node:fs'
import type { Response } from 'playwright-core'
import { expect, it } from 'vitest'
import { eventually } from '../../../../test/servers/process'
import { onFastify } from '../../http/fastify'
import { openBrowser } from '../../testing/browser'
import { startBackend } from '../start-backend'

const browser = openBrowser()

/** The table in `examples/README.md`: requests and kB of a first visit, kB of a second. */
const table = Array.from(
  readFileSync(new URL('../../../README.md', import.meta.url), 'utf8').matchAll(
    /^\| `(\/\S*)` +\| (\d+) +\| (\d+) +\| (\d+) +\|$/gm,
  ),
  ([, path = '', requests, first, second]) => ({
    path,
    requests: Number(requests),
    first: Number(first),
    second: Number(second),
  }),
)

it('each page weighs what examples/README.md says', async () => {
  const { url } = await startBackend(onFastify)
  const measured: typeof table = []
  for (const { path, requests } of table) {
    const { page } = await browser.newPage({ width: 390, height: 844 })
    const visit = async (least: number) => {
      const sizes: Promise<number>[] = []
      const count = (response: Response) => {
        // Icons come when a browser likes.
        if (/\.(svg|png)$/.test(response.url())) return
        const size = response.request().sizes()
        // What comes out of the browser's own store has less than none.
        sizes.push(size.then(({ responseBodySize }) => Math.max(0, responseBodySize)))
      }
      page.on('response', count)
      await page.goto(url + path, { waitUntil: 'networkidle' })
      if (path === '/docs') await page.locator('.opblock').first().waitFor()
      // On a busy machine a page may be idle before its script has asked for the last of them. What
      // never comes is told below.
      await eventually(async () => expect(sizes.length).toBeGreaterThanOrEqual(least)).catch(
        () => {},
      )
      page.off('response', count)
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
      return { requests: sizes.length, kB: Math.ceil(bytes / 1000) }
    }
    const first = await visit(requests)
    const second = await visit(0)
    measured.push({ path, requests: first.requests, first: first.kB, second: second.kB })
  }
  expect(table.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/', '/operator/register', '/operator/login', '/admin', '/docs']),
  )
  const tenth = (kB: number) => Math.max(1, kB / 10)
  for (const [index, row] of table.entries()) {
    const { requests = 0, first = 0, second = 0 } = measured[index] ?? {}
    const isSame =
      requests === row.requests &&
      Math.abs(first - row.first) <= tenth(row.first) &&
      Math.abs(second - row.second) <= tenth(row.second)
    if (!isSame) throw new Error(`measured ${JSON.stringify(measured, null, 1)}`)
  }
})
