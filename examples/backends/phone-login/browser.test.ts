import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { eventually } from '../../../test/servers/process'
import { onFastify } from '../http/fastify'
import { checkAccessibility, openBrowser, screenshot, stopClock } from '../testing/browser'
import { startPhoneLogin } from './start-phone-login'

const browser = openBrowser()

async function start() {
  const site = await startPhoneLogin({ framework: onFastify })
  const { page } = await browser.newPage({ width: 390, height: 844, locale: 'fa-IR' })
  const askForCode = async (tab: Page) => {
    await tab.goto(site.url)
    await tab.locator('#phone').fill('۰۹۱۲۳۴۵۶۷۸۹')
    await tab.locator('#phone-step button').click()
    await tab.locator('#code:focus').waitFor()
  }
  /** How often a code was submitted. */
  const submissions = () =>
    site.logged.filter(({ route }) => route === '/api/v1/usr/otp/verify').length
  return { ...site, page, askForCode, submissions }
}

it('submits a code once, however often it is told to', async () => {
  const { page, askForCode, kavenegar, submissions } = await start()
  await askForCode(page)
  await page.locator('#code').fill(kavenegar.lastCode())
  await page.locator('#code-step').evaluate((form) => {
    if (!(form instanceof HTMLFormElement)) throw new Error('there is no form')
    form.requestSubmit()
    form.requestSubmit()
  })
  await page.locator('#account-phone').getByText('+989123456789').waitFor()
  await page.evaluate(() => navigator.locks.request('tokens', () => {}))
  expect(submissions()).toBe(1)
})

it('logs in both tabs of a browser in which one code is typed twice', async () => {
  const { page, askForCode, kavenegar, submissions } = await start()
  const other = await page.context().newPage()
  for (const tab of [page, other]) await askForCode(tab)
  const code = kavenegar.lastCode()
  for (const tab of [page, other]) await tab.locator('#code').fill(code)
  // The first answer comes once the other tab has submitted too, and waits for its turn.
  await page.route('**/otp/verify', async (route) => {
    const response = await route.fetch()
    const waiting = () =>
      other.evaluate(async () => (await navigator.locks.query()).pending?.length)
    await eventually(async () => expect(await waiting()).toBe(1))
    await route.fulfill({ response })
  })
  const submitted = page.waitForRequest('**/otp/verify')
  await page.locator('#code-step button[type=submit]').click()
  await submitted
  await other.locator('#code-step button[type=submit]').click()
  for (const tab of [page, other]) {
    await tab.locator('#account-phone').getByText('+989123456789').waitFor()
  }
  expect(submissions()).toBe(2)
  await page.reload()
  await page.locator('#account-phone').getByText('+989123456789').waitFor()
})

it('says of a code that was used elsewhere that it was, and logs nobody in', async () => {
  const { page, askForCode, kavenegar, verify } = await start()
  await askForCode(page)
  const code = kavenegar.lastCode()
  expect((await verify(code)).status).toBe(200)
  await page.locator('#code').fill(code)
  await page.locator('#code-step button[type=submit]').click()
  await page.locator('#problem').getByText('این کد پیش‌تر به کار رفته است').waitFor()
  await checkAccessibility(page)
  expect(await page.locator('#dashboard').isHidden()).toBe(true)
  expect(await page.evaluate(() => localStorage.length)).toBe(0)
})

it('shows that a code is being sent, without the mistake of before', async () => {
  const { page, url } = await start()
  await page.goto(url)
  await page.locator('#phone').fill('0912')
  await page.locator('#phone-step button').click()
  await page.locator('#phone[aria-invalid=true]').waitFor()
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/api/v1/usr/otp', async (route) => {
    await released
    await route.continue()
  })
  await page.locator('#phone').fill('09123456789')
  await page.locator('#phone-step button').click()
  await page.locator('#phone-step button[data-waits]').waitFor()
  expect(await page.locator('#problem').textContent()).toBe('')
  await checkAccessibility(page)
  await screenshot(page, 'phone-login-waiting')
  release()
  await page.locator('#code:focus').waitFor()
  expect(await page.locator('[data-waits]').count()).toBe(0)
  expect(await page.locator('#status').textContent()).toMatch(/^کد ساعت .+ فرستاده شد\.$/)
  await screenshot(page, 'phone-login-code')
})

it('tells of a server that does not answer for 15 seconds', async () => {
  const { page, url } = await start()
  await stopClock(page)
  await page.goto(url)
  await page.locator('#phone').fill('09123456789')
  await page.route('**/api/v1/usr/otp', () => {})
  await page.locator('#phone-step button').click()
  await page.locator('#phone-step button[data-waits]').waitFor()
  await page.clock.fastForward(15_000)
  await page.locator('#problem').getByText('سرور پاسخ نمی‌دهد').waitFor()
  expect(await page.locator('[data-waits]').count()).toBe(0)
})

it('counts down to the next message, and keeps the step through a reload', async () => {
  const { page, askForCode, kavenegar } = await start()
  await stopClock(page)
  await askForCode(page)
  const resend = page.locator('#resend')
  expect(await resend.textContent()).toMatch(/^ارسال دوباره تا ۰:(۳۰|۲\d) دیگر$/)
  await resend.click({ force: true })
  expect(kavenegar.forms()).toHaveLength(1)
  await page.reload()
  await page.locator('#code:focus').waitFor()
  expect(await resend.getAttribute('aria-disabled')).toBe('true')
  expect(await page.locator('#sent-phone').textContent()).toBe('۰۹۱۲۳۴۵۶۷۸۹')
  await page.clock.fastForward(31_000)
  expect(await resend.textContent()).toBe('ارسال دوباره کد')
  await resend.click()
  await page.locator('#resend[aria-disabled=true]').waitFor()
  expect(kavenegar.forms()).toHaveLength(2)
  await page.locator('#code').fill(kavenegar.lastCode())
  await page.locator('#code-step button[type=submit]').click()
  await page.locator('#account-phone').getByText('+989123456789').waitFor()
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
})

it('gives whoever asks too often the field for the code that came', async () => {
  const { page, askForCode, kavenegar, send } = await start()
  for (let sent = 0; sent < 3; sent += 1) expect((await send()).status).toBe(200)
  await askForCode(page)
  await page.locator('#problem').getByText('اگر کدی رسیده است، اینجا وارد کنید').waitFor()
  expect(await page.locator('#resend').getAttribute('aria-disabled')).toBe('true')
  await checkAccessibility(page)
  await screenshot(page, 'phone-login-early')
  await page.locator('#code').fill(kavenegar.lastCode())
  await page.locator('#code-step button[type=submit]').click()
  await page.locator('#account-phone').getByText('+989123456789').waitFor()
})
