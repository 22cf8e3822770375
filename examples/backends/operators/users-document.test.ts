import { DeliveryError } from 'otpkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ProviderServer, startProviderServer } from '../../../test/deliveries/provider-server'
import { frameworks } from '../testing/start-site'
import { readSettings } from './settings'
import { phone, type StartOptions, startBackend, user, whatsapp, wrong } from './start-backend'

const register = '/api/users/register-operator/'
const sendOtp = '/api/users/send-otp/'
const verifyOtp = '/api/users/verify-otp/'
const login = '/api/users/login/'
const loginWithMobile = '/api/users/login-with-mobile/'

const everything = { ...user, owner_name: 'Ravi', email: 'ravi@example.com', phone }
const jwt = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)
const tokens = { access: jwt, token_type: 'bearer', expires_in: 28_800 }
const sent = { detail: 'OTP sent to your mobile.', channel: 'sms', expires_in_seconds: 300 }
const verified = { detail: 'Verified.', verified: true }
const invalid = { code: 400, message: 'Invalid or expired OTP', detail: 'Invalid or expired OTP' }

/** The user of an answer, with the fields that the request left out. */
const shown = (fields: object = {}) => ({
  id: 1,
  username: user.username,
  role: 'OPERATOR',
  email: null,
  phone: null,
  phone_verified: false,
  operator: { id: 1, company_name: user.company_name, owner_name: null, status: 'PENDING' },
  ...fields,
})
const complete = {
  email: everything.email,
  phone,
  operator: { ...shown().operator, owner_name: 'Ravi' },
}

