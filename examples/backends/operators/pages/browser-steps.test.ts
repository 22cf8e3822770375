import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { onExpress } from '../../http/express'
import { checkAccessibility, checkFits, openBrowser, screenshot } from '../../testing/browser'
import { phone, startBackend, user, wrong } from '../start-backend'

const browser = openBrowser()

async function start(locale = 'en-GB') {
  const backend = await startBackend(onExpress)
  const { page } = await browser.newPage({ width: 390, height: 844, locale })
  const at = (selector: string) => page.locator(selector)
  const code = async () => {
    await backend.settled()
    return backend.deliveries.sms.lastCode(phone)
  }
  const check = async (state: string) => {
    await checkFits(page)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await checkAccessibility(page)
      await screenshot(page, `steps-${state}-${colorScheme}`)
    }
  }
  return { ...backend, page, at, code, check }
}

/** Everything that the tab keeps. */
const keptBy = (page: Page) => page.evaluate(() => JSON.stringify(sessionStorage))

async function askToRegister(page: Page, url: string) {
  await page.goto(`${url}/operator/register`)
  await page.locator('#company_name').fill('Asha Travels')
  await page.locator('#username').fill('asha')
  await page.locator('#password').fill('a long password')
  await page.locator('#phone').fill(phone)
  await page.locator('#verify-mobile').click()
  await page.locator('#otp:focus').waitFor()
}

async function askToLogIn(page: Page, url: string) {
  await page.goto(`${url}/operator/login`)
  await page.locator('#by-code').click()
  await page.locator('#contact').fill(phone)
  await page.locator('#contact-step button[type=submit]').click()
  await page.locator('#otp:focus').waitFor()
}

it('a registration survives reloads: what was typed, the code that came, and its end', async () => {
  const { url, page, at, code, check } = await start()
  await askToRegister(page, url)
  await at('#otp').fill(wrong(await code()))
  await at('#verify-panel button[type=submit]').click()
  await at('#otp[aria-invalid=true]').waitFor()
  expect(await keptBy(page)).toContain('Asha Travels')
  expect(await keptBy(page)).not.toMatch(new RegExp(`${wrong(await code())}|long password`))

  await page.reload()
  await at('#otp:focus').waitFor()
  expect(await at('#company_name').inputValue()).toBe('Asha Travels')
  expect(await at('#password').inputValue()).toBe('')
  expect(await at('#otp-hint').textContent()).toContain(phone)
  expect(await at('#verify-panel [name=resend]').textContent()).toMatch(/^Send again in 0:\d\d$/)
  await check('register-reloaded')
  await at('#otp').fill(await code())
  await at('#otp').press('Enter')
  await at('#mobile-verified').waitFor()
  await at('#password').fill('a long password')
  await at('#register button[type=submit].main').last().click()
  await at('#done-title:focus').waitFor()
  expect(await keptBy(page)).not.toMatch(/Asha|9876/)

  await page.reload()
  await at('#done-title:focus').waitFor()
  await at('#done-verified').waitFor()
  await page.goto(`${url}/operator/register`)
  expect(await at('#company_name').inputValue()).toBe('')
})

it('who asks again too early gets the field for the code that came', async () => {
  const { url, page, at, code, check } = await start('fa-IR')
  await askToRegister(page, url)
  // As a tab does that was closed and opened anew.
  await page.evaluate(() => sessionStorage.clear())
  await askToRegister(page, url)
  expect(await at('[name=resend]').getAttribute('aria-disabled')).toBe('true')
  expect(await at('#register-problem').textContent()).toBe('')
  await check('register-early')
  await at('#otp').fill(await code())
  await at('#otp').press('Enter')
  await at('#mobile-verified').waitFor()
})

it('the log-in goes back step by step, and forth, through a reload and to another contact', async () => {
  const { url, page, at, code, check, registered, clock } = await start()
  await registered()
  clock.advance(30_000)
  await askToLogIn(page, url)
  expect(await page.title()).toBe('Type the code · Bus operators')
  expect(await at('#otp-hint').textContent()).toBe(
    `If ${phone} belongs to an account, a code is on its way by SMS. It is good for 5 minutes.`,
  )
  await check('login-code')
  await page.goBack()
  await at('#contact-step').waitFor()
  expect(await at('#contact').inputValue()).toBe(phone)
  await page.goBack()
  await at('#password-step').waitFor()
  await page.goForward()
  await page.goForward()
  await at('#otp:focus').waitFor()
  await page.reload()
  await at('#otp:focus').waitFor()
  await at('#other-contact').click()
  await at('#contact-step button[type=submit]').click()
  await at('#otp:focus').waitFor()
  expect(await at('#otp-hint').textContent()).toContain('If one has come, type it here.')
  await at('#otp').fill(await code())
  await at('#use-code').click()
  await page.waitForURL(/\/operator$/)
})

it('after several wrong tries the way on stands out', async () => {
  const { url, page, at, code, check, registered, clock } = await start()
  await registered()
  clock.advance(30_000)
  await askToLogIn(page, url)
  for (const tries of [1, 2, 3]) {
    await at('#otp').fill(wrong(await code()))
    await at('#use-code').click()
    await at('#otp[aria-invalid=true]:focus').waitFor()
    expect(await at('[name=resend].main').count(), `${tries} tries`).toBe(tries === 3 ? 1 : 0)
  }
  expect(await at('#otp-hint').textContent()).toBe('Send the code again: a new one helps.')
  await check('login-tries')
})

it('a code that verified the number before goes on with the registration', async () => {
  const { url, page, at, code, post } = await start()
  await askToRegister(page, url)
  const otp = await code()
  const verified = await post('/api/users/verify-otp/', { mobile: phone, otp })
  expect(verified.status).toBe(200)
  await at('#otp').fill(otp)
  await at('#otp').press('Enter')
  await at('#mobile-verified').waitFor()
  await at('#register button[type=submit].main').last().click()
  await at('#done-verified').waitFor()
})

it('Enter in the number sends the code, and the focus goes to what is wrong now', async () => {
  const { url, page, at } = await start()
  await page.goto(`${url}/operator/register`)
  await at('#register button[type=submit].main').last().click()
  await at('#company_name[aria-invalid=true]:focus').waitFor()
  await at('#phone').fill('+91 98765 4321')
  await at('#phone').press('Enter')
  await at('#phone[aria-invalid=true]').waitFor()
  await at('#phone:focus').waitFor()
  await at('#phone').fill(phone)
  await at('#phone').press('Enter')
  await at('#otp:focus').waitFor()
  await at('#change-number').click()
  await at('#phone:focus').waitFor()
  expect(await at('#verify-panel').isHidden()).toBe(true)
})

it('too many passwords: the button counts down, until something else is typed', async () => {
  const { url, page, at, post, registeredUser } = await start()
  await registeredUser()
  const attempt = { username: user.username, password: 'another password' }
  let status = 0
  for (let tries = 0; tries < 30 && status !== 429; tries += 1) {
    status = (await post('/auth/login', attempt)).status
  }
  expect(status).toBe(429)
  await page.goto(`${url}/operator/login`)
  await at('#username').fill(user.username)
  await at('#password').fill('another password')
  const submit = at('#password-step button[type=submit]')
  await submit.click()
  await at('#password-step button[type=submit][aria-disabled=true]').waitFor()
  expect(await submit.textContent()).toMatch(/^Again in [\d:]+$/)
  await at('#username').fill('somebody')
  expect(await submit.textContent()).toBe('Log in')
})
