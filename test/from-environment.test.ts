import { readdirSync, readFileSync } from 'node:fs'
import { OtpManager } from 'otpkit'
import { type EnvironmentChannel, fromEnvironment } from 'otpkit/from-environment'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { useProviderServer } from './deliveries/delivery-suite'
import { clients, secret } from './environment/case'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const account = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'canary' }
const twilio = { ...account, TWILIO_PHONE_NUMBER: '+15017122661' }
const kavenegar = { KAVENEGAR_API_KEY: 'canary', KAVENEGAR_SENDER: '10008663' }
const msg91 = { MSG91_AUTH_KEY: 'canary', MSG91_TEMPLATE_ID: '5f0c0d0e0fca' }
const resend = { RESEND_API_KEY: 're_canary', EMAIL_FROM: 'otp@acme.example' }

/** The provider of each channel. */
function providersOf(
  env: Record<string, string | undefined>,
  channels?: readonly EnvironmentChannel[],
) {
  const options = channels === undefined ? clients : { ...clients, channels }
  const { deliveries } = fromEnvironment({ OTP_SECRET: secret, ...env }, options)
  return Object.fromEntries(Object.entries(deliveries).map(([name, { name: by }]) => [name, by]))
}

describe('the options', () => {
  const server = useProviderServer()

  it('make a manager that sends', async () => {
    const env = {
      ...twilio,
      OTP_SECRET: secret,
      OTP_COUNTRIES: 'IN, BD',
      OTP_DEFAULT_COUNTRY: 'IN',
      OTP_TTL_SECONDS: '120',
      OTP_LENGTH: '8',
      APP_NAME: 'ServiceHub',
      TWILIO_BASE_URL: server().url,
    }
    server().behave({ status: 201, json: { sid: 'SM1', error_code: null } })
    const otp = new OtpManager({
      ...fromEnvironment(env),
      store: memoryStore(),
      rateLimiter: memoryRateLimiter(),
      purposes: ['login'],
    })
    const request = { to: '98765 43210', purpose: 'login', ip: null } as const
    const sent = await otp.send({ ...request, channel: 'sms' })
    expect(sent).toMatchObject({ ok: true, recipient: '+919876543210', expiresInMs: 120_000 })
    const message = new URLSearchParams(server().lastRequest().body)
    expect(message.get('From')).toBe('+15017122661')
    expect(message.get('Body')).toMatch(/ServiceHub.*\b\d{8}\b|\b\d{8}\b.*ServiceHub/)
    const code = /\b\d{8}\b/.exec(message.get('Body') ?? '')?.[0] ?? ''
    expect(await otp.verify({ ...request, code })).toMatchObject({ ok: true })
    // In the type, but not configured.
    const refused = await otp.send({ ...request, channel: 'email' })
    expect(refused).toMatchObject({ ok: false, reason: 'invalid', field: 'channel' })
  })

  it('hold what the variables say, and nothing else', () => {
    expect(fromEnvironment({ ...twilio, OTP_SECRET: secret })).toEqual({
      secret,
      deliveries: { sms: expect.objectContaining({ name: 'twilio' }) },
    })
    const env = {
      ...twilio,
      OTP_SECRET: secret,
      OTP_COUNTRIES: 'any',
      OTP_DEFAULT_COUNTRY: 'BD',
      OTP_EXPIRY_MINUTES: '5',
      OTP_LENGTH: '6',
      OTP_MAX_ATTEMPTS: '3',
      APP_NAME: 'Job Alert',
    }
    expect(fromEnvironment(env)).toEqual({
      secret,
      deliveries: { sms: expect.objectContaining({ name: 'twilio' }) },
      countries: 'any',
      defaultCountry: 'BD',
      lifetime: 300_000,
      codeLength: 6,
      attempts: 3,
      appName: 'Job Alert',
    })
  })

  it('come from what is handed over alone', () => {
    for (const [name, value] of Object.entries(twilio)) vi.stubEnv(name, value)
    vi.stubEnv('OTP_LENGTH', '8')
    expect(fromEnvironment({ ...kavenegar, OTP_SECRET: secret })).toEqual({
      secret,
      deliveries: { sms: expect.objectContaining({ name: 'kavenegar' }) },
    })
  })

  it.each([
    ['OTP_TTL_SECONDS', '300', 300_000],
    ['OTP_EXPIRY_TIME', '300', 300_000],
    ['OTP_EXPIRY_MINUTES', '10', 600_000],
  ])('%s=%s is a lifetime of %i ms', (name, value, lifetime) => {
    expect(fromEnvironment({ ...twilio, OTP_SECRET: secret, [name]: value })).toMatchObject({
      lifetime,
    })
  })

  it('may say the same under several names', () => {
    const env = { OTP_TTL_SECONDS: '300', OTP_EXPIRY_TIME: '300', OTP_EXPIRY_MINUTES: '5' }
    const more = { MAX_ATTEMPTS: '3', OTP_MAX_ATTEMPTS: '3', TWILIO_FROM_NUMBER: '+15017122661' }
    expect(fromEnvironment({ ...twilio, OTP_SECRET: secret, ...env, ...more })).toMatchObject({
      lifetime: 300_000,
      attempts: 3,
    })
  })

  /** Whether the manager takes an option. */
  const taken = (option: object) => {
    try {
      new OtpManager({
        ...fromEnvironment({ ...twilio, OTP_SECRET: secret, OTP_COUNTRIES: 'IN' }),
        store: memoryStore(),
        rateLimiter: memoryRateLimiter(),
        purposes: ['login'],
        ...option,
      })
      return true
    } catch {
      return false
    }
  }
  const read = (variables: object) => {
    try {
      fromEnvironment({ ...twilio, OTP_SECRET: secret, ...variables })
      return true
    } catch {
      return false
    }
  }

  it.each([
    ...['0', '1', '600', '601'].map((text) => ['OTP_TTL_SECONDS', text, 'lifetime', 1000] as const),
    ...['0', '1', '10', '11'].map((text) => ['OTP_EXPIRY_MINUTES', text, 'lifetime', 6e4] as const),
    ...['5', '6', '10', '11'].map((text) => ['OTP_LENGTH', text, 'codeLength', 1] as const),
    ...['0', '1', '10', '11'].map((text) => ['MAX_ATTEMPTS', text, 'attempts', 1] as const),
  ])('%s=%s is taken as the manager takes it', (name, text, option, unit) => {
    expect(read({ [name]: text })).toBe(taken({ [option]: Number(text) * unit }))
  })

  it.each(['x'.repeat(64), 'x'.repeat(65), 'a<b', 'a\u202eb', '۱۲۳', 'Acme & Co'])(
    'the name %j is taken as the manager takes it',
    (appName) => {
      expect(read({ APP_NAME: appName })).toBe(taken({ appName }))
    },
  )

  it.each([secret, secret.slice(1), 'abcdefg'.repeat(5), 'abcdefgh'.repeat(4), 'é'.repeat(16)])(
    'the secret %j is taken as the manager takes it',
    (candidate) => {
      expect(read({ OTP_SECRET: candidate })).toBe(taken({ secret: candidate }))
    },
  )
})

