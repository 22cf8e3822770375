import { OtpManager } from 'otpkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFixture, secret } from '../fixture'

const base = () => {
  const { store, rateLimiter, sms, mail } = createFixture()
  return { secret, store, rateLimiter, deliveries: { email: mail }, purposes: ['login'], sms, mail }
}

/** Builds a manager of options as a program without types would. */
function build(change: Record<string, unknown>) {
  const { sms: _, mail: __, ...options } = base()
  return () => new OtpManager({ ...options, ...change } as never)
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('wrong options are a TypeError that names them', () => {
  const delivery = base().sms
  const rows: [string, Record<string, unknown>][] = [
    ['secret', { secret: undefined }],
    ['secret', { secret: '' }],
    ['secret', { secret: 'x'.repeat(31) }],
    ['secret', { secret: 'ab'.repeat(32) }],
    ['secret', { secret: new Uint8Array(32) }],
    ['secret', { secret: 12345678901234567890123456789012n }],
    ['secret', { secret: [] }],
    ['secret.0.key', { secret: [{ id: 'a', key: 'short' }], indexSecret: secret }],
    ['secret', { secret: [{ id: 'a b', key: secret }], indexSecret: secret }],
    ['secret', { secret: [1, 2].map(() => ({ id: 'a', key: secret })), indexSecret: secret }],
    ['indexSecret', { secret: [{ id: 'a', key: secret }] }],
    ['indexSecret', { indexSecret: 'short' }],
    ['store', { store: { put() {} } }],
    ['rateLimiter', { rateLimiter: { take() {} } }],
    ['database', { store: undefined, rateLimiter: undefined, database: { begin() {} } }],
    ['deliveries', { deliveries: {} }],
    ['deliveries', { deliveries: undefined }],
    ['deliveries.sms', { deliveries: { sms: {} } }],
    ['deliveries', { deliveries: { 'S M S': delivery } }],
    ['deliveries.email', { deliveries: { email: delivery } }],
    ['deliveries.push', { deliveries: { push: { deliver() {} } } }],
    ['countries', { deliveries: { sms: delivery } }],
    ['countries', { deliveries: { sms: delivery }, countries: [] }],
    ['countries', { deliveries: { sms: delivery }, countries: ['XX'] }],
    ['countries', { deliveries: { sms: delivery }, countries: 'IN' }],
    ['defaultCountry', { countries: ['IN'], defaultCountry: 'US' }],
    ['purposes', { purposes: [] }],
    ['purposes', { purposes: {} }],
    ['purposes', { purposes: ['no spaces'] }],
    ['purposes', { purposes: { login: { codeLength: 4 } } }],
    ['purposes.login.lifetime', { purposes: { login: { lifetime: '11m' } } }],
    ['codeLength', { codeLength: '6' }],
    ['codeLength', { codeLength: 6.5 }],
    ['codeLength', { codeLength: Number.NaN }],
    ['attempts', { attempts: 0 }],
    ['attempts', { attempts: 11 }],
    ['alphabet', { alphabet: 'letters' }],
    ['resend', { resend: 'other' }],
    ['bind', { bind: 'ip' }],
    ['lifetime', { lifetime: '601s' }],
    ['lifetime', { lifetime: 0 }],
    ['lifetime', { lifetime: 'soon' }],
    ['limits', { limits: { recipients: [] } }],
    ['limits.recipient.0.max', { limits: { recipient: [{ max: 0, per: '1h' }] } }],
    ['limits.ip.0.per', { limits: { ip: [{ max: 1, per: 'hour' }] } }],
    ['limits.cooldown', { limits: { cooldown: 'soon' } }],
    ['namespace', { namespace: 'a b' }],
    ['exposeCode', { exposeCode: 'yes' }],
    ['background', { background: true }],
    ['appName', { appName: 5 }],
  ]
  it.each(rows)('%s %#', (option, change) => {
    const name = option.replaceAll('.', '\\.')
    expect(build(change)).toThrow(TypeError)
    expect(build(change)).toThrow(new RegExp(`option \`${name}`))
  })

  it('S02 codes have 6 to 10 characters', () => {
    for (let codeLength = 0; codeLength <= 12; codeLength++) {
      const built = build({ codeLength })
      if (codeLength >= 6 && codeLength <= 10) expect(built).not.toThrow()
      else expect(built).toThrow(/`codeLength`/)
    }
  })

  it('S03 a lifetime of exactly ten minutes is the longest', () => {
    expect(build({ lifetime: '10m' })).not.toThrow()
    expect(build({ lifetime: 600_001 })).toThrow(/`lifetime`/)
  })

  it('a misspelt option is an error', () => {
    expect(build({ codeLenght: 6 })).toThrow(/option `codeLenght` is not known/)
    const purposes = { login: { attempt: 3 } }
    expect(build({ purposes })).toThrow(/option `purposes.login.attempt` is not known/)
  })

  it('never echoes a secret', () => {
    const value = 'my-too-short-secret'
    expect(build({ secret: value })).toThrow(expect.not.stringContaining(value))
  })

  it('is no object at all', () => {
    for (const options of [undefined, null, 5, 'options', []]) {
      expect(() => new OtpManager(options as never)).toThrow(TypeError)
    }
  })

  it('S10 exposeCode needs development or test', () => {
    for (const environment of ['production', '', 'Development', 'test ', 'staging', undefined]) {
      vi.stubEnv('NODE_ENV', environment)
      expect(build({ exposeCode: true })).toThrow(/`exposeCode`/)
      expect(build({ exposeCode: false })).not.toThrow()
    }
    for (const environment of ['development', 'test']) {
      vi.stubEnv('NODE_ENV', environment)
      expect(build({ exposeCode: true })).not.toThrow()
    }
  })
})

describe('options per purpose', () => {
  it('override the defaults', async () => {
    const { store, rateLimiter, mail } = createFixture()
    const otp = new OtpManager({
      secret,
      store,
      rateLimiter,
      deliveries: { email: mail },
      lifetime: '2m',
      purposes: {
        login: {},
        password_reset: { codeLength: 8, lifetime: '10m', alphabet: 'base32' },
      },
    })
    const ask = { channel: 'email', ip: null } as const
    const login = await otp.send({ ...ask, to: 'a@example.com', purpose: 'login' })
    expect(login).toMatchObject({ expiresInMs: 120_000 })
    const reset = await otp.send({ ...ask, to: 'b@example.com', purpose: 'password_reset' })
    expect(reset).toMatchObject({ expiresInMs: 600_000 })
    expect(mail.messages.map(({ code }) => code)).toEqual([
      expect.stringMatching(/^\d{6}$/),
      expect.stringMatching(/^[0-9A-Z]{8}$/),
    ])
  })
})

describe('S06 rotation', () => {
  const old = { id: '1', key: secret }
  const next = { id: 'b', key: 'another-secret-0123456789-abcdefghij' }

  function manager(secrets: OtpManagerSecret, fixture: ReturnType<typeof createFixture>) {
    const { store, rateLimiter, sms } = fixture
    const index = Array.isArray(secrets) ? { indexSecret: secret } : {}
    return new OtpManager({
      secret: secrets,
      ...index,
      store,
      rateLimiter,
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
      limits: { cooldown: false },
    })
  }
  type OtpManagerSecret = string | { id: string; key: string }[]
  const ask = { to: '+919876543210', purpose: 'login', ip: null } as const

  it('a code from before a rotation verifies, and can be sent again', async () => {
    const fixture = createFixture()
    await manager(secret, fixture).send({ ...ask, channel: 'sms' })
    const code = fixture.sms.lastCode()
    const rotated = manager([next, old], fixture)
    expect(await rotated.send({ ...ask, channel: 'sms' })).toMatchObject({ ok: true })
    expect(fixture.sms.lastCode()).toBe(code)
    expect(await rotated.verify({ ...ask, code })).toMatchObject({ ok: true })
  })

  it('an appended key already verifies what the promoted one signs elsewhere', async () => {
    const fixture = createFixture()
    await manager([next, old], fixture).send({ ...ask, channel: 'sms' })
    const result = await manager([old, next], fixture).verify({
      ...ask,
      code: fixture.sms.lastCode(),
    })
    expect(result).toMatchObject({ ok: true })
  })

  it('a removed key fails closed, and a message starts anew', async () => {
    const fixture = createFixture()
    await manager([old], fixture).send({ ...ask, channel: 'sms' })
    const code = fixture.sms.lastCode()
    const without = manager([next], fixture)
    expect(await without.verify({ ...ask, code })).toMatchObject({ reason: 'incorrect' })
    expect(await without.send({ ...ask, channel: 'sms' })).toMatchObject({ ok: true })
    expect(fixture.sms.lastCode()).not.toBe(code)
    const fresh = fixture.sms.lastCode()
    expect(await without.verify({ ...ask, code: fresh })).toMatchObject({ ok: true })
  })

  it('forgets no ledger', async () => {
    const fixture = createFixture()
    const before = manager(secret, fixture)
    await before.send({ ...ask, channel: 'sms' })
    await before.verify({ ...ask, code: '000000' })
    const failures: number[] = []
    const rotated = manager([next, old], fixture)
    rotated.subscribe((event) => {
      if (event.type === 'incorrect') failures.push(event.failures)
    })
    await rotated.verify({ ...ask, code: '000001' })
    expect(failures).toEqual([2])
  })

  it('another namespace is another world', async () => {
    const { store, rateLimiter } = createFixture()
    const one = createFixture({ store, rateLimiter, namespace: 'one' })
    const two = createFixture({ store, rateLimiter, namespace: 'two' })
    const { code } = await one.receive()
    expect(await two.verify(code)).toEqual({ ok: false, reason: 'expired' })
  })
})
