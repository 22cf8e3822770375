import { describe, expect, it, vi } from 'vitest'
import { frameworks } from '../testing/start-site'
import { phone, startHub, wholePhone, wrong } from './start-service-hub'

const invalid = (field: string, message: string) => ({
  detail: 'Invalid request',
  errors: [{ field, message }],
})

describe.each(frameworks)('the document, on %s', (_name, framework) => {
  it('in development answers with the code, which verifies the number once', async () => {
    const print = vi.spyOn(console, 'log').mockReturnValue()
    const { post, twilio } = await startHub(framework, 'development')
    const sent = await post('send-otp', { phone })
    expect(sent.status).toBe(200)
    expect(sent.body).toEqual({
      phone,
      otp: expect.stringMatching(/^\d{6}$/),
      expires_in_seconds: 120,
    })
    const [printed = ''] = print.mock.calls[0] ?? []
    print.mockRestore()
    const code = /\d{6}$/m.exec(printed)?.[0] ?? ''
    expect(sent.text).toContain(code)
    expect(twilio.requests).toEqual([])

    const verified = await post('verify-otp', { phone, otp: code })
    expect(verified.status).toBe(200)
    expect(verified.body).toEqual({ phone, verified: true })
    const again = await post('verify-otp', { phone, otp: code })
    expect(again.status).toBe(409)
    expect(again.body).toEqual({
      detail: 'This code was used already. Go on, or ask for a new one',
    })
  })

  it('in production sends the printed text through Twilio, and answers without the code', async () => {
    const { post, twilio, logged } = await startHub(framework, 'production')
    const sent = await post('send-otp', { phone })
    expect(sent.status).toBe(200)
    expect(sent.body).toEqual({
      phone,
      message: 'OTP sent to your phone number',
      expires_in_seconds: 120,
    })
    const [message] = twilio.messages()
    const code = twilio.code()
    expect(message?.get('To')).toBe(wholePhone)
    expect(message?.get('From')).toBe('+15017122661')
    expect(message?.get('Body')).toBe(
      `Your ServiceHub verification code is: ${code}\n\nThis code will expire in 2 minutes.`,
    )
    const verified = await post('verify-otp', { phone, otp: code })
    expect(verified.body).toEqual({ phone, verified: true })
    expect(JSON.stringify(logged)).not.toMatch(new RegExp(`${code}|${wholePhone.slice(4)}`))
  })

  it('reads a number as people write it, and answers with what was written', async () => {
    const { post, twilio } = await startHub(framework, 'production')
    const sent = await post('send-otp', { phone: ' +880 1719-159900 ' })
    expect(sent.body).toMatchObject({ phone: '+880 1719-159900' })
    const verified = await post('verify-otp', { phone, otp: twilio.code() })
    expect(verified.body).toEqual({ phone, verified: true })
  })

  it('takes a code until its two minutes are over', async () => {
    const { post, twilio, clock } = await startHub(framework, 'production')
    await post('send-otp', { phone })
    clock.advance(119_999)
    expect((await post('verify-otp', { phone, otp: twilio.code() })).status).toBe(200)

    await post('send-otp', { phone })
    clock.advance(120_000)
    const late = await post('verify-otp', { phone, otp: twilio.code() })
    expect(late.status).toBe(400)
    expect(late.body).toEqual({ detail: 'Invalid or expired OTP' })
  })

  it('ends the old code with a new one, which again has two minutes', async () => {
    const { post, twilio, clock } = await startHub(framework, 'production')
    await post('send-otp', { phone })
    const old = twilio.code()
    clock.advance(60_000)
    const sent = await post('send-otp', { phone })
    expect(sent.body).toMatchObject({ expires_in_seconds: 120 })
    const code = twilio.code()
    // Once in a million the new code is the old one.
    if (code !== old) expect((await post('verify-otp', { phone, otp: old })).status).toBe(400)
    expect((await post('verify-otp', { phone, otp: code })).status).toBe(200)
  })

  it('refuses wrong codes, and after three of them the right one', async () => {
    const { post, twilio } = await startHub(framework, 'production')
    await post('send-otp', { phone })
    const code = twilio.code()
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const refused = await post('verify-otp', { phone, otp: wrong(code) })
      expect(refused.status).toBe(400)
      expect(refused.body).toEqual({ detail: 'Invalid or expired OTP' })
    }
    expect((await post('verify-otp', { phone, otp: code })).status).toBe(400)
  })

  it('refuses a second code within 30 seconds, and says how long to wait', async () => {
    const { post, twilio, clock } = await startHub(framework, 'production')
    await post('send-otp', { phone })
    clock.advance(10_000)
    const refused = await post('send-otp', { phone }, '203.0.113.2')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('Retry-After')).toBe('20')
    expect(refused.body).toEqual({ detail: 'Too many OTP requests. Try again in 1 minute' })
    expect(twilio.requests).toHaveLength(1)
    clock.advance(20_000)
    expect((await post('send-otp', { phone })).status).toBe(200)
  })

  it('limits the messages that one address asks for', async () => {
    const { post } = await startHub(framework, 'production')
    const numbers = ['1', '2', '3', '4', '5', '6'].map((digit) => `+880171915990${digit}`)
    const statuses = []
    for (const number of numbers) statuses.push((await post('send-otp', { phone: number })).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    expect((await post('send-otp', { phone }, '203.0.113.2')).status).toBe(200)
  })

  it.each([
    ['no body', undefined, invalid('body', 'Must be a JSON object')],
    ['no number', {}, invalid('phone', 'Required')],
    ['a list', { phone: [phone] }, invalid('phone', 'Must be text')],
    [
      'a number without a country code',
      { phone: '01719159900' },
      invalid('phone', 'Must be a phone number with its country code, such as +919876543210'),
    ],
    [
      'a country that is not served',
      { phone: '+919876543210' },
      invalid('phone', expect.stringContaining('country')),
    ],
    [
      'a country that does not exist',
      { phone: '+8011719159900' },
      invalid('phone', expect.stringContaining('country')),
    ],
  ])('refuses %s', async (_what, body, answer) => {
    const { post, twilio } = await startHub(framework, 'production')
    const refused = await post('send-otp', body)
    expect(refused.status).toBe(400)
    expect(refused.body).toEqual(answer)
    expect(twilio.requests).toEqual([])
  })

  it('refuses what is no code, and broken JSON', async () => {
    const { post } = await startHub(framework, 'production')
    const noCode = await post('verify-otp', { phone, otp: 'abcdef' })
    expect(noCode.status).toBe(400)
    expect(noCode.body).toEqual(invalid('otp', 'Must be the digits of the code'))
    expect((await post('verify-otp', { phone })).body).toEqual(invalid('otp', 'Required'))
    const broken = await post('verify-otp', '{"phone":')
    expect(broken.status).toBe(400)
    expect(broken.body).toEqual(invalid('body', 'Must be well-formed JSON'))
  })

  it('tells that a number cannot be reached, and that Twilio is down', async () => {
    const { post, twilio, logged } = await startHub(framework, 'production')
    twilio.behave({ status: 400, json: { code: 21614, message: 'not a mobile', status: 400 } })
    const unreachable = await post('send-otp', { phone })
    expect(unreachable.status).toBe(400)
    expect(unreachable.body).toEqual(invalid('phone', 'Cannot be reached over this channel'))
    expect(logged).toContainEqual({
      level: 'warning',
      event: 'delivery_failed',
      channel: 'sms',
      kind: 'invalid_recipient',
      sent: 'no',
      provider: 'twilio',
      providerCode: '21614',
    })

    twilio.behave({ status: 401, json: { code: 20003, message: 'Authenticate', status: 401 } })
    const down = await post('send-otp', { phone })
    expect(down.status).toBe(503)
    expect(down.body).toEqual({ detail: 'Try again later' })

    // Neither was a message: nothing has to be waited for.
    twilio.behave(twilio.accepts)
    expect((await post('send-otp', { phone })).status).toBe(200)
  })

  it('says that it is up', async () => {
    const { get } = await startHub(framework, 'production')
    expect((await get('/healthz')).status).toBe(200)
  })
})
