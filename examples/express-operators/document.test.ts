import { describe, expect, it } from 'vitest'
import {
  company,
  type Envelope,
  email,
  mail,
  otherCompany,
  phone,
  startApp,
  whatsapp,
} from './start-app'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const meta = { requestId: expect.stringMatching(uuid), timestamp: expect.stringMatching(instant) }

const success = (code: number, data: unknown) => ({ status: 'success', code, data, meta })
const registered = (details: { contact_phone: string; contact_email: string }, id: number) =>
  success(201, {
    operator: {
      id,
      ...details,
      status: 'PENDING',
      created_at: expect.stringMatching(instant),
      updated_at: expect.stringMatching(instant),
    },
    login_credentials: {
      email: details.contact_email,
      mobile: details.contact_phone,
      temporary_password: expect.stringMatching(/^[A-Za-z2-9]{16}$/),
      message:
        'Please change your password after first login. You can use email or mobile for OTP login.',
    },
  })

const byWhatsapp = { ...company, contact_email: `operator_${phone}@temp.com` }
const byEmail = { ...otherCompany, contact_email: email }

describe('the requests of the document, in order', () => {
  it('registers by WhatsApp with the code', async () => {
    const app = await startApp()
    const sent = await app.send(whatsapp)
    expect(sent.status).toBe(200)
    expect(sent.body).toEqual(success(200, null))

    const otp = app.deliveries.whatsapp.lastCode(phone)
    const answer = await app.register({ ...whatsapp, otp, registration_data: company })
    expect(answer.status).toBe(201)
    expect(answer.body).toEqual(registered(byWhatsapp, 1))
  })

  it('registers by e-mail with the code', async () => {
    const app = await startApp()
    const sent = await app.send(mail)
    expect(sent.body).toEqual(success(200, null))

    const otp = app.deliveries.email.lastCode(email)
    const answer = await app.register({ ...mail, otp, registration_data: otherCompany })
    expect(answer.status).toBe(201)
    expect(answer.body).toEqual(registered(byEmail, 1))
  })

  it.each([
    ['WhatsApp', whatsapp, company, byWhatsapp],
    ['e-mail', mail, otherCompany, byEmail],
  ])('verifies by %s, then registers with the same code', async (_name, to, data, details) => {
    const app = await startApp()
    const otp = await app.receive(to)
    const verified = await app.verify({ ...to, otp })
    expect(verified.status).toBe(200)
    expect(verified.body).toEqual(success(200, { verified: true }))

    const answer = await app.register({ ...to, otp, registration_data: data })
    expect(answer.status).toBe(201)
    expect(answer.body).toEqual(registered(details, 1))
  })

  it('calls one purpose by both of its names', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp, 'registration')
    const verified = await app.verify({ ...whatsapp, otp, purpose: 'operator_registration' })
    expect(verified.status).toBe(200)
  })

  it('registers both companies of the document, one after the other', async () => {
    const app = await startApp()
    const first = await app.receive(whatsapp)
    await app.register({ ...whatsapp, otp: first, registration_data: company })
    const second = await app.receive(mail)
    const answer = await app.register({ ...mail, otp: second, registration_data: otherCompany })
    expect(answer.body).toEqual(registered(byEmail, 2))
  })

  it('sends by SMS too', async () => {
    const app = await startApp()
    const sms = { ...whatsapp, contact_type: 'sms' }
    expect((await app.send(sms)).status).toBe(200)
    const otp = app.deliveries.sms.lastCode(phone)
    const answer = await app.register({ ...sms, otp, registration_data: company })
    expect(answer.body).toEqual(registered(byWhatsapp, 1))
  })
})

describe('login and password reset', () => {
  it.each(['login', 'password_reset'])('verifies a %s of an operator', async (purpose) => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    await app.register({ ...whatsapp, otp, registration_data: company })
    app.clock.advance(30_000)

    const code = await app.receive(whatsapp, purpose)
    const verified = await app.verify({ ...whatsapp, otp: code, purpose })
    expect(verified.body).toEqual(success(200, { verified: true }))
  })

  it('S16 does not register with the code of a login', async () => {
    const app = await startApp()
    const first = await app.receive(whatsapp)
    await app.register({ ...whatsapp, otp: first, registration_data: company })
    app.clock.advance(30_000)
    const otp = await app.receive(whatsapp, 'login')
    const answer = await app.register({ ...whatsapp, otp, registration_data: company })
    expect(answer.body.message).toBe('Invalid or expired OTP')
  })

  it('S81 answers a stranger as it answers an operator, and sends nothing', async () => {
    const app = await startApp()
    const otp = await app.receive(mail)
    await app.register({ ...mail, otp, registration_data: otherCompany })
    app.clock.advance(60_000)
    app.deliveries.email.clear()

    const known = await app.send({ ...mail, purpose: 'login' })
    const unknown = await app.send({ ...mail, contact: 'nobody@example.com', purpose: 'login' })
    expect(unknown.status).toBe(known.status)
    expect({ ...unknown.body, meta: null }).toEqual({ ...known.body, meta: null })
    expect(app.deliveries.email.messages.map(({ to }) => to)).toEqual([email])
  })

  it('sends no code to a phone number that was claimed but never proven', async () => {
    const app = await startApp()
    const otp = await app.receive(mail)
    await app.register({ ...mail, otp, registration_data: otherCompany })
    const claimed = { ...whatsapp, contact: otherCompany.contact_phone, purpose: 'login' }
    expect((await app.send(claimed)).status).toBe(200)
    expect(app.deliveries.whatsapp.messages).toEqual([])
  })
})

describe('development', () => {
  it('returns the code, for strangers too', async () => {
    const app = await startApp({ exposeCode: true })
    const expected = { otp: expect.stringMatching(/^\d{6}$/), expires_in_seconds: 300 }
    const sent = await app.send(whatsapp)
    expect(sent.body).toEqual(success(200, expected))
    expect(sent.body.data).toMatchObject({ otp: app.deliveries.whatsapp.lastCode(phone) })
    expect((await app.send({ ...mail, purpose: 'login' })).body).toEqual(success(200, expected))
  })
})

describe('the page and the rest', () => {
  it('serves the page under a strict policy with a nonce of its own', async () => {
    const { url } = await startApp()
    const [first, second] = await Promise.all([fetch(url), fetch(url)])
    const policy = first.headers.get('Content-Security-Policy') ?? ''
    const [, nonce = ''] = /script-src 'nonce-([A-Za-z0-9+/=]+)'/.exec(policy) ?? []
    const page = await first.text()
    expect(first.headers.get('Content-Type')).toContain('text/html')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(page.split(`nonce="${nonce}"`)).toHaveLength(3)
    expect(page).toContain('autocomplete="one-time-code"')
    expect(page).not.toMatch(/\son[a-z]+=|\sstyle=/)
    expect(second.headers.get('Content-Security-Policy')).not.toBe(policy)
  })

  it.each([
    ['/healthz', success(200, { healthy: true })],
    ['/nothing-here', { status: 'error', code: 404, message: 'Not found', meta }],
    ['/auth/send-otp', { status: 'error', code: 404, message: 'Not found', meta }],
  ])('answers GET %s in the envelope, with security headers', async (path, expected) => {
    const { url } = await startApp()
    const response = await fetch(url + path)
    const body: Envelope = await response.json()
    expect(body).toEqual(expected)
    expect(response.status).toBe(expected.code)
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(response.headers.get('Referrer-Policy')).toBe('no-referrer')
    expect(response.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('X-Powered-By')).toBeNull()
  })
})
