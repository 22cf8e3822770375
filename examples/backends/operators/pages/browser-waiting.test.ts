import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { onExpress } from '../../http/express'
import {
  checkAccessibility,
  checkFits,
  type Look,
  openBrowser,
  screenshot,
  stopClock,
} from '../../testing/browser'
import { phone, startBackend } from '../start-backend'

const browser = openBrowser()

async function start(look: Partial<Look> = {}) {
  const backend = await startBackend(onExpress)
  const { page } = await browser.newPage({ width: 390, height: 844, ...look })
  const code = async () => {
    await backend.settled()
    return backend.deliveries.sms.lastCode(phone)
  }
  return { ...backend, page, code }
}

/** Holds answers back until it is told to let them go. */
async function hold(page: Page, path: string) {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(path, async (route) => {
    await released
    await route.continue()
  })
  return release
}

it('the pressed button shows that a code is being sent, and checked', async () => {
  const { url, page, code } = await start()
  const waiting = page.locator('[data-waits]')
  await page.goto(`${url}/operator/register`)
  await page.locator('#phone').fill(phone)
  const sent = await hold(page, '**/send-otp/')
  await page.locator('#verify-mobile').click()
  await waiting.waitFor()
  expect(await waiting.evaluateAll((all) => all.map(({ id }) => id))).toEqual(['verify-mobile'])
  expect(await page.locator('#announcement').textContent()).toBe('One moment…')
  await checkAccessibility(page)
  await checkFits(page)
  await screenshot(page, 'waiting-register')
  sent()
  await page.locator('#otp:focus').waitFor()
  expect(await waiting.count()).toBe(0)
  expect(await page.locator('#announcement').textContent()).toBe('')

  await page.locator('#otp').fill(await code())
  const checked = await hold(page, '**/verify-otp/')
  // By Enter too, though the form stands elsewhere than its button.
  await page.locator('#otp').press('Enter')
  await waiting.waitFor()
  expect(await waiting.allTextContents()).toEqual(['Verify'])
  checked()
  await page.locator('#mobile-verified').waitFor()
  expect(await waiting.count()).toBe(0)
})

it('a server that does not answer is told after 15 seconds, and can be asked again', async () => {
  const { url, page } = await start()
  await stopClock(page)
  await page.goto(`${url}/operator/login`)
  await page.locator('#username').fill('asha')
  await page.locator('#password').fill('a long password')
  await page.route('**/auth/login', () => {})
  const submit = page.locator('#password-step button[type=submit]')
  await submit.click()
  await page.locator('#password-step [data-waits]').waitFor()
  await page.clock.fastForward(14_000)
  expect(await page.locator('#password-step-problem').textContent()).toBe('')
  await page.clock.fastForward(1_000)
  await page.getByText('The server does not answer. Try again.').waitFor()
  await page.clock.resume()
  await checkAccessibility(page)
  await page.unroute('**/auth/login')
  await submit.click()
  await page.getByText('Wrong username or password').waitFor()
})

it('a form that is filled in before its script has come waits for it', async () => {
  const { url, page } = await start()
  const scriptComes = await hold(page, '**/assets/login.js')
  await page.goto(`${url}/operator/login`, { waitUntil: 'commit' })
  await page.locator('#username').fill('asha')
  await page.locator('#password').fill('a long password')
  await page.locator('#password').press('Enter')
  const submit = page.locator('#password-step button[type=submit]')
  expect(await submit.isDisabled()).toBe(true)
  await screenshot(page, 'waiting-for-the-script')
  scriptComes()
  await submit.click()
  await page.getByText('Wrong username or password').waitFor()
  expect(await page.locator('#username').inputValue()).toBe('asha')
})

it.each(['/operator/register', '/operator/login', '/operator', '/admin'])(
  'without JavaScript %s says so, and sends nothing',
  async (path) => {
    const { url, page } = await start({ javaScriptEnabled: false })
    await page.goto(url + path)
    const notice = page.locator('noscript .notice')
    await notice.waitFor()
    expect(await notice.textContent()).toBe('This page needs JavaScript.')
    expect(await page.locator('button:not([disabled])').count()).toBe(0)
    expect(await page.locator('button').count()).toBeGreaterThan(0)
  },
)
