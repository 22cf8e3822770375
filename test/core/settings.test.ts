import { runInNewContext } from 'node:vm'
import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { fromEnvironment } from 'otpkit/from-environment'
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

it('bytes of a secret may be of another realm, and of a Buffer', async () => {
  const codes = [...new TextEncoder().encode(secret)]
  const foreign: unknown = runInNewContext('new Uint8Array(codes)', { codes })
  expect(foreign).not.toBeInstanceOf(Uint8Array)
  const named = async (given: unknown) => build({ secret: given })().recipient('person@example.com')
  expect(await named(foreign)).toEqual(await named(secret))
  expect(await named(Buffer.from(secret))).toEqual(await named(secret))
})

/** An error whose message does not hold these words. */
const without = (words: string) =>
  expect.objectContaining({ message: expect.not.stringContaining(words) })

describe('wrong options are a TypeError that names them', () => {
  const delivery = base().sms
  const { mail } = base()
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

  const iso = 'must be an ISO 3166 country code such as IN'
  const deliveries = { sms: delivery }
  it.each<[Record<string, unknown>, string, string]>([
    [{ codeLenght: 6 }, 'codeLenght', 'is not known: did you mean `codeLength`?'],
    [{ length: 6 }, 'length', 'is not known: did you mean `codeLength`?'],
    [{ maxAttempts: 6 }, 'maxAttempts', 'is not known: did you mean `attempts`?'],
    [{ colour: 'red' }, 'colour', 'is not known'],
    [
      { purposes: { login: { attempt: 3 } } },
      'purposes.login.attempt',
      'is not known: did you mean `purposes.login.attempts`?',
    ],
    [
      { limits: { recipients: [] } },
      'limits.recipients',
      'is not known: did you mean `limits.recipient`?',
    ],
    [
      { purposes: { login: { limits: { coolDown: 0 } } } },
      'purposes.login.limits.coolDown',
      'is not known: did you mean `purposes.login.limits.cooldown`?',
    ],
    [{ limits: { ip: [{ max: 1, per: '1m', window: 5 }] } }, 'limits.ip.0.window', 'is not known'],
    [
      { secret: [{ Id: 'a', id: 'a', key: secret }], indexSecret: secret },
      'secret.0.Id',
      'is not known: did you mean `secret.0.id`?',
    ],
    [{ deliveries: { SMS: delivery } }, 'deliveries.SMS', 'did you mean `sms`?'],
    [{ deliveries: { WhatsApp: delivery } }, 'deliveries.WhatsApp', 'did you mean `whatsapp`?'],
    [{ deliveries: { 'S M S': delivery } }, 'deliveries', 'did you mean `sms`?'],
    [{ deliveries: { 'Whats App': delivery } }, 'deliveries', '`whatsapp`?'],
    [{ deliveries: { 'Voice!': delivery } }, 'deliveries', 'did you mean `voice`?'],
    [{ deliveries: { 'E-Mail': delivery } }, 'deliveries.E-Mail', 'did you mean `email`?'],
    [{ deliveries: { Push: delivery } }, 'deliveries.Push', 'did you mean `push`?'],
    [{ deliveries, countries: ['in'] }, 'countries.0', `${iso}: did you mean IN?`],
    [{ deliveries, countries: ['IN', 'UK'] }, 'countries.1', `${iso}: did you mean GB?`],
    [{ deliveries, countries: ['+98'] }, 'countries.0', `${iso}: did you mean IR?`],
    [{ deliveries, countries: ['IN', '880'] }, 'countries.1', `${iso}: did you mean BD?`],
    [{ deliveries, countries: ['+1'] }, 'countries.0', iso],
    [{ deliveries, countries: ['India'] }, 'countries.0', `${iso}: did you mean IN?`],
    [{ deliveries, countries: ['XX'] }, 'countries.0', iso],
    [{ deliveries, countries: ['IN', 5] }, 'countries.1', iso],
    [{ deliveries, countries: ['any'] }, 'countries.0', "`countries` is 'any' itself"],
    [{ deliveries, countries: [] }, 'countries', 'must hold at least one country'],
    [
      { deliveries, countries: 'IN' },
      'countries',
      "a list of ISO 3166 country codes such as ['IN']",
    ],
    [{ defaultCountry: 'uk' }, 'defaultCountry', `${iso}: did you mean GB?`],
    [{ secret: [] }, 'secret', 'must hold at least one { id, key }'],
    [{ secret: [{ id: 'a b', key: secret }] }, 'secret.0.id', 'must be up to 16 letters'],
    [{ purposes: ['login', 'no spaces'] }, 'purposes.1', 'must be up to 32 letters'],
    [{ purposes: [5] }, 'purposes.0', 'must be a name'],
    [{ purposes: { login: { codeLength: 4 } } }, 'purposes.login.codeLength', 'from 6 to 10'],
    [{ limits: { ip: [5] } }, 'limits.ip.0', 'must be { max, per }'],
    [{ exposeCode: 'yes' }, 'exposeCode', 'must be true or false'],
    [{ appName: 5 }, 'appName', 'must be a text'],
    [{ lifetime: 300 }, 'lifetime', "`300` is 0.3 s; did you mean '300s' or 300_000?"],
    [{ lifetime: '29s' }, 'lifetime', 'must be 30s or more'],
    [{ purposes: { login: { lifetime: 5 } } }, 'purposes.login.lifetime', "did you mean '5m'"],
    [{ limits: { cooldown: 30 } }, 'limits.cooldown', "did you mean '30s' or 30_000?"],
    [{ limits: { ip: [{ max: 5, per: 3600 }] } }, 'limits.ip.0.per', "'3600s' or 3_600_000?"],
    [{ limits: { global: [{ max: 5, per: '9s' }] } }, 'limits.global.0.per', '10s or more'],
    [{ limits: { ip: [{ max: 5, window: '2m' }] } }, 'limits.ip.0.window', '`limits.ip.0.per`?'],
    [{ limits: { ip: [{ points: 5, per: '2m' }] } }, 'limits.ip.0.points', '`limits.ip.0.max`?'],
    [{ ttl: 300 }, 'ttl', 'did you mean `lifetime`?'],
    [{ tries: 3 }, 'tries', 'did you mean `attempts`?'],
    [{ cooldown: '30s' }, 'cooldown', 'did you mean `limits.cooldown`?'],
    [{ ip: [] }, 'ip', 'did you mean `limits.ip`?'],
    [{ channels: {} }, 'channels', 'did you mean `deliveries`?'],
    [{ purposes: { login: { expiresIn: '5m' } } }, 'purposes.login.expiresIn', '.lifetime`?'],
    [{ purposes: { login: { cooldown: 5 } } }, 'purposes.login.cooldown', '.limits.cooldown`?'],
  ])('of %j the entry is named, and what is probably meant', (change, option, problem) => {
    const start = `otpkit: OtpManager: option \`${option}\` `
    expect(build(change)).toThrow(expect.objectContaining({ name: 'TypeError' }))
    expect(build(change)).toThrow(start)
    expect(build(change)).toThrow(problem)
  })

  it.each<[Record<string, unknown>, string]>([
    [{ countries: ['IN'], defaultCountry: 'US' }, 'defaultCountry` must be one of `countries`'],
    [{ defaultCountry: 'US' }, 'defaultCountry` must be one of `countries`'],
    [{ deliveries: { sms: delivery } }, 'countries` is required with a phone channel'],
    [{ deliveries: { push: delivery } }, 'countries` is required with a phone channel'],
    [
      { deliveries: { email: delivery } },
      'deliveries.email` must be a delivery that reaches email',
    ],
    [{ deliveries: { sms: mail } }, 'deliveries.sms` must be a delivery that reaches phone'],
    [
      { deliveries: { whatsapp: mail } },
      'deliveries.whatsapp` must be a delivery that reaches phone',
    ],
    [{ deliveries: { voice: mail } }, 'deliveries.voice` must be a delivery that reaches phone'],
    [
      { deliveries: { push: { deliver() {} } } },
      'deliveries.push` must be a delivery that reaches somebody',
    ],
    [{ deliveries: 5 }, 'deliveries` must be an object with a delivery for each channel'],
    [{ deliveries: { email: null } }, 'deliveries.email` must be an object with deliver'],
    [{ deliveries: { email: 5 } }, 'deliveries.email` must be an object with deliver'],
    [{ deliveries: { email: mail.deliver } }, 'deliveries.email` must be an object with deliver'],
    [{ purposes: {} }, 'purposes` must hold at least one purpose'],
    [{ lifetime: '11m' }, 'lifetime` must be at most 10m'],
    [
      { secret: [1, 2].map(() => ({ id: 'a', key: secret })), indexSecret: secret },
      'secret` must not hold one id twice',
    ],
    [{ secret: [{ id: 'a', key: secret }] }, 'indexSecret` is required beside a list of keys'],
    [{ clock: 5 }, 'clock` must be a function'],
    [
      { secret: [{ id: 'a', kei: secret }] },
      'secret.0.kei` is not known: did you mean `secret.0.key`?',
    ],
    [
      { secret: [{ Id: 'a', key: secret }] },
      'secret.0.Id` is not known: did you mean `secret.0.id`?',
    ],
    [{ secret: [null] }, 'secret.0` must be { id, key }'],
    [{ secret: [{ id: 'a', key: 5 }] }, 'secret.0.key` is required: 32 random bytes or more'],
    [{ secret: new String(secret) }, 'secret` is required: 32 random bytes or more, or a list'],
    [{ purposes: { login: null } }, 'purposes.login` must be an object'],
    [{ limits: 5 }, 'limits` must be an object'],
    [
      { limits: { ip: [{ maximum: 5, per: '1m' }] } },
      'limits.ip.0.maximum` is not known: did you mean `limits.ip.0.max`?',
    ],
    [{ guard: { mode: 'refuse', allow: [] } }, 'guard.allow` must be an object'],
    [{ guard: { mode: 'refuse', levels: true } }, 'guard.levels` must be an object'],
    [{ messages: null }, 'messages` must be an object'],
    [{ messages: [] }, 'messages` must be an object'],
    [{ messages: 'Your code' }, 'messages` must be an object'],
    [{ messages: { template: {} } }, 'messages` has no `template`: did you mean `templates`?'],
    [
      { messages: { templates: { en: { txt: '{code}' } } } },
      'messages.templates.en` has no `txt`: did you mean `text`?',
    ],
    [
      { messages: { templates: { en: { purpose: {} } } } },
      'messages.templates.en` has no `purpose`: did you mean `purposes`?',
    ],
    [
      { messages: { templates: { en: { purposes: { login: { chanels: {} } } } } } },
      'messages.templates.en.purposes.login` has no `chanels`: did you mean `channels`?',
    ],
    [
      { messages: { templates: { en: { channels: { sms: { texts: '{code}' } } } } } },
      'messages.templates.en.channels.sms` has no `texts`: did you mean `text`?',
    ],

    // What stands where a name should could be a value.
    [{ 'hunter 2': 1 }, 'options` is not known'],
    [{ hunter21234567: 1 }, 'options` is not known'],
    [{ deliveries: { '+919876543210': 1 } }, 'deliveries` must be up to 32 lower-case letters'],
    [{ purposes: { '+919876543210': {} } }, 'purposes` must be up to 32 letters'],
    [{ messages: { templates: { 'hunter 2': {} } } }, 'messages.templates` must be a BCP 47 tag'],
    [
      { messages: { templates: { en: { 'hunter 2': 'a' } } } },
      'messages.templates.en` has unknown members',
    ],
    [{ trace: 5 }, 'trace` must be a function'],
    [{ exposeCode: true }, 'exposeCode` needs NODE_ENV to be exactly development or test'],
  ])('%# says what is wrong', (change, words) => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(build(change)).toThrow(`otpkit: OtpManager: option \`${words}`)
  })

  it.each([
    { deliveries: { 'Fax 2': delivery } },
    { deliveries: { '2Fax': delivery } },
    { purposes: { 'E-Mail!': {} } },
  ])('of %j nothing is guessed, since no name comes of it', (change) => {
    expect(build(change)).toThrow(/must be up to 32 (lower-case )?letters/)
    expect(build(change)).toThrow(without('did you mean'))
  })

  it('a phone channel of any name needs countries, and a mail channel none', () => {
    const both = { ...delivery, reaches: ['phone', 'email'] }
    expect(build({ deliveries: { email: both } })).not.toThrow()
    expect(build({ deliveries: { letter: mail } })).not.toThrow()
    expect(build({ deliveries: { letter: both } })).toThrow('`countries` is required')
    expect(build({ deliveries: { letter: both, sms: both }, countries: 'any' })).not.toThrow()
  })

  it('there is a database, or a store and a rate limiter, and never both or half of it', () => {
    const { store, rateLimiter } = createFixture()
    const database = memory()
    const whole = [
      [undefined, undefined, database],
      [store, rateLimiter, undefined],
    ]
    for (const places of whole) {
      const [store, rateLimiter, database] = places
      expect(build({ store, rateLimiter, database })).not.toThrow()
    }
    for (const [one, other, both] of [
      [undefined, undefined, undefined],
      [store, undefined, undefined],
      [undefined, rateLimiter, undefined],
      [store, undefined, database],
      [undefined, rateLimiter, database],
      [store, rateLimiter, database],
    ]) {
      expect(build({ store: one, rateLimiter: other, database: both })).toThrow(
        'otpkit: pass option `database`, or `store` and `rateLimiter` together, and not both',
      )
    }
  })

  it('whatever may be sent needs a price', () => {
    const spend = (perMessage: object) => ({
      spend: { perDay: 1, prices: { currency: 'EUR', perMessage } },
    })
    const both = { ...delivery, reaches: ['phone', 'email'] }
    const everywhere = { deliveries: { letter: both, sms: both }, countries: 'any' }
    const missing = (perMessage: object) => build({ ...everywhere, ...spend(perMessage) })
    expect(missing({ letter: 1, sms: { IN: 1 } })).toThrow('`spend.prices.perMessage.sms.others`')
    expect(missing({ letter: { IN: 1 }, sms: 1 })).toThrow('perMessage.letter.others`')
    expect(missing({ letter: { others: 1 }, sms: { others: 1 } })).not.toThrow()
    const served = { deliveries: { letter: both, sms: both }, countries: ['IN'] }
    // A letter may go to an address, an SMS never.
    expect(build({ ...served, ...spend({ letter: { IN: 1 }, sms: { IN: 1 } }) })).toThrow(
      'perMessage.letter.others`',
    )
    expect(build({ ...served, ...spend({ letter: 1, sms: { IN: 1 } }) })).not.toThrow()
  })

  it('no cooldown is a choice, and the shortest durations are taken', () => {
    for (const cooldown of [0, false, '1s', 1_000]) {
      expect(build({ limits: { cooldown } })).not.toThrow()
    }
    expect(build({ lifetime: '30s' })).not.toThrow()
    expect(build({ limits: { ip: [{ max: 1, per: 10_000 }] } })).not.toThrow()
  })

  const bytes = (text: string) => new TextEncoder().encode(text)
  it.each([
    [`${secret} `],
    [`${secret}\n`],
    [`${secret}\r\n`],
    [`\t${secret}`],
    [`\ufeff${secret}`],
    [`"${secret}"`],
    [`'${secret}'`],
    [`\u201c${secret}\u201d`],
    [`${secret}\n${secret}`],
    [`${secret}\u0000`],
    [`${secret}\u200b`],
    [`\u2060${secret}`],
    [`${secret.slice(0, 9)}\u00ad${secret.slice(9)}`],
    [bytes(`${secret}\n`)],
    [bytes(`"${secret}"`)],
    ['my-too-short-secret'],
  ])('a secret that another host would read otherwise is refused by name: %j', (value) => {
    const rotating = { secret: [{ id: '1', key: value }], indexSecret: secret }
    const rows = [
      ['secret', { secret: value }],
      ['indexSecret', { indexSecret: value }],
      ['secret.0.key', rotating],
    ] as const
    for (const [option, change] of rows) {
      expect(build(change)).toThrow(`otpkit: OtpManager: option \`${option}\` must `)
      expect(build(change)).toThrow(without('secret-'))
    }
    if (typeof value !== 'string') return
    const env = { OTP_SECRET: value, NODE_ENV: 'test' }
    expect(() => fromEnvironment(env)).toThrow(/\n- OTP_SECRET must /)
    expect(() => fromEnvironment(env)).toThrow(without('secret-'))
  })

  it('random bytes are a secret whatever they end in', () => {
    const random = Uint8Array.from({ length: 32 }, (_, index) => 255 - index * 7)
    for (const last of [0x0a, 0x0d, 0x20, 0x22]) {
      expect(build({ secret: Uint8Array.from([...random, last]) })).not.toThrow()
    }
  })

  it('is no object at all', () => {
    for (const options of [undefined, null, 5, 'options', []]) {
      expect(() => new OtpManager(options as never)).toThrow(
        new TypeError('otpkit: OtpManager: the options must be an object'),
      )
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

describe('countries', () => {
  const ask = { channel: 'sms', purpose: 'login', ip: null } as const

  it('are those of a list, any, or of a default where a number names none', async () => {
    for (const [options, to, expected] of [
      [{ countries: ['IN'] }, '+4915123456789', { reason: 'invalid', problem: 'country' }],
      [{ countries: 'any' }, '+4915123456789', { ok: true }],
      [{ countries: 'any' }, '9876543210', { problem: 'country_code_missing' }],
      [{ countries: 'any', defaultCountry: 'IN' }, '9876543210', { ok: true }],
      [{ countries: ['IN', 'US'], defaultCountry: 'IN' }, '9876543210', { ok: true }],
    ] as const) {
      const { otp } = createFixture(options)
      expect(await otp.send({ ...ask, to })).toMatchObject(expected)
    }
  })

  it('none are served without the option', async () => {
    const { store, rateLimiter, mail } = createFixture()
    const purposes = ['login'] as const
    const otp = new OtpManager({
      secret,
      store,
      rateLimiter,
      deliveries: { email: mail },
      purposes,
    })
    const to = '+919876543210'
    expect(await otp.send({ ...ask, channel: 'email', to })).toMatchObject({ problem: 'country' })
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
