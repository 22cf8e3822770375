// For tests: pages in a real browser.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import axe, { type AxeResults } from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { chromiumPath } from '../../../test/servers/chromium'

/** How somebody looks at a page. */
export interface Look {
  readonly width: number
  readonly height: number
  readonly colorScheme?: 'light' | 'dark'
  /** The browser's language: `fa-IR`. */
  readonly locale?: string
  /** Off for those who let no script run. */
  readonly javaScriptEnabled?: boolean
}

export interface OpenedPage {
  readonly page: Page
  /** What went wrong in the page so far, which then no longer fails the test. */
  takeProblems(): readonly string[]
}

/** A browser that has to be installed first takes minutes. */
const installationMs = 600_000

const screenshots = fileURLToPath(new URL('../../../test-artefacts/screenshots/', import.meta.url))

/** One browser for the tests of a file. Call it outside of them. */
export function openBrowser() {
  let browser: Browser | undefined
  beforeAll(async () => {
    const isRoot = process.getuid?.() === 0
    browser = await chromium.launch({
      executablePath: await chromiumPath(),
      timeout: 120_000,
      // Chromium's sandbox refuses to run as root.
      chromiumSandbox: !isRoot,
      args: [
        ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update'],
      ],
    })
  }, installationMs)
  afterAll(() => browser?.close())

  return {
    /**
     * An empty page with cookies of its own. The test fails on everything that goes wrong in it: an
     * error, a console error such as a violated policy, a file that is missing, an answer of 5xx.
     */
    newPage: async (look: Look): Promise<OpenedPage> => {
      if (browser === undefined) throw new Error('openBrowser() belongs outside of the tests')
      const { width, height, colorScheme = 'light', locale = 'en-GB' } = look
      const { javaScriptEnabled = true } = look
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme,
        locale,
        reducedMotion: 'reduce',
        javaScriptEnabled,
      })
      const page = await context.newPage()
      // Below the patience of a test, so that the page's own words tell what is missing.
      page.setDefaultTimeout(60_000)
      const problems = watch(page)
      onTestFinished(async () => {
        await context.close()
        if (problems.length > 0) throw new Error(`In the page:\n${problems.join('\n')}`)
      })
      return { page, takeProblems: () => problems.splice(0) }
    },
  }
}

/**
 * Stops the time of a page that has not been opened yet: from then on it passes only when the test says
 * so, and a slow machine is not late for anything.
 */
export async function stopClock(page: Page): Promise<void> {
  const now = Date.now()
  // Until it is stopped it runs, and it cannot be stopped in its past: so it begins well before.
  await page.clock.install({ time: now - 3_600_000 })
  await page.clock.pauseAt(now)
}

/** Problems of the page, as they come. */
function watch(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`Error: ${error.message}`))
  page.on('console', (entry) => {
    // The response tells it better, and a refused request is no problem of the page.
    const isStatus = entry.text().startsWith('Failed to load resource: the server responded with')
    if (entry.type() === 'error' && !isStatus) problems.push(`Console: ${entry.text()}`)
  })
  page.on('response', (response) => {
    const isAsked = response.request().resourceType() === 'fetch'
    if (response.status() >= (isAsked ? 500 : 400)) {
      problems.push(`${response.status()} for ${response.url()}`)
    }
  })
  return problems
}

/** @throws `Error` with every serious or critical finding, and where it is. */
export async function checkAccessibility(page: Page): Promise<void> {
  // Evaluated in place of loaded, and without copies of the styles: the page's policy lets in neither.
  const run = `${axe.source}; axe.run({ preload: false })`
  const { violations } = await page.evaluate<AxeResults>(run)
  const findings = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => {
      const places = nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary ?? ''}`)
      return `${help} (${id}):\n${places.join('\n')}`
    })
  if (findings.length > 0) throw new Error(`Not accessible:\n${findings.join('\n')}`)
}

/** @throws `Error` when the page is wider than its window. */
export async function checkFits(page: Page): Promise<void> {
  const [wide, most] = await page.evaluate(() => [
    document.scrollingElement?.scrollWidth ?? 0,
    window.innerWidth,
  ])
  if (Number(wide) > Number(most)) throw new Error(`The page is ${wide} px wide, of ${most}`)
}

/** Keeps the whole page as `test-artefacts/screenshots/<name>.png`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true })
  await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true })
}
