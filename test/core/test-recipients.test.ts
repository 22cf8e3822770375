import { OtpManager, type PurposeOptions } from 'otpkit'
import { memoryHistory } from 'otpkit/histories/memory'
import { capturedDelivery } from 'otpkit/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Conversions } from '../../src/conversion'
import { createKeyring } from '../../src/core/keyring'
import { createFixture, email, noLimits, phone, secret, wrong } from '../fixture'

const fixed = '314159'
const reviewer = '+12025550123'
const mailReviewer = 'reviewer@example.com'
const codes = { [reviewer]: fixed, [mailReviewer]: '27182818' }
const minute = 60_000
const day = 24 * 60 * minute

type Options = Parameters<typeof createFixture>[0]

/** A manager whose test recipients end in a day, in production. */
function create(options: Options = {}) {
  vi.stubEnv('NODE_ENV', 'production')
  const { clock } = createFixture()
  const until = new Date(clock.now() + day)
  const fixture = createFixture({ testRecipients: { codes, until }, ...options })
  const ask = { to: reviewer, purpose: 'login', ip: '203.0.113.7' } as const
  const send = (more: Partial<Parameters<typeof fixture.otp.send>[0]> = {}) =>
    fixture.otp.send({ ...ask, channel: 'sms', ...more })
  const verify = (code: string, more: Partial<{ to: string; purpose: 'login' | 'signup' }> = {}) =>
    fixture.otp.verify({ ...ask, code, ...more })
  const messages = () => [fixture.sms, fixture.whatsapp, fixture.mail].flatMap((x) => x.messages)
  return { ...fixture, ask, send, verify, messages, until }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a test recipient', () => {
  it('is sent nothing and verifies with its code, which is told by an event each time', async () => {
    const { send, verify, messages, events } = create()
    const sent = await send()
    expect(sent).toMatchObject({ ok: true, codeLength: 6, delivery: 'accepted' })
    expect(await verify(wrong(fixed))).toMatchObject({ reason: 'incorrect', attemptsLeft: 2 })
    expect(await verify(fixed)).toMatchObject({ ok: true, recipient: reviewer })
    expect(await verify(fixed)).toMatchObject({ reason: 'used' })
    expect(messages()).toEqual([])
    expect(events).toMatchObject([
      { type: 'sent', delivery: 'test', test: true },
      { type: 'incorrect', test: true },
      { type: 'verified', test: true },
      { type: 'used', test: true },
    ])
    expect(JSON.stringify([sent, events])).not.toContain(fixed)
  })

  it('has the code for every purpose, binding, alphabet and spelling', async () => {
    for (const options of [
      {},
      { bind: 'challenge' },
      { alphabet: 'base32', codeLength: 8 },
      { resend: 'new' },
      { resend: 'new', bind: 'challenge' },
    ] satisfies PurposeOptions[]) {
      const { otp, ask, clock, messages } = create(options)
      for (const purpose of ['login', 'signup'] as const) {
        const sent = await otp.send({ ...ask, to: '+1 (202) 555-0123', purpose, channel: 'sms' })
        if (!sent.ok) throw new Error(sent.reason)
        const { challengeId } = sent
        // A code is for its own purpose.
        const other = purpose === 'login' ? 'signup' : 'login'
        const guess = { challengeId, code: fixed, ip: null } as const
        expect(await otp.verify({ ...guess, purpose: other })).toMatchObject({ ok: false })
        expect(await otp.verify({ ...guess, purpose })).toMatchObject({ ok: true })
        clock.advance(minute)
      }
      expect(messages()).toEqual([])
    }
  })

  it('may have mail, and is not its aliases', async () => {
    const { otp, send, mail, verify } = create()
    const to = mailReviewer
    expect(await send({ to, channel: 'email' })).toMatchObject({ ok: true, codeLength: 8 })
    expect(await verify('27182818', { to: 'Reviewer@Example.com' })).toMatchObject({ ok: true })
    expect(mail.messages).toEqual([])
    const alias = 'reviewer+1@example.com'
    const sent = await otp.send({ to: alias, channel: 'email', purpose: 'login', ip: null })
    expect(sent).toMatchObject({ ok: true, codeLength: 6 })
    expect(mail.messages).toHaveLength(1)
    expect(await verify('27182818', { to: alias })).toMatchObject({ ok: false })
    expect(await verify(mail.lastCode(), { to: alias })).toMatchObject({ ok: true })
  })

  it('is nobody else: an ordinary recipient has codes of its own', async () => {
    const { receive, verify, sms } = create()
    const { code } = await receive()
    expect(sms.messages).toHaveLength(1)
    if (code !== fixed) expect(await verify(fixed, { to: phone })).toMatchObject({ ok: false })
    expect(await verify(code, { to: phone })).toMatchObject({ ok: true })
  })

  it('is verified by no code, where nobody can tell what its challenge is about', async () => {
    const { store } = createFixture()
    const unreadable: typeof store.get = async (id) => {
      const found = await store.get(id)
      return found && { ...found, data: '1.x' }
    }
    const { send, verify } = create({ store: { ...store, get: unreadable } })
    await send()
    expect(await verify(fixed)).toMatchObject({ reason: 'incorrect' })
  })

  it('is not sent what a host relays either', async () => {
    const { otp, ask, messages, events } = create()
    const asked = { ...ask, channel: 'sms', code: '4711' } as const
    expect(await otp.relay(asked)).toMatchObject({ ok: true, duplicate: false })
    expect(await otp.relay(asked)).toMatchObject({ ok: true, duplicate: true })
    expect(messages()).toEqual([])
    expect(events).toMatchObject([{ type: 'sent', relayed: true, delivery: 'test', test: true }])
    expect(await otp.verify({ ...ask, code: '4711' })).toMatchObject({ reason: 'expired' })
  })

  it('verifies nothing without a challenge, nor after `cancel`', async () => {
    const { otp, send, verify, ask } = create()
    expect(await verify(fixed)).toMatchObject({ reason: 'expired' })
    await send()
    expect(await otp.cancel(ask)).toEqual({ ok: true })
    expect(await verify(fixed)).toMatchObject({ reason: 'expired' })
  })

  it('is withheld like anybody by `deliver: false`, before and after a challenge of its own', async () => {
    const { send, verify, clock, events } = create({ limits: { ...noLimits } })
    expect(await send({ deliver: false })).toMatchObject({ ok: true, codeLength: 6 })
    expect(await verify(fixed)).toMatchObject({ reason: 'incorrect' })
    await send()
    await send({ deliver: false })
    expect(await verify(fixed)).toMatchObject({ reason: 'incorrect' })
    await send()
    expect(await verify(fixed)).toMatchObject({ ok: true })
    clock.advance(minute)
    const deliveries = events.flatMap((event) => (event.type === 'sent' ? [event.delivery] : []))
    expect(deliveries).toEqual(['withheld', 'test', 'withheld', 'test'])
  })

  it('can verify as often as its limits let it ask', async () => {
    for (const resend of ['same', 'new'] as const) {
      const { send, verify, clock } = create({ resend, limits: { ...noLimits } })
      for (let time = 0; time < 12; time += 1) {
        expect(await send(), `message ${time}`).toMatchObject({ ok: true })
        expect(await verify(wrong(fixed)), `guess ${time}`).toMatchObject({ attemptsLeft: 2 })
        expect(await verify(fixed), `code ${time}`).toMatchObject({ ok: true })
        clock.advance(1_000)
      }
    }
  })

  it('repeats its challenge, and moves it', async () => {
    for (const bind of ['recipient', 'challenge'] as const) {
      for (const resend of ['same', 'new'] as const) {
        const { otp, send, clock, messages } = create({ bind, resend })
        const sent = await send()
        if (!sent.ok) throw new Error(sent.reason)
        clock.advance(minute)
        const again = await otp.resend({ challengeId: sent.challengeId, ip: null })
        if (!again.ok) throw new Error(again.reason)
        const guess = { purpose: 'login', code: fixed, ip: null } as const
        const { challengeId } = again
        expect(await otp.verify({ ...guess, challengeId })).toMatchObject({ ok: true })
        expect(messages()).toEqual([])
      }
    }
  })

  it('has a ledger of its own, which never asks for a longer code, and locks', async () => {
    const { otp, send, verify, clock, ask } = create({ limits: { ...noLimits, cooldown: false } })
    for (let failures = 0; failures < 100; ) {
      expect(await send(), `at ${failures}`).toMatchObject({ ok: true, codeLength: 6 })
      for (let time = 0; time < 3 && failures < 100; time += 1) {
        expect(await verify(wrong(fixed))).toMatchObject({ reason: 'incorrect' })
        failures += 1
      }
      // Fewer messages a day as it grows, as for anybody.
      clock.advance(failures % 50 === 0 ? day : 0)
      if (failures === 6) {
        const explained = await otp.explain({ ...ask, channel: 'sms' })
        expect(explained).toMatchObject({ failures: 6, codeLength: 6, test: true })
        await send()
        expect(await verify(fixed)).toMatchObject({ ok: true })
        break
      }
    }
    const other = await otp.explain({ ...ask, to: phone, channel: 'sms' })
    expect(other).toMatchObject({ ok: true, failures: 0 })
    expect(other).not.toHaveProperty('test')
    expect(await otp.unlock(reviewer)).toEqual({ ok: true })
    expect(await otp.explain({ ...ask, channel: 'sms' })).toMatchObject({ failures: 0 })
  })

  it('has limits of its own, those of the address included, and uses up no budget', async () => {
    const limits = {
      ...noLimits,
      global: [{ max: 1, per: '1h' }],
      country: [{ max: 1, per: '1h' }],
    }
    const open = create({ limits })
    await open.send()
    await open.send()
    await open.send()
    expect(await open.otp.send({ ...open.ask, to: phone, channel: 'sms' })).toMatchObject({
      ok: true,
    })
    expect(await open.send()).toMatchObject({ ok: true })

    const limited = create()
    await limited.send()
    expect(await limited.send()).toMatchObject({ reason: 'rate_limited', limit: 'cooldown' })
    for (let time = 0; time < 4; time += 1) {
      limited.clock.advance(1)
      await limited.send({ to: `+91987654321${time + 1}` })
    }
    limited.clock.advance(31_000)
    expect(await limited.send()).toMatchObject({ reason: 'rate_limited', limit: 'ip' })
  })

  it('costs no money, and counts for no guard, whether its message is sent or relayed', async () => {
    const prices = { currency: 'EUR', perMessage: { sms: 0.5, whatsapp: 0, email: 0 } }
    const { otp, ask, send } = create({
      resend: 'new',
      limits: noLimits,
      guard: { mode: 'refuse', growth: { floor: 3 } },
      spend: { perDay: 1, prices },
    })
    for (let time = 0; time < 9; time += 1) {
      expect(await send()).toMatchObject({ ok: true })
      const code = `code${time}`
      expect(await otp.relay({ ...ask, channel: 'sms', code })).toMatchObject({ duplicate: false })
    }
    for (const to of [reviewer, '+12025550124']) {
      const explained = await otp.explain({ ...ask, to, channel: 'sms' })
      const watched = explained.ok ? explained.send.filter(({ used }) => used > 0) : null
      expect(watched).toEqual([])
    }
    const other = { ...ask, to: '+12025550124', channel: 'sms', code: '4711' } as const
    expect(await otp.relay(other)).toMatchObject({ duplicate: false })
    const explained = await otp.explain({ ...other, to: '+12025550125' })
    const used = explained.ok && explained.send.filter((limit) => limit.used > 0)
    expect(used).toMatchObject([
      { rule: 'growth', used: 1 },
      { cap: 'perDay', used: 0.5 },
    ])
  })

  it('has a name of its own, made of its identity', async () => {
    const { otp } = create()
    const bytes = new TextEncoder().encode(secret)
    const keys = createKeyring([{ id: '1', bytes }], bytes, 'otpkit')
    const fingerprint = keys.index('fingerprint', keys.index('test recipient', reviewer))
    expect(await otp.recipient(reviewer)).toMatchObject({ ok: true, fingerprint })
  })

  it('is told to no provider as one whose code was used', async () => {
    const told: string[] = []
    const conversions: Conversions = {
      provider: 'sms-provider',
      verified: async (messageId) => void told.push(messageId),
    }
    const { send, verify } = create({ conversions: [conversions] })
    await send()
    expect(await verify(fixed)).toMatchObject({ ok: true })
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual([])
  })

  it('stands apart in histories', async () => {
    const { otp, send, verify, receive, clock } = create()
    const history = memoryHistory({ clock: clock.now })
    otp.subscribe(history.record)
    await send()
    await verify(wrong(fixed))
    await verify(fixed)
    const { code } = await receive()
    await verify(code, { to: phone })
    const range = { from: clock.now() - minute, to: clock.now() + minute } as const
    const rows = await history.counts({ ...range, resolution: 'minute', by: ['type', 'delivery'] })
    const sums = rows.map(({ type, delivery = '-', count }) => `${type} ${delivery} ${count}`)
    expect(sums.sort()).toEqual([
      'incorrect test 1',
      'sent accepted 1',
      'sent test 1',
      'verified - 1',
      'verified test 1',
    ])
    const events = await history.events()
    expect(events.filter(({ test }) => test === true)).toHaveLength(3)
  })
})

