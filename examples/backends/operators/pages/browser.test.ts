import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { onExpress } from '../../http/express'
import { checkAccessibility, checkFits, openBrowser, screenshot } from '../../testing/browser'
import { openApiProblems } from '../../testing/openapi-problems'
import { adminToken, phone, startBackend, wrong } from '../start-backend'
import { readTexts } from './pages'

const browser = openBrowser()

const persian = (digits: string) =>
  digits.replace(/\d/g, (digit) => String.fromCodePoint(0x06f0 + Number(digit)))

/** Each as somebody sees it, and as they type digits. */
const looks = [
  { name: 'desktop', width: 1280, height: 800, language: 'en', locale: 'en-GB', typed: String },
  { name: 'phone', width: 390, height: 844, language: 'en', locale: 'en-GB', typed: String },
  { name: 'persian', width: 390, height: 844, language: 'fa', locale: 'fa-IR', typed: persian },
] as const

describe.each(looks)('the pages, as seen on $name,', ({ name, language, typed, ...look }) => {
  const texts = readTexts(language)
  const t = (text: string) => texts[text] ?? text

  /** What every state of a page has to stand, in the light and in the dark. */
  async function check(page: Page, state: string) {
    await checkFits(page)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await checkAccessibility(page)
      await screenshot(page, `${name}-${state}-${colorScheme}`)
    }
  }

  async function start() {
    const backend = await startBackend(onExpress)
    const { page } = await browser.newPage(look)
    // The page's half minutes pass when the test says so.
    await page.clock.install()
    const open = (path: string) => page.goto(backend.url + path)
    const button = (text: string) => page.getByRole('button', { name: t(text), exact: true })
    const field = (text: string) => page.getByRole('textbox', { name: t(text) })
    const says = (text: string) =>
      page.getByText(t(text)).filter({ visible: true }).first().waitFor()
    const lastCode = async () => {
      await backend.settled()
      return backend.deliveries.sms.lastCode(phone)
    }
    const halfAMinute = async () => {
      backend.clock.advance(30_000)
      await page.clock.fastForward(30_000)
    }
    return { ...backend, page, open, button, field, says, lastCode, halfAMinute }
  }

  type Visit = Awaited<ReturnType<typeof start>>

  async function register(visit: Visit) {
    const { page, open, button, field, says, lastCode, halfAMinute, deliveries } = visit
    await open('/')
    expect(await page.evaluate(() => document.dir)).toBe(language === 'fa' ? 'rtl' : 'ltr')
    await check(page, 'index')
    await page.getByRole('link', { name: t('Register your bus company') }).click()
    await field('Company name').fill('Asha Travels')
    await field('Username').fill('asha')

    await field('Mobile number').fill(typed('+91 98765 4321'))
    await button('Verify mobile').click()
    await page.locator('#phone[aria-invalid=true]').waitFor()
    await check(page, 'register-mistyped')

    await field('Mobile number').fill(typed('+91 98765 43210'))
    await button('Verify mobile').click()
    await page.locator('#otp:focus').waitFor()
    const code = await lastCode()
    await field('Code').fill(typed(wrong(code)))
    await button('Verify').click()
    await says('This code is wrong or no longer good. After a few tries only a new one works.')

    const resend = page.locator('button[name=resend]')
    expect(await resend.getAttribute('aria-disabled')).toBe('true')
    const before = await resend.textContent()
    await page.clock.fastForward(10_000)
    await page.waitForFunction(
      ([shown]) => document.querySelector('button[name=resend]')?.textContent !== shown,
      [before],
    )
    await resend.click({ force: true })
    await visit.settled()
    expect(deliveries.sms.messages).toHaveLength(1)
    await check(page, 'register-wrong-code')
    await halfAMinute()
    await button('Send the code again').click()
    await page.locator('button[name=resend][aria-disabled=true]').waitFor()
    expect(await lastCode()).toBe(code)
    expect(deliveries.sms.messages).toHaveLength(2)

    await field('Code').fill(typed(`${code.slice(0, 3)} ${code.slice(3)}`))
    await button('Verify').click()
    await page.locator('#mobile-verified').waitFor()
    await check(page, 'register-verified')
    await page.locator('#password').fill('a long password')
    await button('Register').click()
    await page.locator('#done-title:focus').waitFor()
    await page.locator('#done-verified').waitFor()
    await check(page, 'registered')
  }

  async function logOut({ page, button }: Visit) {
    await button('Log out').click()
    await page.waitForURL(/\/operator\/login/)
  }

  async function logIn(visit: Visit) {
    const { page, button, field, says, lastCode, halfAMinute } = visit
    await logOut(visit)
    await check(page, 'login')
    await field('Username, e-mail address or mobile number').fill('asha')
    await page.locator('#password').fill('another password')
    await button('Log in').click()
    await says('Wrong username or password')
    await check(page, 'login-wrong')
    await page.locator('#password').fill('a long password')
    await button('Log in').click()
    await page.waitForURL(/\/operator$/)

    await logOut(visit)
    await button('Log in with a code').click()
    await field('Mobile number').fill(typed(phone))
    await check(page, 'login-contact')
    await halfAMinute()
    await button('Send the code').click()
    await page.locator('#otp:focus').waitFor()
    await check(page, 'login-code')
    await field('Code').fill(typed(await lastCode()))
    await button('Log in').click()
    await page.waitForURL(/\/operator$/)
  }

  async function upload({ page, button, says }: Visit) {
    const choose = (name: string, mimeType: string) =>
      page
        .locator('#file')
        .setInputFiles({ name, mimeType, buffer: Buffer.from('%PDF-1.4 licence') })
    await choose('licence.txt', 'text/plain')
    await button('Upload').click()
    await says('Must be a PDF, PNG or JPEG file')
    await check(page, 'account-wrong-file')
    await choose('licence.pdf', 'application/pdf')
    await button('Upload').click()
    await page.getByRole('link', { name: 'licence.pdf' }).waitFor()
    await check(page, 'account-uploaded')
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'licence.pdf' }).click()
    expect((await downloading).suggestedFilename()).toBe('licence.pdf')
  }

  async function approve({ url, notices }: Visit) {
    const { page } = await browser.newPage(look)
    const button = (text: string) => page.getByRole('button', { name: t(text), exact: true })
    await page.goto(`${url}/admin`)
    await page.locator('#token').fill('not the token')
    await button('Sign in').click()
    await page.getByText(t('Wrong token')).filter({ visible: true }).first().waitFor()
    await check(page, 'admin-wrong-token')
    await page.locator('#token').fill(adminToken)
    await button('Sign in').click()
    await page.locator('#rows').getByText('Asha Travels').waitFor()
    await check(page, 'admin')

    await page.getByRole('row', { name: 'Asha Travels' }).getByRole('button').click()
    await page.getByRole('dialog').getByRole('link', { name: 'licence.pdf' }).waitFor()
    await check(page, 'admin-details')
    await button('Reject').click()
    await page.locator('#decide').click()
    await page.locator('#reason[aria-invalid=true]').waitFor()
    await check(page, 'admin-reason')
    await button('Cancel').click()
    await button('Approve').click()
    await page.locator('#rows').getByText(t('Active'), { exact: true }).waitFor()
    await check(page, 'admin-approved')
    expect(notices.at(-1)).toMatchObject({ channel: 'sms', to: phone })
  }

  it('take an operator from the registration to the approved account', async () => {
    const visit = await start()
    const { page } = visit
    await register(visit)
    await page.getByRole('link', { name: t('Go to your account') }).click()
    await visit.says('Waiting for approval')
    await check(page, 'account-waiting')
    await logIn(visit)
    await upload(visit)
    await approve(visit)
    await page.reload()
    await page.locator('#account-status').getByText(t('Active'), { exact: true }).waitFor()
    await check(page, 'account-active')
  }, 300_000)
})

it('the documentation of the whole API opens in every part', async () => {
  const { url, get } = await startBackend(onExpress)
  const { body } = await get('/openapi.json')
  expect(openApiProblems(body)).toEqual([])
  const { page } = await browser.newPage({ width: 1280, height: 800 })
  await page.goto(`${url}/docs`)
  const operations = page.locator('.opblock-summary-control')
  await operations.first().waitFor()
  const count = await operations.evaluateAll((buttons) => {
    for (const button of buttons) if (button instanceof HTMLElement) button.click()
    return buttons.length
  })
  expect(count).toBeGreaterThan(20)
  await page.waitForFunction(
    ([all]) => document.querySelectorAll('.opblock.is-open .responses-wrapper').length === all,
    [count],
    // Some hundred answers are drawn, on a machine that may have others to test.
    { timeout: 240_000 },
  )
  await screenshot(page, 'docs-operators')
}, 300_000)