describe.each(frameworks)('the document of users on %s', (_name, framework) => {
  it('registers with the required fields alone, then signs in with the password', async () => {
    const { post, get } = await startBackend(framework)
    const registered = await post(register, user)
    expect([registered.status, registered.body]).toEqual([201, { ...shown(), ...tokens }])

    const { username, password } = user
    const signedIn = await post(login, { username: username.toUpperCase(), password })
    expect([signedIn.status, signedIn.body]).toEqual([200, { ...tokens, user: shown() }])
    const cookie = signedIn.headers.get('Set-Cookie')?.split(';')[0] ?? ''
    const me = await get('/api/users/me', { Cookie: cookie })
    expect([me.status, me.body]).toEqual([200, shown()])
    expect((await get('/api/users/me')).status).toBe(401)
  })

  it('registers with every field, verifies the mobile in that session, and signs in by it', async () => {
    const { post, deliveries, clock, settled } = await startBackend(framework)
    const registered = await post(register, everything)
    expect([registered.status, registered.body]).toEqual([201, { ...shown(complete), ...tokens }])
    const session = { Authorization: `Bearer ${Object(registered.body).access}` }

    const answer = await post(sendOtp, { mobile: phone })
    expect([answer.status, answer.body]).toEqual([200, sent])
    const otp = deliveries.sms.lastCode(phone)
    expect(otp).toMatch(/^[0-9]{6}$/)
    const refused = await post(verifyOtp, { mobile: phone, otp: wrong(otp) }, session)
    expect([refused.status, refused.body]).toMatchObject([400, invalid])
    const right = await post(verifyOtp, { mobile: phone, otp }, session)
    expect([right.status, right.body]).toEqual([200, verified])
    expect((await post(verifyOtp, { mobile: phone, otp }, session)).status).toBe(409)

    clock.advance(30_000)
    expect((await post(sendOtp, { mobile: phone, purpose: 'login' })).body).toEqual(sent)
    await settled()
    const signIn = { mobile: phone, otp: deliveries.sms.lastCode(phone) }
    const signedIn = await post(loginWithMobile, signIn)
    expect([signedIn.status, signedIn.body]).toEqual([
      200,
      { ...tokens, user: shown({ ...complete, phone_verified: true }) },
    ])
    const again = await post(loginWithMobile, signIn)
    expect([again.status, again.headers.get('Set-Cookie')]).toEqual([409, null])
  })

  it('verifies the mobile before the registration, with one code for both', async () => {
    const { post, deliveries } = await startBackend(framework)
    await post(sendOtp, { mobile: phone })
    const otp = deliveries.sms.lastCode(phone)
    const checked = await post(verifyOtp, { mobile: phone, otp })
    expect([checked.status, checked.body]).toEqual([200, verified])
    const registered = await post(register, { ...everything, otp })
    expect([registered.status, registered.body]).toEqual([
      201,
      { ...shown({ ...complete, phone_verified: true }), ...tokens },
    ])
  })

  it('registers with a code that was not verified before, and with none that is wrong', async () => {
    const { post, deliveries } = await startBackend(framework)
    await post(sendOtp, { mobile: phone })
    const otp = deliveries.sms.lastCode(phone)
    const refused = await post(register, { ...everything, otp: wrong(otp) })
    expect([refused.status, refused.body]).toMatchObject([400, invalid])
    const elsewhere = await post(register, { ...everything, phone: '+919876543211', otp })
    expect(elsewhere.body).toMatchObject(invalid)
    const registered = await post(register, { ...everything, otp })
    expect(registered.body).toMatchObject({ phone, phone_verified: true })
  })

  it('forgets a verified mobile after 15 minutes', async () => {
    const { post, deliveries, clock } = await startBackend(framework)
    await post(sendOtp, { mobile: phone })
    const otp = deliveries.sms.lastCode(phone)
    await post(verifyOtp, { mobile: phone, otp })
    clock.advance(15 * 60_000)
    expect((await post(register, { ...everything, otp })).body).toMatchObject(invalid)
  })

  it('names each field of a registration that is wrong', async () => {
    const { post, registeredUser } = await startBackend(framework)
    const wrongFields = { username: 'a b', password: 'short', email: 'ravi', phone: '123' }
    const { status, body } = await post(register, wrongFields)
    expect(status).toBe(400)
    expect(body).toMatchObject({
      detail: 'Invalid request',
      errors: [
        { field: 'username' },
        { field: 'password' },
        { field: 'company_name', message: 'Required' },
        { field: 'email' },
        { field: 'phone' },
      ],
    })
    await registeredUser()
    expect((await post(register, user)).body).toMatchObject({
      code: 400,
      errors: [{ field: 'username', message: 'This username is already taken' }],
    })
    expect((await post(register, { ...user, otp: '123456' })).body).toMatchObject({
      errors: [{ field: 'phone', message: 'Required' }],
    })
  })

  it('answers in development with the code itself, and its life', async () => {
    const { post } = await startBackend(framework, { otp: { exposeCode: true } })
    const { status, body } = await post(sendOtp, { mobile: phone })
    const otp = expect.stringMatching(/^[0-9]{6}$/)
    expect([status, body]).toEqual([200, { ...sent, otp }])
  })

  it('reaches a phone over WhatsApp where SMS cannot', async () => {
    const { post, deliveries } = await startBackend(framework)
    deliveries.sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'sms' }))
    const { body } = await post(sendOtp, { mobile: phone })
    expect(body).toEqual({ ...sent, channel: 'whatsapp' })
    expect(deliveries.whatsapp.lastCode(phone)).toMatch(/^[0-9]{6}$/)
  })
})

