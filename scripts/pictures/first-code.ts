// The page that asks for a code, and the terminal that has printed it.
import type { Page } from 'playwright-core'
import { startExample } from './example'
import { type Picture, wordsOf } from './picture'

const number = '+91 81234 56789'

export const firstCode: Picture = {
  name: 'first-code',
  async show(browser, scheme) {
    const example = await startExample('express-operators')
    const looks = { colorScheme: scheme, locale: 'en-GB', deviceScaleFactor: 1.4 } as const
    const context = await browser.newContext({ ...looks, viewport: { width: 520, height: 522 } })
    const started = example.printed().split('\n').length - 1
    const page = await context.newPage()
    await page.goto(`${example.url}/operator/register`)
    const code = await ask(page)
    await example.waitFor(code)
    const [main = ''] = await page.locator('main').allInnerTexts()
    const photo = (await page.screenshot()).toString('base64')
    const lines = terminalOf(example.printed(), started, code)
    await example.close()

    const both = await browser.newPage({ ...looks, viewport: { width: 1180, height: 594 } })
    await both.setContent(sideBySide(photo, lines, scheme))
    return {
      page: both,
      texts: wordsOf([main, ...lines].join('\n'), code),
      close: () => context.close(),
    }
  },
}

/** Fills the form in as far as the code, which the page shows in development too. */
async function ask(page: Page): Promise<string> {
  await page.locator('#company_name').fill('Asha Travels')
  await page.locator('#username').fill('asha')
  await page.locator('#phone').fill(number)
  await page.locator('#verify-mobile').click()
  await page.locator('#otp:focus').waitFor()
  const [panel = ''] = await page.locator('#verify-panel').allInnerTexts()
  const [code] = /\b\d{6}\b/.exec(panel) ?? []
  if (code === undefined) throw new Error('the page shows no code')
  await page.locator('#otp').fill(code)
  // Past the arrival of the panel, with the number above it.
  await page.locator('#phone').evaluate((field) => {
    window.scrollTo(0, field.getBoundingClientRect().top + window.scrollY - 50)
  })
  return code
}

/** What a newcomer reads there: the first lines, and the message. The log between them is left out. */
function terminalOf(printed: string, started: number, code: string): string[] {
  const lines = printed
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://localhost:3000')
    .split('\n')
  const withCode = lines.flatMap((line, index) => (line.includes(code) ? [index] : []))
  const message = lines.slice(withCode[0], (withCode.at(-1) ?? 0) + 1)
  return ['$ npm start', ...lines.slice(0, started), '', ...message]
}

function sideBySide(photo: string, lines: readonly string[], scheme: 'light' | 'dark'): string {
  const escaped = lines.join('\n').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const [ground, ink, edge] =
    scheme === 'dark' ? ['#0d1117', '#e6edf3', '#3d444d'] : ['#ffffff', '#1f2328', '#d1d9e0']
  return `<!doctype html><style>
    body { margin: 0; padding: 20px; display: flex; gap: 20px; background: ${ground}; color: ${ink} }
    figure { margin: 0; border: 1px solid ${edge}; border-radius: 10px; overflow: hidden; flex: none }
    figcaption { padding: 6px 14px; border-bottom: 1px solid ${edge}; font: 13px sans-serif; opacity: .8 }
    img { display: block; width: 520px }
    .terminal { flex: 1 }
    pre { margin: 0; padding: 14px; font: 13px/1.55 monospace; white-space: pre-wrap; overflow-wrap: anywhere }
  </style>
  <figure class="terminal"><figcaption>Terminal</figcaption><pre>${escaped}</pre></figure>
  <figure><figcaption>localhost:3000/operator/register</figcaption>
    <img src="data:image/png;base64,${photo}" alt="">
  </figure>`
}
