import { lintTemplates } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { messages } from './otp'
import { apiKey, phone, startPhoneLogin, tokensOf } from './start-phone-login'

const jwt = /^[\w-]+\.[\w-]+\.[\w-]{43}$/
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const account = {
  id: expect.stringMatching(uuid),
  phone_number: phone,
  created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
}
const tokens = {
  access_token: expect.stringMatching(jwt),
  refresh_token: expect.any(String),
  token_type: 'Bearer',
  expires_in: 900,
}

describe.each(frameworks)('the requests of the document, on %s', (_name, framework) => {
  it('sends a code, and logs in with it', async () => {
    const site = await startPhoneLogin({ framework })
    const sent = await site.post('/api/v1/usr/otp', { phone_number: '+989123456789' })
    expect(sent.status).toBe(200)
    expect(sent.body).toEqual({ detail: 'OTP sent', expires_in: 300, resend_in: 0 })

    const request = site.kavenegar.lastRequest()
    expect(request.method).toBe('POST')
    expect(request.path).toBe(`/v1/${apiKey}/sms/send.json`)
    const code = site.kavenegar.lastCode()
    expect(code).toMatch(/^\d{6}$/)
    expect(site.kavenegar.forms()).toEqual([
      { receptor: '09123456789', message: `کد تایید شما: ${code}`, sender: '10008663' },
    ])

    const body = { phone_number: '+989123456789', code }
    const verified = await site.post('/api/v1/usr/otp/verify', body)
    expect(verified.status).toBe(200)
    expect(verified.body).toEqual({ ...tokens, account, new_account: true })
    expect(verified.headers.get('Cache-Control')).toBe('no-store')
  })

  it('shows who is logged in, stays logged in, and logs out', async () => {
    const site = await startPhoneLogin({ framework })
    const { access, refresh } = await site.logIn()
    const me = await site.me(access)
    expect(me.status).toBe(200)
    expect(me.body).toEqual(account)

    const refreshed = await site.refresh(refresh)
    expect(refreshed.status).toBe(200)
    expect(refreshed.body).toEqual(tokens)
    const next = tokensOf(refreshed.body)
    expect((await site.me(next.access)).body).toEqual(me.body)

    const loggedOut = await site.logOut(next.refresh)
    expect(loggedOut.status).toBe(200)
    expect(loggedOut.body).toEqual({ detail: 'Logged out' })
    const after = await site.refresh(next.refresh)
    expect(after.status).toBe(401)
    expect(after.body).toEqual({ detail: 'Invalid refresh token' })
  })

  it('logs in to the account of the first time, by every spelling of the number', async () => {
    const site = await startPhoneLogin({ framework })
    const spellings = ['+98 912 345 6789', '09123456789', '۰۹۱۲۳۴۵۶۷۸۹']
    const ids = new Set<unknown>()
    for (const [index, spelling] of spellings.entries()) {
      await site.send(spelling)
      const { body } = await site.verify(site.kavenegar.lastCode(), spelling)
      expect(body).toMatchObject({ account, new_account: index === 0 })
      ids.add(Object(body).account.id)
    }
    expect(ids.size).toBe(1)
  })

  it('is up', async () => {
    const site = await startPhoneLogin({ framework })
    const answer = await site.get('/healthz')
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({ healthy: true })
  })
})

describe('the message', () => {
  it('is one SMS', () => {
    const options = { appName: 'OTP', templates: messages.templates }
    expect(lintTemplates(options, { locales: ['fa'], codeLength: 8 })).toEqual([])
  })

  it('is a template of the panel where one is named', async () => {
    const environment = { KAVENEGAR_TEMPLATE: 'login' }
    const site = await startPhoneLogin({ environment })
    expect((await site.send()).status).toBe(200)
    expect(site.kavenegar.lastRequest().path).toBe(`/v1/${apiKey}/verify/lookup.json`)
    expect(site.kavenegar.forms()).toEqual([
      { receptor: '09123456789', template: 'login', token: expect.stringMatching(/^\d{6}$/) },
    ])
  })
})
