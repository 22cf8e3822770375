import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { eventually } from '../../../test/servers/process'
import { onFastify } from '../http/fastify'
import { checkAccessibility, openBrowser } from '../testing/browser'
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