describe.each(frameworks)('settings of the document, on %s', (_name, framework) => {
  let provider: ProviderServer | undefined
  afterEach(async () => {
    vi.restoreAllMocks()
    await provider?.close()
  })

  const production = {
    NODE_ENV: 'production',
    OTP_SECRET: 'a-secret-for-tests-only-0123456789abcdef',
    ADMIN_TOKEN: 'an-administrators-token-for-tests-only-1234',
  }
  /** The backend with what the environment says of codes. */
  const start = (environment: Readonly<Record<string, string>>, options: StartOptions = {}) =>
    startBackend(framework, { ...options, otp: readSettings(environment).otp })

  it.each([{}, { SMS_PROVIDER: '' }])(
    'prints codes without a provider: %j',
    async (environment) => {
      const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
      const { post } = await start({ NODE_ENV: 'development', ...environment })
      const { body } = await post(sendOtp, { mobile: phone })
      const { otp } = Object(body)
      expect(otp).toMatch(/^[0-9]{6}$/)
      expect(printed.mock.calls.join('\n')).toContain(otp)
      expect((await post(verifyOtp, { mobile: phone, otp })).body).toEqual(verified)
    },
  )

  it('sends by Twilio with SMS_PROVIDER=twilio, and answers without the code', async () => {
    provider = await startProviderServer()
    provider.behave({ status: 201, json: { sid: `SM${'0'.repeat(32)}`, status: 'queued' } })
    const { post } = await start({
      ...production,
      SMS_PROVIDER: 'twilio',
      TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: '2'.repeat(32),
      TWILIO_FROM_NUMBER: '+15017122661',
      TWILIO_BASE_URL: provider.url,
    })
    const answer = await post(sendOtp, { mobile: phone })
    expect([answer.status, answer.body]).toEqual([200, sent])
    const form = new URLSearchParams(provider.lastRequest().body)
    expect([form.get('To'), form.get('From')]).toEqual([phone, '+15017122661'])
    const [otp] = /[0-9]{6}/.exec(form.get('Body') ?? '') ?? []
    expect((await post(verifyOtp, { mobile: phone, otp })).body).toEqual(verified)
  })

  it('sends by MSG91 with SMS_PROVIDER=msg91', async () => {
    provider = await startProviderServer()
    provider.behave({ json: { type: 'success', request_id: '1' } })
    const { post } = await start({
      ...production,
      SMS_PROVIDER: 'msg91',
      MSG91_AUTH_KEY: '123456AbCdEfGhIjKl5f0c0d0e',
      MSG91_SENDER_ID: 'e-GO',
      MSG91_TEMPLATE_ID: '5f0c0d0e0f00000000000001',
      MSG91_BASE_URL: provider.url,
    })
    const answer = await post(sendOtp, { mobile: phone })
    expect([answer.status, answer.body]).toEqual([200, sent])
    const { path, body } = provider.lastRequest()
    const query = new URL(path, provider.url).searchParams
    expect(query.get('mobile') ?? body).toContain(phone.slice(1))
    const otp = query.get('otp') ?? ''
    expect((await post(verifyOtp, { mobile: phone, otp })).body).toEqual(verified)
  })

  it('refuses to start with a provider it does not know, or whose variables are missing', () => {
    const reading = (environment: object) => () => readSettings({ ...production, ...environment })
    expect(reading({ SMS_PROVIDER: 'carrier-pigeon' })).toThrow('SMS_PROVIDER')
    expect(reading({ SMS_PROVIDER: 'twilio' })).toThrow('TWILIO_ACCOUNT_SID')
    expect(reading({ SMS_PROVIDER: 'msg91' })).toThrow('MSG91_AUTH_KEY')
    expect(reading({ SMS_PROVIDER: '' })).toThrow('nothing is configured that sends codes')
  })

  it('gives codes the life and the length of OTP_TTL_SECONDS and OTP_LENGTH', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
    const settings = readSettings({
      NODE_ENV: 'test',
      OTP_TTL_SECONDS: '60',
      OTP_LENGTH: '8',
    }).otp
    const { deliveries: _printed, ...otp } = settings
    const { post, clock, deliveries } = await startBackend(framework, { otp })
    const { body } = await post(sendOtp, { mobile: phone })
    const code = deliveries.sms.lastCode(phone)
    expect(body).toEqual({ ...sent, otp: code, expires_in_seconds: 60 })
    expect(code).toMatch(/^[0-9]{8}$/)
    clock.advance(59_999)
    expect((await post(verifyOtp, { mobile: phone, otp: code })).body).toEqual(verified)

    const next = await post('/auth/send-otp', { ...whatsapp, purpose: 'registration' })
    const { otp: late } = Object(Object(next.body).data)
    clock.advance(60_000)
    expect((await post(verifyOtp, { mobile: phone, otp: late })).body).toMatchObject(invalid)
  })
})
