import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { onExpress } from '../../http/express'
import { checkAccessibility, openBrowser } from '../../testing/browser'
import { phone, startBackend } from '../start-backend'

const browser = openBrowser()

async function start() {
  const backend = await startBackend(onExpress)
  await backend.registered()
  backend.clock.advance(30_000)
  const { page } = await browser.newPage({ width: 1280, height: 800 })
  const askForCode = async (tab: Page) => {
    await tab.goto(`${backend.url}/operator/login`)
    await tab.locator('#by-code').click()
    await tab.locator('#contact').fill(phone)
    await tab.locator('#contact-step button[type=submit]').click()
    await tab.locator('#otp:focus').waitFor()
    await backend.settled()
  }
  const code = () => backend.deliveries.sms.lastCode(phone)
  return { ...backend, page, askForCode, code }
}

it('a code that is submitted twice by one form logs in once', async () => {
  const { page, askForCode, code, logged } = await start()
  await askForCode(page)
  await page.locator('#otp').fill(code())
  await page.locator('#code-step').evaluate((form) => {
    if (!(form instanceof HTMLFormElement)) throw new Error('there is no form')
    form.requestSubmit()
    form.requestSubmit()
  })
  await page.waitForURL(/\/operator$/)
  await page.locator('#company').getByText('Test Bus Company').waitFor()
  expect(logged.filter(({ route }) => route === '/auth/login')).toHaveLength(1)
})

it('a code that was used in another tab leads on to the account', async () => {
  const { page, askForCode, code, clock } = await start()
  const other = await page.context().newPage()
  await askForCode(page)
  clock.advance(30_000)
  await askForCode(other)
  for (const tab of [page, other]) {
    await tab.locator('#otp').fill(code())
    await tab.locator('#code-step button[type=submit]').click()
    await tab.waitForURL(/\/operator$/)
  }
  await other.locator('#company').getByText('Test Bus Company').waitFor()
})

it('a code that was used elsewhere is told to be used, and logs nobody in', async () => {
  const { page, askForCode, code, post } = await start()
  await askForCode(page)
  const login = { contact: phone, contact_type: 'sms', otp: code() }
  expect((await post('/auth/login', login)).status).toBe(200)
  await page.locator('#otp').fill(code())
  await page.locator('#code-step button[type=submit]').click()
  await page.locator('#otp[aria-invalid=true]').waitFor()
  expect(await page.locator('#otp-wrong').textContent()).toBe(
    'This code was used already. Go on, or ask for a new one',
  )
  await checkAccessibility(page)
  expect(await page.context().cookies()).toEqual([])
})
