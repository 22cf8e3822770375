import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { onFastify } from '../http/fastify'
import { checkAccessibility, openBrowser, screenshot } from '../testing/browser'
import { frameworks } from '../testing/start-site'
import { answerSeconds, questionView } from './captcha'
import { startPhoneLogin } from './start-phone-login'

const asked = z.strictObject({ detail: z.literal('challenge-required'), challenge: questionView })

type Options = Pick<NonNullable<Parameters<typeof startPhoneLogin>[0]>, 'framework'>

/** A site whose block of +98912345…. is asked for by a script, with an address for each message. */
async function startPumped(guard: string, options: Options = {}) {
  const environment = { GUARD: guard, TRUST_PROXY: '1' }
  const site = await startPhoneLogin({ ...options, environment })
  let requests = 0
  const ask = (phone_number: string, challenge?: unknown) => {
    requests += 1
    const from = { 'X-Forwarded-For': `203.0.113.${requests}` }
    return site.post('/api/v1/usr/otp', { phone_number, challenge }, from)
  }
  const numbers = Array.from({ length: 30 }, (_, index) => `+98912345${1000 + index}`)
  const statuses: number[] = []
  for (const number of numbers) statuses.push((await ask(number)).status)
  const questionFor = async (number: string) => {
    const answer = await ask(number)
    expect(answer.status).toBe(403)
    return asked.parse(answer.body).challenge
  }
  const messages = () => site.kavenegar.requests.length
  return { ...site, ask, questionFor, messages, statuses }
}

/** The sum of "3 + 4". */
const sumOf = ({ question }: { readonly question: string }) =>
  question.split(' + ').reduce((sum, each) => sum + Number(each), 0)

const right = (question: z.infer<typeof questionView>) => ({
  token: question.token,
  answer: String(sumOf(question)),
})

const customer = '+989123456789'
const other = '+989123456788'

