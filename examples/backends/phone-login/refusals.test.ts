import { memory } from 'otpkit/databases/memory'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { phone, refused, startPhoneLogin } from './start-phone-login'

const canary = 'canary-5f1c'
const sendPath = '/api/v1/usr/otp'
const verifyPath = '/api/v1/usr/otp/verify'

const needsCountryCode = 'Must be a phone number with its country code, such as +919876543210'
const badNumbers: [string, unknown, string][] = [
  ['no number', undefined, 'Required'],
  ['an empty one', '', 'Required'],
  ['a number that is none', canary, needsCountryCode],
  ['a number in JSON', 989123456789, 'Must be text'],
  ['two numbers', [phone, phone], 'Must be text'],
  ['an object', { $ne: canary }, 'Must be text'],
  ['an address', 'person@example.com', needsCountryCode],
  ['a control character', '+98912\u00073456789', needsCountryCode],
  ['a number of another country', '+447911123456', 'Is in a country that is not served'],
  ['a landline', '+982188888888', 'Cannot be reached over this channel'],
]
const badCodes: [string, unknown, string][] = [
  ['no code', undefined, 'Required'],
  ['a code in JSON', 123456, 'Must be text'],
  ['two codes', ['123456', '123457'], 'Must be text'],
  ['words', canary, 'Must be the digits of the code'],
  ['three digits', '123', 'Must be the digits of the code'],
]

describe.each(frameworks)('bad input, on %s', (_name, framework) => {
  it('S56 names what is wrong with the number, and sends nothing', async () => {
    const site = await startPhoneLogin({ framework })
    for (const [, phone_number, message] of badNumbers) {
      const answer = await site.post(sendPath, { phone_number })
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual({
        detail: 'Invalid request',
        errors: [{ field: 'phone_number', message }],
      })
      expect(answer.text).not.toContain(canary)
    }
    expect(site.kavenegar.requests).toEqual([])
  })

  it('S56 names what is wrong with the code, and charges no attempt', async () => {
    const site = await startPhoneLogin({ framework })
    await site.send()
    for (const [, code, message] of badCodes) {
      const answer = await site.post(verifyPath, { phone_number: phone, code })
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual({
        detail: 'Invalid request',
        errors: [{ field: 'code', message }],
      })
      expect(answer.text).not.toContain(canary)
    }
    expect((await site.verify(site.kavenegar.lastCode())).status).toBe(200)
  })

  it('refuses bodies that are no JSON objects', async () => {
    const site = await startPhoneLogin({ framework })
    const paths = [sendPath, verifyPath, '/api/v1/usr/token/refresh', '/api/v1/usr/logout']
    for (const path of paths) {
      for (const body of [`{"phone_number":"${canary}`, '[]', 'null', `"${canary}"`]) {
        const answer = await site.post(path, body)
        expect(answer.status).toBe(400)
        expect(answer.body).toMatchObject({ errors: [{ field: 'body' }] })
        expect(answer.text).not.toContain(canary)
      }
      const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
      expect((await site.post(path, 'phone_number=1', form)).status).toBe(415)
      expect((await site.post(path, { phone_number: canary.repeat(2000) })).status).toBe(413)
      expect((await site.get(path)).status).toBe(404)
    }
  })

  it.each([[undefined], [null], [''], [7], [['a']]])(
    'refuses the refresh token %j',
    async (refresh_token) => {
      const site = await startPhoneLogin({ framework })
      for (const answer of [await site.refresh(refresh_token), await site.logOut(refresh_token)]) {
        expect(answer.status).toBe(400)
        expect(answer.body).toMatchObject({ errors: [{ field: 'refresh_token' }] })
      }
    },
  )
})

describe.each(frameworks)('Kavenegar, on %s', (_name, framework) => {
  it.each([
    ['is out of credit', 418, 'insufficient_funds'],
    ['does not know the key', 403, 'misconfigured'],
    ['is asked too often', 451, 'rate_limited'],
  ])('%s: says that nothing was sent, and why to the operator', async (_why, status, kind) => {
    const site = await startPhoneLogin({ framework })
    site.kavenegar.behave(refused(status))
    const answer = await site.send()
    expect(answer.status).toBe(503)
    expect(answer.body).toEqual({ detail: 'Failed to send OTP' })
    expect(site.problems()).toMatchObject([
      { level: 'warning', event: 'delivery_failed', kind, providerCode: String(status) },
    ])
    expect(JSON.stringify(site.logged)).not.toContain('9123456789')
  })

  it('is down: says that nothing was sent, and charges the number nothing', async () => {
    const site = await startPhoneLogin({ framework })
    await site.kavenegar.close()
    for (let failed = 1; failed <= 5; failed += 1) {
      const answer = await site.send()
      expect(answer.status).toBe(503)
      expect(answer.body).toEqual({ detail: 'Failed to send OTP' })
    }
    expect((await site.send()).status).toBe(429)
    expect(site.problems()).toMatchObject(Array(5).fill({ kind: 'unavailable', sent: 'no' }))
  })

  it('refuses the number: names the field', async () => {
    const site = await startPhoneLogin({ framework })
    site.kavenegar.behave(refused(411))
    const answer = await site.send()
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ errors: [{ field: 'phone_number' }] })
  })

  it('breaks off: the message may still arrive, and its code is good', async () => {
    const site = await startPhoneLogin({ framework })
    site.kavenegar.behave('hang up')
    expect((await site.send()).status).toBe(200)
    expect(site.problems()).toMatchObject([{ event: 'delivery_failed', sent: 'unknown' }])
    expect((await site.verify(site.kavenegar.lastCode())).status).toBe(200)
  })
})

describe('faults', () => {
  it('S48 refuses while the database of the codes fails', async () => {
    const fail = async (given: unknown) => {
      throw new Error(`connection lost at ${phone}: ${JSON.stringify(given)}`)
    }
    const site = await startPhoneLogin({
      parts: { codes: { ...memory(), begin: fail, settle: fail } },
    })
    for (const answer of [await site.send(), await site.verify('123456')]) {
      expect(answer.status).toBe(503)
      expect(answer.body).toEqual({ detail: 'Try again later' })
    }
    expect(site.problems()).toHaveLength(2)
    expect(JSON.stringify(site.logged)).not.toContain('9123456789')
    expect(site.kavenegar.requests).toEqual([])
  })

  it('logs nobody in while the database fails', async () => {
    const site = await startPhoneLogin()
    await site.send()
    await site.database.destroy()
    const answer = await site.verify(site.kavenegar.lastCode())
    expect(answer.status).toBe(500)
    expect(answer.body).toEqual({ detail: 'Try again later' })
  })
})

it('S83 logs neither codes nor tokens nor numbers', async () => {
  const site = await startPhoneLogin()
  const { access, refresh } = await site.logIn()
  await site.me(access)
  await site.refresh(refresh)
  await site.refresh(refresh)
  const log = JSON.stringify(site.logged)
  expect(site.logged.length).toBeGreaterThan(4)
  for (const hidden of [site.kavenegar.lastCode(), access, refresh, '9123456789']) {
    expect(log).not.toContain(hidden)
  }
})