describe('the provider', () => {
  it.each([
    ['twilio', twilio],
    ['twilio', { ...twilio, SMS_PROVIDER: '' }],
    ['kavenegar', kavenegar],
    ['msg91', { ...msg91, MSG91_SENDER_ID: 'e-GO' }],
    ['msg91', { ...twilio, ...msg91, SMS_PROVIDER: 'msg91' }],
    ['twilio', { ...twilio, ...msg91, SMS_PROVIDER: 'twilio' }],
    // What is left of a provider that is not used any more.
    ['kavenegar', { ...account, ...kavenegar, SMS_PROVIDER: 'kavenegar' }],
    // Lines of a `.env` file that were left empty.
    ['kavenegar', { ...kavenegar, TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: ' ' }],
  ])('of SMS is %s', (provider, env) => {
    expect(providersOf(env)).toEqual({ sms: provider })
  })

  it('of each channel is chosen by itself', () => {
    const calls = { ...account, TWILIO_VOICE_NUMBER: '+15017122661' }
    const whatsapp = { WA_API_TOKEN: 'canary', WA_PHONE_NUMBER_ID: '1', WA_TEMPLATE: 'codes' }
    const telegram = { TELEGRAM_GATEWAY_TOKEN: 'canary' }
    const env = { ...kavenegar, ...calls, ...whatsapp, ...resend, ...telegram }
    expect(providersOf(env)).toEqual({
      sms: 'kavenegar',
      whatsapp: 'whatsapp',
      voice: 'twilio',
      email: 'resend',
      telegram: 'telegram',
    })
  })

  it('is never taken from variables that the runtimes of AWS set', () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'B' }
    expect(providersOf({ ...env, ...twilio })).toEqual({ sms: 'twilio' })
  })

  it('prefers an API key of Twilio, and leaves the auth token to the reports', () => {
    const key = { TWILIO_API_KEY: 'SK1', TWILIO_API_SECRET: 'canary' }
    expect(providersOf({ ...twilio, ...key })).toEqual({ sms: 'twilio' })
  })
})

