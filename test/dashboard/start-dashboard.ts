import axe, { type AxeResults } from 'axe-core'
import type { Permission } from 'otpkit/dashboard'
import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { type Look, openBrowser, screenshot } from '../../examples/backends/testing/browser'
import { type Dashboard, serveDashboard } from './serve-dashboard'

/** Until the test is over. */
export async function startDashboard(can?: readonly Permission[]): Promise<Dashboard> {
  const dashboard = await serveDashboard(can)
  onTestFinished(dashboard.close)
  return dashboard
}

/** A browser that goes to dashboards, and sees whether they keep to their origin and their policy. */
export function openDashboards() {
  const browser = openBrowser()
  return {
    async open(
      dashboard: Dashboard,
      look: Partial<Look> = {},
      search = '',
      { clock = false } = {},
    ) {
      const opened = await browser.newPage({ width: 1280, height: 900, ...look })
      const { page } = opened
      await watch(page, dashboard.origin)
      // The test moves the browser's time, and never waits for it.
      if (clock) await page.clock.install()
      await page.goto(`${dashboard.url}${search}`)
      await loaded(page)
      return opened
    },
    newPage: browser.newPage,
  }
}

/** The test fails on a request to elsewhere, and on whatever the policy of the page forbids. */
async function watch(page: Page, origin: string): Promise<void> {
  const elsewhere: string[] = []
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) elsewhere.push(url)
  })
  await page.addInitScript(() => {
    // The browser of the tests fails the test on a console error.
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`the policy forbids ${violatedDirective} of ${blockedURI}`)
    })
  })
  onTestFinished(() => expect(elsewhere).toEqual([]))
}

/**
 * Waits until every part of the page has its answer, and the page has told of when its numbers are: the
 * last that it does before it waits for the next ones.
 */
export async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('[aria-busy], main .body:empty:not([hidden] *)') === null &&
      document.querySelector('#fresh')?.textContent !== 'Loading…',
  )
}

/** What stands in the rows of a table, cell by cell. */
export function rowsOf(page: Page, table: string): Promise<string[][]> {
  return page
    .locator(`[data-key="${table}"] tbody tr`)
    .evaluateAll((rows) =>
      rows.map((row) =>
        Array.from(row.children, (cell) => (cell.textContent ?? '').replace(/\s+/g, ' ').trim()),
      ),
    )
}

/** Fails on every finding, of whatever weight. */
export async function checkFindings(page: Page): Promise<void> {
  const { violations } = await page.evaluate<AxeResults>(
    `${axe.source}; axe.run({ preload: false, resultTypes: ['violations'] })`,
  )
  expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([])
}

/** Keeps a picture of the whole page from its top, where its head stands. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0))
  await screenshot(page, `dashboard-${name}`)
}
