import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { john, startJobAlerts, usedCode, wrong, wrongCode } from './start-job-alerts'

const { username, mobile_number, password, full_name } = john

describe.each(frameworks)('the document, on %s', (_name, framework) => {
  it('registers, verifies and lets in, with its answers', async () => {
    const { post, login, twilio, logged } = await startJobAlerts(framework)
    const registered = await post('register', john)
    expect(registered.status).toBe(201)
    expect(registered.body).toEqual({
      message: 'User registered successfully. Please check your mobile for verification OTP.',
      user_id: expect.any(Number),
      mobile_number,
      verification_method: 'mobile',
    })
    expect(twilio.messages()).toEqual([
      { channel: 'sms', to: mobile_number, code: expect.stringMatching(/^\d{6}$/) },
    ])
    const otp = twilio.code()
    expect((await login(username, password)).status).toBe(401)

    const verified = await post('verify', { mobile_number, otp })
    expect(verified.status).toBe(200)
    expect(verified.body).toEqual({
      message: 'Mobile verified successfully. You can now log in.',
      verified: true,
      verification_method: 'mobile',
    })

    const entered = await login(username, password)
    expect(entered.status).toBe(200)
    expect(entered.body).toEqual({
      message: 'Logged in successfully.',
      user: {
        user_id: Reflect.get(Object(registered.body), 'user_id'),
        username,
        full_name,
        mobile_number,
        mobile_verified: true,
        email: null,
        email_verified: false,
      },
    })
    const byNumber = await post('login', { mobile_number: '+1 202-555-0123', password })
    expect(byNumber.body).toEqual(entered.body)

    const log = JSON.stringify(logged)
    for (const kept of [otp, mobile_number.slice(1), password, username]) {
      expect(log).not.toContain(kept)
    }
  })

  it('registers without a name', async () => {
    const { account, login } = await startJobAlerts(framework)
    const { full_name: _, ...nameless } = john
    await account(nameless)
    const entered = await login(username, password)
    expect(entered.body).toMatchObject({ user: { full_name: null } })
  })

  it('takes a code once', async () => {
    const { post, register, clock } = await startJobAlerts(framework)
    const { otp } = await register()
    expect((await post('verify', { mobile_number, otp })).status).toBe(200)
    const again = await post('verify', { mobile_number, otp })
    expect(again.status).toBe(409)
    expect(again.body).toEqual(usedCode)
    clock.advance(60_000)
    expect((await post('verify', { mobile_number, otp })).body).toEqual(wrongCode)
  })

  it('verifies once, of two submissions at the same moment', async () => {
    const { post, register, login } = await startJobAlerts(framework)
    const { otp } = await register()
    const answers = await Promise.all([1, 2].map(() => post('verify', { mobile_number, otp })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect(answers.map(({ body }) => body)).toContainEqual(usedCode)
    expect((await login(username, password)).status).toBe(200)
  })

  it('takes a code until its ten minutes are over', async () => {
    const { post, register, login, clock } = await startJobAlerts(framework)
    const { otp } = await register()
    clock.advance(600_000)
    const late = await post('verify', { mobile_number, otp })
    expect(late.status).toBe(400)
    expect(late.body).toEqual(wrongCode)
    expect((await login(username, password)).status).toBe(401)

    const next = await register()
    clock.advance(599_999)
    expect((await post('verify', { mobile_number, otp: next.otp })).status).toBe(200)
  })

  it('refuses wrong codes, and after three of them the right one', async () => {
    const { post, register } = await startJobAlerts(framework)
    const { otp } = await register()
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const refused = await post('verify', { mobile_number, otp: wrong(otp) })
      expect(refused.status).toBe(400)
      expect(refused.body).toEqual(wrongCode)
    }
    expect((await post('verify', { mobile_number, otp })).status).toBe(400)
  })

  it('sends another code on request, which ends the one before', async () => {
    const { post, register, twilio, clock } = await startJobAlerts(framework)
    const { otp: old } = await register()
    clock.advance(30_000)
    const resent = await post('resend-otp', { mobile_number })
    expect(resent.status).toBe(200)
    expect(resent.body).toEqual({
      message: 'If this number awaits verification, a new OTP is on its way to it.',
      mobile_number,
      verification_method: 'mobile',
    })
    const otp = twilio.code()
    // Once in a million the new code is the old one.
    if (otp !== old) expect((await post('verify', { mobile_number, otp: old })).status).toBe(400)
    expect((await post('verify', { mobile_number, otp })).status).toBe(200)
  })

  it('sends another code when the one before has expired', async () => {
    const { post, register, twilio, clock, login } = await startJobAlerts(framework)
    await register()
    clock.advance(3_600_000)
    await post('resend-otp', { mobile_number })
    expect((await post('verify', { mobile_number, otp: twilio.code() })).status).toBe(200)
    expect((await login(username, password)).status).toBe(200)
  })

  it('refuses a second message within 30 seconds, and says how long to wait', async () => {
    const { post, register, twilio, clock } = await startJobAlerts(framework)
    await register()
    clock.advance(10_000)
    const anew = { ...john, username: 'somebody_else' }
    for (const [path, body] of [
      ['resend-otp', { mobile_number }],
      ['register', anew],
    ] as const) {
      const refused = await post(path, body, '203.0.113.2')
      expect(refused.status).toBe(429)
      expect(refused.headers.get('Retry-After')).toBe('20')
      expect(refused.body).toEqual({ detail: 'Too many OTP requests. Try again in 1 minute' })
    }
    expect(twilio.messages()).toHaveLength(1)
  })

  it('limits guesses at a password, and leaves the account to its owner afterwards', async () => {
    const { account, login, post, clock } = await startJobAlerts(framework)
    await account()
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const refused = await login(username, 'wrongpassword')
      expect(refused.status).toBe(401)
      expect(refused.body).toEqual({
        detail: 'Wrong username, mobile number or password, or the account is not verified yet',
      })
    }
    expect((await login(username, password)).status).toBe(429)
    const byNumber = await post('login', { mobile_number, password })
    expect(byNumber.status).toBe(429)
    expect(Number(byNumber.headers.get('Retry-After'))).toBeGreaterThan(0)
    clock.advance(15 * 60_000)
    expect((await login(username, password)).status).toBe(200)
  })

  it('says that it is up', async () => {
    const { get } = await startJobAlerts(framework)
    expect((await get('/healthz')).status).toBe(200)
  })
})