describe('once its time is over, a test recipient', () => {
  it('is one like any other, by recipient and by handle, whatever was begun before', async () => {
    for (const bind of ['recipient', 'challenge'] as const) {
      const { otp, ask, send, sms, clock, until } = create({ bind })
      clock.advance(day - 2 * minute)
      const before = await send()
      if (!before.ok) throw new Error(before.reason)
      const { challengeId } = before
      const guess = { challengeId, purpose: 'login', code: fixed, ip: null } as const

      clock.advance(until.getTime() - clock.now())
      expect(await otp.verify(guess)).toMatchObject({ reason: 'expired' })
      expect(await otp.status({ challengeId })).toMatchObject({ reason: 'expired' })
      expect(await otp.resend({ challengeId, ip: null })).toMatchObject({ reason: 'expired' })
      expect(await otp.cancel({ challengeId })).toMatchObject({ reason: 'expired' })
      expect(sms.messages).toEqual([])

      const sent = await otp.send({ ...ask, channel: 'sms' })
      if (!sent.ok) throw new Error(sent.reason)
      expect(sms.messages).toHaveLength(1)
      const code = sms.lastCode()
      const target = { challengeId: sent.challengeId, purpose: 'login', ip: null } as const
      if (code !== fixed)
        expect(await otp.verify({ ...target, code: fixed })).toMatchObject({ ok: false })
      expect(await otp.verify({ ...target, code })).toMatchObject({ ok: true })
      const explained = await otp.explain({ ...ask, channel: 'sms' })
      expect(explained).not.toHaveProperty('test')
      await otp.relay({ ...ask, channel: 'sms', code: '4711', ip: null })
      // The handles of then and now have not a run in common that would tie their rows together.
      const runs = (text: string) => new Set(Array.from(text, (_, at) => text.slice(at, at + 6)))
      const shared = [...runs(challengeId)].filter(
        (run) => run.length === 6 && runs(sent.challengeId).has(run),
      )
      expect(shared).toEqual([])
    }
  })

  it('is so at the very instant, and a millisecond before it is not', async () => {
    const { send, verify, clock, until, otp } = create()
    await send()
    clock.advance(1)
    const last = until.getTime() - 1 - clock.now()
    clock.advance(last)
    await send()
    expect(await verify(fixed)).toMatchObject({ ok: true })
    const name = await otp.recipient(reviewer)
    clock.advance(1)
    expect(await verify(fixed)).toMatchObject({ reason: 'expired' })
    const now = await otp.recipient(reviewer)
    expect([name.ok, now.ok]).toEqual([true, true])
    expect(now).not.toEqual(name)
  })

  it('has a proof of its code up to then', async () => {
    const { otp, ask, send, clock, until } = create()
    clock.advance(day - minute)
    await send()
    const verified = await otp.verify({ ...ask, code: fixed, proof: '1h' })
    if (!verified.ok) throw new Error(verified.reason)
    clock.advance(until.getTime() - 1 - clock.now())
    const { proof = '' } = verified
    expect(await otp.redeem(proof, { purpose: 'login' })).toMatchObject({ ok: true })
  })

  it('has no proof left of its code', async () => {
    const { otp, ask, send, clock, until } = create()
    clock.advance(day - minute)
    await send()
    const verified = await otp.verify({ ...ask, code: fixed, proof: '1h' })
    if (!verified.ok) throw new Error(verified.reason)
    const { proof = '' } = verified
    clock.advance(until.getTime() - clock.now())
    expect(await otp.redeem(proof, { purpose: 'login' })).toMatchObject({ reason: 'expired' })
  })

  it('is so with a clock that tells no time, and long before any', async () => {
    const over = create({ clock: () => Number.NaN })
    await over.send()
    expect(over.sms.messages).toHaveLength(1)
    const past = create({ testRecipients: { codes, until: new Date(0) } })
    await past.send()
    expect(past.sms.messages).toHaveLength(1)
    expect(await past.verify(fixed)).toMatchObject({ ok: past.sms.lastCode() === fixed })
  })
})