describe('channels', () => {
  it('limit what is looked at', () => {
    const env = { ...twilio, EMAIL_FROM: 'otp@acme.example', WA_API_TOKEN: 'half', SMTP_URI: 'x' }
    expect(providersOf(env, ['sms'])).toEqual({ sms: 'twilio' })
  })

  it('are the channels of the manager', async () => {
    const env = { ...twilio, ...resend, OTP_SECRET: secret, OTP_COUNTRIES: 'IN' }
    const otp = new OtpManager({
      ...fromEnvironment(env, { channels: ['email', 'sms'] }),
      store: memoryStore(),
      rateLimiter: memoryRateLimiter(),
      purposes: ['login'],
    })
    type Channel = Exclude<Parameters<typeof otp.send>[0]['channel'], readonly unknown[]>
    expectTypeOf<Channel>().toEqualTypeOf<'email' | 'sms'>()
    expect(providersOf(env, ['email', 'sms'])).toEqual({ email: 'resend', sms: 'twilio' })
  })
})

describe('S10 with nothing configured', () => {
  const printed = { sms: 'console', whatsapp: 'console', voice: 'console', email: 'console' }

  it.each(['development', 'test'])('codes are printed where NODE_ENV is %s', (NODE_ENV) => {
    vi.stubEnv('NODE_ENV', NODE_ENV)
    expect(providersOf({ NODE_ENV })).toEqual(printed)
    expect(providersOf({ NODE_ENV, SMS_PROVIDER: '', TWILIO_AUTH_TOKEN: '' })).toEqual(printed)
    expect(providersOf({ NODE_ENV }, ['email'])).toEqual({ email: 'console' })
  })

  it('and something in part, only what is configured is there', () => {
    const NODE_ENV = 'test'
    expect(providersOf({ NODE_ENV, ...twilio })).toEqual({ sms: 'twilio' })
    expect(providersOf({ NODE_ENV, ...twilio, EMAIL_PROVIDER: 'console' })).toEqual({
      sms: 'twilio',
      email: 'console',
    })
  })

  it.each(['production', 'Test', 'staging', '', undefined])(
    'it is an error where NODE_ENV is %j, whatever the process says',
    (NODE_ENV) => {
      expect(() => providersOf({ NODE_ENV })).toThrow('NODE_ENV')
      expect(() => providersOf({ NODE_ENV }, ['sms'])).toThrow('TWILIO_ACCOUNT_SID')
      expect(() => providersOf({ NODE_ENV, SMS_PROVIDER: 'console' })).toThrow('NODE_ENV')
    },
  )

  it('it is an error where the process itself is in production, whatever the variables say', () => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(() => providersOf({ NODE_ENV: 'development' })).toThrow('NODE_ENV')
  })

  it('the error lists what to set', () => {
    for (const name of ['SMS_PROVIDER', 'TWILIO_ACCOUNT_SID', 'MSG91_AUTH_KEY', 'WA_TEMPLATE']) {
      expect(() => providersOf({})).toThrow(name)
    }
    expect(() => providersOf({}, ['email'])).toThrow('SMTP_URL, EMAIL_FROM')
    expect(() => providersOf({}, ['email'])).not.toThrow('TWILIO')
  })

  it('telegram is never printed', () => {
    expect(() => providersOf({ NODE_ENV: 'test' }, ['telegram'])).toThrow('TELEGRAM_GATEWAY_TOKEN')
  })
})

describe('the document', () => {
  it('has every variable, and no other', () => {
    const parts = readdirSync('src/environment').map((file) => `src/environment/${file}`)
    const texts = ['src/from-environment.ts', ...parts].map((file) => readFileSync(file, 'utf8'))
    const read = texts.flatMap((text) => [...text.matchAll(/'([A-Z][A-Z0-9]*_[A-Z0-9_]+)'/g)])
    const [tables = ''] = readFileSync('docs/environment.md', 'utf8').split('## Coming from')
    const rows = tables.match(/^\| `.*$/gm) ?? []
    const told = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)])
    const names = (matches: RegExpExecArray[]) => new Set(matches.map(([, name = '']) => name))
    expect(names(read).size).toBeGreaterThan(50)
    expect([...names(told)].sort()).toEqual([...names(read), 'NODE_ENV'].sort())
  })
})