describe.each(frameworks)('the captcha step, on %s', (_name, framework) => {
  it('asks beyond 23 messages to one block, and sends after the right answer', async () => {
    const site = await startPumped('challenge', { framework })
    expect(site.statuses).toEqual([...Array(23).fill(200), ...Array(7).fill(403)])
    const question = await site.questionFor(customer)
    expect(question.question).toMatch(/^[1-9] \+ [1-9]$/)
    const sent = await site.ask(customer, right(question))
    expect(sent.status).toBe(200)
    expect(sent.body).toEqual({ detail: 'OTP sent', expires_in: 300, resend_in: 0 })
    expect(site.messages()).toBe(24)
    expect((await site.verify(site.kavenegar.lastCode(), customer)).status).toBe(200)
  })

  it('takes digits of other scripts', async () => {
    const site = await startPumped('challenge', { framework })
    const { token, answer } = right(await site.questionFor(customer))
    const persian = answer.replace(/\d/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'.charAt(Number(digit)))
    expect((await site.ask(customer, { token, answer: persian })).status).toBe(200)
  })

  it('asks anew after a wrong answer, which uses the question up', async () => {
    const site = await startPumped('challenge', { framework })
    const question = await site.questionFor(customer)
    for (const answer of [String(sumOf(question) + 1), '', 'canary', String(sumOf(question))]) {
      const refused = await site.ask(customer, { token: question.token, answer })
      expect(refused.status).toBe(403)
      expect(asked.parse(refused.body).challenge.token).not.toBe(question.token)
    }
    expect(site.messages()).toBe(23)
  })

  it('takes a right answer once, also of eight at the same moment', async () => {
    const site = await startPumped('challenge', { framework })
    const answer = right(await site.questionFor(customer))
    const answers = await Promise.all(Array.from({ length: 8 }, () => site.ask(customer, answer)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(403)])
    expect((await site.ask(customer, answer)).status).toBe(403)
    expect(site.messages()).toBe(24)
  })

  it('takes no answer to the question of another number', async () => {
    const site = await startPumped('challenge', { framework })
    const answer = right(await site.questionFor(other))
    expect((await site.ask(customer, answer)).status).toBe(403)
    expect(site.messages()).toBe(23)
    expect((await site.ask(other, answer)).status).toBe(200)
  })
})

describe('the captcha step', () => {
  it('takes an answer for two minutes', async () => {
    const site = await startPumped('challenge')
    const [first, second] = [await site.questionFor(customer), await site.questionFor(customer)]
    site.clock.advance((answerSeconds - 1) * 1000)
    expect((await site.ask(customer, right(first))).status).toBe(200)
    site.clock.advance(1000)
    expect((await site.ask(customer, right(second))).status).toBe(403)
  })

  it.each([
    ['no token', ''],
    ['a token of somebody', 'canary'],
    ['an unsigned one', `${btoa('{"alg":"none"}')}.${btoa('{"sum":"7"}')}.`],
  ])('takes no answer with %s', async (_what, token) => {
    const site = await startPumped('challenge')
    const refused = await site.ask(customer, { token, answer: '7' })
    expect(refused.status).toBe(403)
    expect(refused.text).not.toContain('canary')
    expect(site.messages()).toBe(23)
  })

  it.each([
    ['a word', 'canary', 'challenge'],
    ['no answer', { token: 'canary' }, 'challenge.answer'],
    ['an answer in JSON', { token: 'canary', answer: 7 }, 'challenge.answer'],
  ])('names the field of a challenge that is %s', async (_what, challenge, field) => {
    const site = await startPhoneLogin()
    const body = { phone_number: customer, challenge }
    const refused = await site.post('/api/v1/usr/otp', body)
    expect(refused.status).toBe(400)
    expect(refused.body).toMatchObject({ errors: [{ field }] })
    expect(refused.text).not.toContain('canary')
  })

  it('is the same for a number with an account and one without', async () => {
    const site = await startPhoneLogin({ environment: { GUARD: 'challenge', TRUST_PROXY: '1' } })
    await site.logIn(customer)
    const ask = (number: string, from: number) =>
      site.send(number, { 'X-Forwarded-For': `203.0.113.${from}` })
    for (let sent = 0; sent < 30; sent += 1) await ask(`+98912345${1000 + sent}`, sent)
    const answers = [await ask(customer, 100), await ask(other, 101)]
    for (const { status, body } of answers) {
      expect(status).toBe(403)
      expect(asked.safeParse(body).success).toBe(true)
    }
    const [known, unknown] = answers.map(({ headers }) => [...headers.keys()].sort())
    expect(known).toEqual(unknown)
  })

  it('never comes while the guard records, and is a limit like others where it refuses', async () => {
    const recorded = await startPumped('record')
    expect(recorded.statuses).toEqual(Array(30).fill(200))
    const refused = await startPumped('refuse')
    expect(refused.statuses).toEqual([...Array(23).fill(200), ...Array(7).fill(429)])
    expect((await refused.ask(customer, { token: '', answer: '' })).status).toBe(429)
  })
})

const browser = openBrowser()

it('is shown by the page, which asks again until the answer is right', async () => {
  const site = await startPumped('challenge', { framework: onFastify })
  const { page } = await browser.newPage({ width: 390, height: 844, locale: 'fa-IR' })
  await page.goto(site.url)
  await page.locator('#phone').fill('۰۹۱۲۳۴۵۶۷۸۹')
  await page.locator('#phone-step button').click()
  await page.locator('#sum:focus').waitFor()
  await checkAccessibility(page)
  await page.locator('#sum').fill('۰')
  await page.locator('#challenge-step button[type=submit]').click()
  await page.locator('#problem').getByText('این پاسخ درست نبود').waitFor()
  expect(site.messages()).toBe(23)
  await checkAccessibility(page)
  await screenshot(page, 'phone-login-challenge')

  const shown = (await page.locator('#question').textContent()) ?? ''
  const question = shown.replace(/[۰-۹]/g, (digit) => String('۰۱۲۳۴۵۶۷۸۹'.indexOf(digit)))
  await page.locator('#sum').fill(String(sumOf({ question })))
  await page.locator('#challenge-step button[type=submit]').click()
  await page.locator('#code:focus').waitFor()
  expect(site.messages()).toBe(24)
  await page.locator('#code').fill(site.kavenegar.lastCode())
  await page.locator('#code-step button[type=submit]').click()
  await page.locator('#account-phone').getByText(customer).waitFor()
})
