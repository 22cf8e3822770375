import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { onExpress } from '../../http/express'
import { onFastify } from '../../http/fastify'
import type { WebFramework } from '../../http/site'
import {
  checkAccessibility,
  checkFits,
  type Look,
  openBrowser,
  screenshot,
} from '../../testing/browser'
import { phone, type StartOptions, startBackend, wrong } from '../start-backend'

const browser = openBrowser()

async function start(
  framework: WebFramework,
  look: Partial<Look> = {},
  options: StartOptions = {},
) {
  const backend = await startBackend(framework, options)
  const { page, takeProblems } = await browser.newPage({ width: 390, height: 844, ...look })
  const at = (selector: string) => page.locator(selector)
  const open = (path: string) => page.goto(backend.url + path)
  const check = async (state: string) => {
    await checkFits(page)
    await checkAccessibility(page)
    await screenshot(page, `guidance-${state}`)
  }
  return { ...backend, page, takeProblems, at, open, check }
}

type Visit = Awaited<ReturnType<typeof start>>

async function askByNumber({ open, at }: Visit, number: string) {
  await open('/operator/register')
  await at('#phone').fill(number)
  await at('#verify-mobile').click()
  await at('#otp:focus').waitFor()
}

/** A registration by this browser, which is logged in by it. */
async function register({ open, page }: Visit, username = 'asha') {
  await open('/')
  const status = await page.evaluate(async (name) => {
    const body = { username: name, password: 'a long password', company_name: `${name} Travels` }
    const answer = await fetch('/api/users/register-operator/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return answer.status
  }, username)
  expect(status).toBe(201)
}

/**
 * Until the account has its last answer: before, it would leave for the log-in by itself as soon as
 * the session is over, and what was kept for it may still be there.
 */
const accountIsWhole = ({ at }: Visit) => at('#no-documents').waitFor()

async function logIn(visit: Visit, username: string) {
  const { at } = visit
  await at('#username').fill(username)
  await at('#password').fill('a long password')
  await at('#password-step button[type=submit]').click()
  await accountIsWhole(visit)
}

describe('numbers', () => {
  it('are read as people write them, and shown with the country that they are from', async () => {
    const visit = await start(onExpress, {}, { otp: { countries: ['IN', 'AE', 'US'] } })
    const { open, page, at } = visit
    const asked: unknown[] = []
    await page.route('**/send-otp/', async (route) => {
      asked.push(
        route
          .request()
          .postDataJSON()
          .mobile.replaceAll(/[\s()-]/g, ''),
      )
      await route.fulfill({ status: 400, json: { message: 'Invalid request', errors: [] } })
    })
    await open('/operator/register')
    expect(await at('#phone').getAttribute('placeholder')).toBe('081234 56789')
    const send = async (typed: string) => {
      await at('#phone').fill(typed)
      await at('#phone').press('Enter')
      await page.locator('#register[aria-busy]').waitFor({ state: 'detached' })
      await at('#register-problem:not(:empty)').waitFor()
    }
    const indian = ['9876543210', '098765 43210', '00 91 98765-43210', 'tel:+919876543210']
    for (const typed of [...indian, '919876543210', '+91 98765 43210', '۰۹۸۷۶۵۴۳۲۱۰']) {
      await send(typed)
    }
    expect(new Set(asked)).toEqual(new Set(['+919876543210']))
    expect(asked).toHaveLength(7)
    await send('0097150 123 4567')
    expect(await at('#phone_country').inputValue()).toBe('AE')
    expect(await at('#phone').getAttribute('placeholder')).toBe('050 123 4567')
    await send('050 123 4567')
    await at('#phone_country').selectOption('US')
    await send('(201) 555-0123')
    expect(asked.slice(7)).toEqual(['+971501234567', '+971501234567', '+12015550123'])
  })

  it('that are refused are told what would do', async () => {
    const visit = await start(onFastify, { locale: 'fa-IR' }, { otp: { countries: ['IN', 'IR'] } })
    const { open, at, check } = visit
    await open('/operator/register?lang=en')
    // The country of the browser.
    expect(await at('#phone_country').inputValue()).toBe('IR')
    const send = async (typed: string, words: string) => {
      await at('#phone').fill(typed)
      await at('#phone').press('Enter')
      await at('#phone-wrong').getByText(words).waitFor()
    }
    await send('0912 345 67', 'This is no mobile number of Iran, such as 0912 345 6789.')
    await check('number-of-iran')
    await send('+33 6 12 34 56 78', 'Only numbers of these countries are served: India and Iran.')
    await send('+91 98765', 'Must be a phone number with its country code, such as +919876543210')
  })

  it('need no choice where every country is served', async () => {
    const visit = await start(onExpress, {}, { otp: { countries: 'any' } })
    const { at, deliveries, page } = visit
    await askByNumber(visit, '0033 6 12 34 56 78')
    expect(await at('#phone_country').count()).toBe(0)
    expect(deliveries.sms.messages[0]?.to).toBe('+33612345678')
    await page.goto(`${visit.url}/operator/login#code`)
    await at('#contact').fill('0033 6 12 34 56 78')
    expect(await at('#contact_country').count()).toBe(0)
  })
})

describe('the step of the code', () => {
  it('says where the code went and for how long, and that it is too old', async () => {
    const visit = await start(onFastify)
    const { page, at, check } = visit
    await page.clock.install()
    await askByNumber(visit, '98765 43210')
    const hint = at('#otp-hint')
    expect(await hint.textContent()).toBe(
      'We sent a code to +91 98765 43210 by SMS. It is good for 5 minutes.',
    )
    await page.clock.fastForward(90_000)
    await page.reload()
    await at('#otp:focus').waitFor()
    expect(await hint.textContent()).toBe(
      'We sent a code to +91 98765 43210 by SMS. It is good for 3 minutes.',
    )
    await page.clock.fastForward(211_000)
    await hint.getByText('This code is too old by now. Send a new one.').waitFor()
    expect(await at('[name=resend].main').count()).toBe(1)
    await check('too-old')
    await at('#change-number').click()
    await at('#phone:focus').waitFor()
    expect(await at('#phone').inputValue()).toBe('98765 43210')
  })

  it('offers another way once another message may be sent', async () => {
    const visit = await start(onExpress)
    const { page, at, check, clock, deliveries, settled } = visit
    await page.clock.install()
    await askByNumber(visit, phone)
    const ways = at('#verify-panel .ways')
    expect(await ways.isHidden()).toBe(true)
    clock.advance(30_000)
    await page.clock.fastForward(31_000)
    await ways.waitFor()
    const names = ways.getByRole('button').filter({ visible: true })
    expect(await names.allTextContents()).toEqual(['Send by WhatsApp', 'Call me'])
    await check('other-ways')
    await ways.getByText('Call me').click()
    await at('#otp-hint').getByText('by a call').waitFor()
    await settled()
    expect(deliveries.voice.messages.map(({ to }) => to)).toEqual([phone])
    expect(await ways.isHidden()).toBe(true)
    await at('#otp').fill(`Your code is ${deliveries.voice.lastCode(phone)}. Do not share it.`)
    await at('#otp').press('Enter')
    await at('#mobile-verified').waitFor()
  })

  it('of a log-in goes another way too, and to an address no other', async () => {
    const visit = await start(onFastify)
    const { page, at, open, clock, deliveries, settled, registered } = visit
    await registered()
    clock.advance(30_000)
    await page.clock.install()
    await open('/operator/login#code')
    await at('#contact').fill('98765 43210')
    await at('#contact-step button[type=submit]').click()
    await at('#otp:focus').waitFor()
    clock.advance(30_000)
    await page.clock.fastForward(31_000)
    await at('#code-step .ways').getByText('Send by WhatsApp').click()
    await at('#otp-hint').getByText('by WhatsApp').waitFor()
    await settled()
    await at('#otp').fill(deliveries.whatsapp.lastCode(phone))
    await at('#use-code').click()
    await accountIsWhole(visit)

    await page.context().clearCookies()
    await open('/operator/login#code')
    await at('#contact_type').selectOption('email')
    expect(await at('#contact_country').isHidden()).toBe(true)
    await at('#contact').fill('asha@example.com')
    await at('#contact-step button[type=submit]').click()
    await at('#otp:focus').waitFor()
    await page.clock.fastForward(31_000)
    await at('[name=resend][aria-disabled=false]').waitFor()
    expect(await at('#code-step .ways').isHidden()).toBe(true)
  })

  it('says what helps where no code does any more', async () => {
    const visit = await start(onExpress)
    const { page, at, check } = visit
    await askByNumber(visit, phone)
    const message = 'Too many failed attempts. Contact support'
    await page.route('**/verify-otp/', (route) => route.fulfill({ status: 429, json: { message } }))
    await at('#otp').fill('123456')
    await at('#otp').press('Enter')
    await at('#verify-problem').getByText('Go on without verifying it').waitFor()
    await check('locked')
  })

  it('leads who has an account already to the log-in', async () => {
    const visit = await start(onFastify)
    const { at, check, deliveries, settled, registered, clock } = visit
    await registered()
    clock.advance(30_000)
    await askByNumber(visit, phone)
    await settled()
    await at('#otp').fill(deliveries.sms.lastCode(phone))
    await at('#otp').press('Enter')
    await at('#mobile-verified').waitFor()
    await at('#company_name').fill('Asha Travels')
    await at('#username').fill('asha')
    await at('#password').fill('a long password')
    await at('#register button[type=submit].main').last().click()
    await at('#has-account').waitFor()
    await check('has-account')
    await at('#has-account a').click()
    await at('#contact-step').waitFor()
  })

  it('stays where it is on the screen from one step to the next', async () => {
    const { at, open } = await start(onExpress)
    await open('/operator/login')
    const top = async (card: string) => (await at(card).boundingBox())?.y
    const before = await top('#password-step')
    await at('#by-code').click()
    expect(await top('#contact-step')).toBe(before)
  })
})

describe('the account', () => {
  it('has the code of a contact sent to another one', async () => {
    const visit = await start(onExpress)
    const { page, at, open, check, deliveries, settled } = visit
    await register(visit)
    await open('/operator')
    await accountIsWhole(visit)
    await at('#contacts button').first().click()
    await at('#contact').fill('98765 43211')
    await at('#contact-form button[type=submit]').click()
    await at('#otp:focus').waitFor()
    await check('account-code')
    await at('#other-contact').click()
    await at('#contact:focus').waitFor()
    await at('#contact').fill('98765 43210')
    await at('#contact-form button[type=submit]').click()
    await at('#otp:focus').waitFor()
    await page.reload()
    await at('#otp-hint').getByText('+91 98765 43210').waitFor()
    await settled()
    await at('#otp').fill(deliveries.sms.lastCode(phone))
    await at('#otp').press('Enter')
    await at('#contacts').getByText('Verified').waitFor()
  })

  it('keeps what was typed when the session ends, and gives it to nobody else', async () => {
    const visit = await start(onFastify)
    const { page, at, open, check } = visit
    await register(visit, 'other')
    await register(visit)
    await open('/operator?lang=en')
    await accountIsWhole(visit)
    await at('#address').fill('1 Station Road')
    await page.context().clearCookies()
    await at('#details button[type=submit]').click()
    await page.waitForURL(/\/operator\/login\?lang=en&why=ended$/)
    await at('#ended').waitFor()
    await check('session-ended')
    await logIn(visit, 'asha')
    await page.getByText('What you had typed is here again. Save it.').waitFor()
    expect(await at('#address').inputValue()).toBe('1 Station Road')
    await check('draft')

    // Leaving without saving is asked about.
    const asked = page.waitForEvent('dialog')
    const leaving = open('/operator')
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.accept()
    await leaving
    await accountIsWhole(visit)
    expect(await at('#address').inputValue()).toBe('')

    await at('#address').fill('2 Station Road')
    await page.context().clearCookies()
    await at('#details button[type=submit]').click()
    await page.waitForURL(/why=ended$/)
    await logIn(visit, 'other')
    expect(await at('#address').inputValue()).toBe('')
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('Station')
  })

  it('that cannot be loaded can be tried again', async () => {
    const visit = await start(onExpress)
    const { page, at, open, check, takeProblems } = visit
    await register(visit)
    await page.route('**/operators/me', (route) =>
      route.fulfill({ status: 503, json: { message: 'Try again later' } }),
    )
    await open('/operator')
    await at('#try-again').waitFor()
    await check('account-failed')
    await page.unroute('**/operators/me')
    await at('#try-again').click()
    await at('#company').getByText('asha Travels').waitFor()
    expect(takeProblems().join()).toMatch(/^503 for /)
  })
})

it('a wrong code leaves the number, the way and the life of the right one on the page', async () => {
  const visit = await start(onExpress)
  const { at, deliveries, settled } = visit
  await askByNumber(visit, phone)
  await settled()
  await at('#otp').fill(wrong(deliveries.sms.lastCode(phone)))
  await at('#otp').press('Enter')
  await at('#otp[aria-invalid=true]:focus').waitFor()
  expect(await at('#otp-hint').textContent()).toContain(`${phone} by SMS`)
})

/** What nothing on a page may do, however it is looked at. */
async function checkStates({ open, at, page, check }: Visit, name: string) {
  const looks = async (state: string) => {
    await check(`${name}-${state}`)
    const unmarked = await page.evaluate(() => {
      if (!matchMedia('(forced-colors: active)').matches) return []
      const seen = [...document.querySelectorAll('button, input, select, a.button')]
      return seen
        .filter((each) => each.checkVisibility() && getComputedStyle(each).borderStyle === 'none')
        .map((each) => each.outerHTML)
    })
    expect(unmarked).toEqual([])
  }
  const query = `?lang=${name.slice(0, 2)}`
  await open(`/${query}`)
  await looks('index')
  await open(`/operator/register${query}`)
  await at('#phone').fill(phone)
  await at('#verify-mobile').click()
  await at('#otp:focus').waitFor()
  await page.clock.fastForward(31_000)
  await at('#verify-panel .ways').waitFor()
  await looks('register-ways')
  await open(`/operator/login${query}#code`)
  await at('#contact-step').waitFor()
  await looks('login-contact')
  await open(`/admin${query}`)
  await looks('admin')
}

it.each([
  ['en-320', onExpress, { width: 320 }, '100%'],
  ['fa-200', onFastify, { width: 640, colorScheme: 'dark' as const }, '200%'],
  ['ar-320', onFastify, { width: 320 }, '100%'],
] as const)('everything has room and a border: %s', async (name, framework, look, fontSize) => {
  const visit = await start(framework, look, { otp: { exposeCode: true } })
  const { page } = visit
  await page.clock.install()
  if (name === 'en-320') await page.emulateMedia({ forcedColors: 'active' })
  await page.addInitScript((size) => {
    addEventListener('DOMContentLoaded', () => {
      document.documentElement.style.fontSize = size
    })
  }, fontSize)
  await checkStates(visit, name)
})

/** The buttons and links that stand out. */
const standingOut = (page: Page) => page.locator('.main').filter({ visible: true })

describe.each([
  ['Express', onExpress],
  ['Fastify', onFastify],
])('places on %s:', (framework, on) => {
  it('the index has one action, and knows who is logged in', async () => {
    const visit = await start(on, {}, { otp: { exposeCode: true } })
    const { page, at, open, check, url } = visit
    await open('/')
    expect(await standingOut(page).allTextContents()).toEqual(['Register your bus company'])
    await page.getByText('+91 81234 56789').waitFor()
    await page.getByText('India and United States').waitFor()
    const links = () => at('nav.links a').filter({ visible: true }).allTextContents()
    expect(await links()).toEqual(['Register', 'Log in'])
    await check(`index-${framework}`)
    await register(visit)
    await page.reload()
    expect(await standingOut(page).allTextContents()).toEqual(['Go to your account'])
    await page.getByText('asha Travels').waitFor()
    expect(await links()).toEqual(['Your account'])
    await check(`index-back-${framework}`)
    await open('/operator/login?lang=fa')
    expect(page.url()).toBe(`${url}/operator?lang=fa`)
  })

  it('an address that is none has a page, in the language that was chosen', async () => {
    const { page, open, check, takeProblems } = await start(on)
    expect((await open('/operator/logn?lang=fa'))?.status()).toBe(404)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('fa')
    await check(`not-found-${framework}`)
    await page.getByRole('link', { name: 'بازگشت به آغاز' }).click()
    await page.waitForURL(/\/\?lang=fa$/)
    expect(takeProblems()).toEqual([expect.stringMatching(/^404 for .*logn/)])
  })

  it('the administration asks at once for the token, and says where it is', async () => {
    const visit = await start(on, {}, { otp: { exposeCode: true } })
    const { page, at, open } = visit
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.resourceType()))
    await open('/admin')
    await at('#token:focus').waitFor()
    await page.getByText('In development the start prints it in the terminal.').waitFor()
    expect(asked).not.toContain('fetch')
  })
})