describe('the option testRecipients', () => {
  const build = (testRecipients: unknown, environment = 'production') => {
    vi.stubEnv('NODE_ENV', environment)
    const { store, rateLimiter } = createFixture()
    const sms = capturedDelivery({ reaches: ['phone'] })
    const options = { secret, store, rateLimiter, deliveries: { sms }, countries: ['US'] }
    const given = { ...options, purposes: ['login'], testRecipients }
    return Reflect.construct(OtpManager, [given])
  }
  const until = new Date(1_800_000_000_000)

  it.each(['development', 'test'])('may go without an end in %s', (environment) => {
    expect(() => build({ codes }, environment)).not.toThrow()
    expect(() => build({ codes, until }, environment)).not.toThrow()
  })

  it.each(['production', '', 'Test', 'development ', 'staging'])(
    'S10 needs an end where NODE_ENV is %j',
    (environment) => {
      const message =
        /^otpkit: OtpManager: option `testRecipients\.until` is required unless NODE_ENV/
      expect(() => build({ codes }, environment)).toThrow(message)
      expect(() => build({ codes, until: undefined }, environment)).toThrow(message)
      expect(() => build({ codes, until }, environment)).not.toThrow()
      expect(() => build(undefined, environment)).not.toThrow()
      expect(() => build({ codes: {}, until }, environment)).not.toThrow()
    },
  )

  const ends = [
    null,
    'tomorrow',
    '2027-01-01',
    1_800_000_000_000,
    {},
    new Date('x'),
    Infinity,
    true,
  ]
  it.each(ends)('takes no %o for its end', (end) => {
    const message = 'otpkit: OtpManager: option `testRecipients.until` must be a valid Date'
    expect(() => build({ codes, until: end })).toThrow(new TypeError(message))
  })

  const canary = '80808080'
  const hostile: readonly [unknown, string][] = [
    [null, 'testRecipients'],
    [[], 'testRecipients'],
    ['hunter', 'testRecipients'],
    [{ code: { [reviewer]: canary }, until }, 'testRecipients.code'],
    [{ [reviewer]: canary, until }, 'testRecipients'],
    [{ until }, 'testRecipients.codes'],
    [{ codes: null, until }, 'testRecipients.codes'],
    [{ codes: [canary], until }, 'testRecipients.codes'],
    [{ codes: canary, until }, 'testRecipients.codes'],
    [{ codes: new Map([[reviewer, canary]]), until, x: 1 }, 'testRecipients.x'],
    ...[
      80808080,
      '8080',
      '80808',
      '80808080808',
      '8080808a',
      ' 80808080',
      '８０８０８０',
      '',
      null,
      {},
    ].map((code): [unknown, string] => [
      { codes: { [reviewer]: code }, until },
      'testRecipients.codes',
    ]),
    ...['', '*', '+1', 'hunter', '+919876543210', '+1202555', 'a@b', '__proto__ '].map(
      (to): [unknown, string] => [{ codes: { [to]: canary }, until }, 'testRecipients.codes'],
    ),
    [JSON.parse(`{ "codes": { "__proto__": "${canary}" } }`), 'testRecipients'],
    [
      { codes: { '+12025550123': canary, '+1 202 555 0123': canary }, until },
      'testRecipients.codes',
    ],
    [
      { codes: { 'A@example.com': canary, 'a@example.com': canary }, until },
      'testRecipients.codes',
    ],
  ]
  it.each(hostile)('says what is wrong with %o and no value of it', (given, option) => {
    let message = ''
    try {
      build(given)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      message = error.message
    }
    expect(message).toMatch(
      new RegExp(`^otpkit: OtpManager: option \`${option.replace('.', '\\.')}`),
    )
    expect(message).not.toMatch(/8080|８０|hunter|202555|202-555|9876|example/i)
  })

  it.each([
    [
      { x: '314159' },
      'must have recipients that are served as its keys (`character`): see entry 2',
    ],
    [{ [`${reviewer.slice(0, 5)} 555-0123`]: fixed }, 'must name each recipient once: see entry 2'],
    [{ '+12025550199': '31415' }, 'must hold texts of 6 to 10 digits: see entry 2'],
  ])('says what is wrong with the entry %#, and which one it is', (second, rule) => {
    const given = { codes: { [reviewer]: fixed, ...second }, until }
    expect(() => build(given)).toThrow(
      `otpkit: OtpManager: option \`testRecipients.codes\` ${rule}`,
    )
  })

  it('wants an object of codes', () => {
    const rule = 'option `testRecipients.codes` must be an object of codes by recipient'
    expect(() => build({ codes: [fixed], until })).toThrow(rule)
  })

  it('is read once', async () => {
    const list: Record<string, string> = { [reviewer]: fixed }
    const { send, sms } = create({ testRecipients: { codes: list, until: new Date(8e15) } })
    list[reviewer] = '000000'
    list[email] = '000000'
    await send()
    expect(sms.messages).toEqual([])
  })
})
