import { createServer, type Server } from 'node:http'
import axe, { type AxeResults } from 'axe-core'
import type { History, HistoryEvent } from 'otpkit'
import { createDashboard, type Permission } from 'otpkit/dashboard'
import { memoryHistory } from 'otpkit/histories/memory'
import { toNodeHandler } from 'otpkit/http'
import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { type Look, openBrowser, screenshot } from '../../examples/backends/testing/browser'
import { createFixture, noLimits } from '../fixture'

export const hourMs = 3_600_000

/** A manager whose events go into the history of a dashboard that is served at `url`. */
export async function startDashboard(can: readonly Permission[] = ['find', 'unlock']) {
  const fixture = createFixture({
    purposes: {
      // Of the limits only the wait between messages stands, so that the run is refused where it means to be.
      login: { limits: { ...noLimits, cooldown: '30s' } },
      signup: { limits: noLimits },
    },
  })
  const { otp, clock } = fixture
  // Far from the borders of hours, whichever zone the browser lives in.
  clock.advance(hourMs - (clock.now() % hourMs) + 20 * 60_000)
  const kept = memoryHistory({ clock: clock.now })
  otp.subscribe(kept.record)
  const down = { history: false }
  const failing = <Method extends (...args: never[]) => Promise<unknown>>(method: Method) =>
    ((...args: Parameters<Method>) =>
      down.history ? Promise.reject(new Error('history is down')) : method(...args)) as Method
  const history: History = {
    ...kept,
    counts: failing(kept.counts),
    events: failing(kept.events),
  }
  const viewer = { name: 'asha@example.com', can, isSignedIn: true }
  const handler = createDashboard({
    otp,
    history,
    clock: clock.now,
    authorize: () => viewer.isSignedIn && { name: viewer.name, can: viewer.can },
  })
  const server = createServer(toNodeHandler(handler))
  const { port } = await listen(server)
  const origin = `http://127.0.0.1:${port}`
  return {
    ...fixture,
    history,
    down,
    viewer,
    origin,
    url: `${origin}/admin/otp/`,
    /** An event as it might come from a history that somebody else wrote to. */
    plant: (event: HistoryEvent) => kept.record(event),
  }
}

/** Listens on a free port of this machine until the test is over. */
export async function listen(server: Server): Promise<{ readonly port: number }> {
  await new Promise<void>((resolve) => server.listen(0, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address
}

export type Dashboard = Awaited<ReturnType<typeof startDashboard>>

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

/** Waits until every part of the page has its answer. */
export async function loaded(page: Page): Promise<void> {
  await page.waitForFunction(
    () => document.querySelector('[aria-busy], main .body:empty:not([hidden] *)') === null,
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
