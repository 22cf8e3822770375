import { type Delivery, DeliveryError, OtpError, OtpManager, type OtpStore } from 'otpkit'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { createEvents, type OtpEvent } from '../src/events'
import { createFixture, email, noLimits, phone, secret, wrong } from './fixture'

const at = 1_700_000_000_000
const fault: OtpEvent = { at, type: 'fault', during: 'refund', error: 'lost', fingerprint: 'f' }
const expired: OtpEvent = { at, type: 'expired', fingerprint: 'f' }
const receipt: OtpEvent = { at, type: 'receipt', provider: 'p', status: 'delivered' }

describe('listeners', () => {
  it.each([undefined, null, 'log', {}, []])('are functions, which %j is none', (listener) => {
    const { otp } = createFixture()
    const subscribe = () => Reflect.apply(otp.subscribe, otp, [listener])
    expect(subscribe).toThrow('otpkit: subscribe: the listener must be a function')
  })

  it('are told in order, until they unsubscribe', () => {
    const events = createEvents(() => at)
    const told: string[] = []
    const unsubscribe = events.subscribe((event) => void told.push(`a ${event.type}`))
    events.subscribe((event) => void told.push(`b ${event.type}`))
    events.emit(expired)
    unsubscribe()
    events.emit(expired)
    expect(told).toEqual(['a expired', 'b expired', 'b expired'])
  })

  it('a fault about a fault ends there', async () => {
    const events = createEvents(() => at)
    const told: OtpEvent[] = []
    events.subscribe(() => {
      throw new Error('always')
    })
    events.subscribe((event) => void told.push(event))
    events.emit(fault)
    events.emit(expired)
    await new Promise(setImmediate)
    expect(told.map((event) => event.type).sort()).toEqual(['expired', 'fault', 'fault'])
  })

  it('a fault over an event without a subject has none either', async () => {
    const events = createEvents(() => at)
    const told: OtpEvent[] = []
    events.subscribe(() => Promise.reject('lost'))
    events.subscribe((event) => void told.push(event))
    events.emit(receipt)
    await new Promise(setImmediate)
    expect(told).toEqual([receipt, { at, type: 'fault', during: 'listener', error: 'lost' }])
  })
})

describe('S85 one event per state change', () => {
  it('tells the whole life of a challenge, masked', async () => {
    const { otp, events, receive, verify, clock } = createFixture()
    const start = clock.now()
    const { sent, code } = await receive()
    await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
    clock.advance(30_000)
    await otp.resend({ challengeId: sent.challengeId, ip: null })
    clock.advance(1_500)
    await verify(wrong(code))
    clock.advance(2_000)
    await verify(code)
    await verify(code)
    const known = await otp.recipient(phone)
    const subject = {
      fingerprint: known.ok && known.fingerprint,
      recipient: '+91••••••••10',
      country: 'IN',
      purpose: 'login',
    }
    const challengeKey = events.find((event) => event.type === 'sent')?.challengeKey
    expect(challengeKey).toMatch(/^[\w-]{22}$/)
    expect(sent.challengeId).not.toContain(challengeKey)
    const message = {
      channel: 'sms',
      delivery: 'accepted',
      provider: 'sms-provider',
      reference: expect.any(String),
      durationMs: 0,
    }
    expect(events).toEqual([
      {
        ...subject,
        ...message,
        at: start,
        type: 'sent',
        challengeKey,
        resend: false,
        messageKey: expect.stringMatching(/^[\w-]{22}$/),
      },
      {
        ...subject,
        at: start,
        type: 'refused',
        channel: 'sms',
        action: 'send',
        reason: 'rate_limited',
        limit: 'cooldown',
        retryAfterMs: 30_000,
      },
      {
        ...subject,
        ...message,
        at: start + 30_000,
        type: 'sent',
        challengeKey,
        resend: true,
        messageKey: expect.stringMatching(/^[\w-]{22}$/),
      },
      {
        ...subject,
        at: start + 31_500,
        type: 'incorrect',
        challengeKey,
        attemptsLeft: 2,
        failures: 1,
        channel: 'sms',
        elapsedMs: 31_500,
      },
      {
        ...subject,
        at: start + 33_500,
        type: 'verified',
        challengeKey,
        attemptsUsed: 2,
        channel: 'sms',
        elapsedMs: 33_500,
      },
      { ...subject, at: start + 33_500, type: 'used', challengeKey },
    ])
  })

  it('by handle, the sealed data says whom a guess was about', async () => {
    const { otp, events, receive, clock } = createFixture({ bind: 'challenge' })
    const { sent, code } = await receive({ channel: 'whatsapp' })
    clock.advance(7_000)
    const { challengeId } = sent
    const guess = { challengeId, purpose: 'login', ip: null } as const
    await otp.verify({ ...guess, code: wrong(code) })
    await otp.verify({ ...guess, code })
    await otp.verify({ ...guess, code: wrong(code) })
    const about = { channel: 'whatsapp', country: 'IN', elapsedMs: 7_000 }
    expect(events.slice(1)).toMatchObject([
      { type: 'incorrect', recipient: '+91••••••••10', ...about },
      { type: 'verified', recipient: '+91••••••••10', ...about },
      {
        type: 'expired',
        challengeKey: events[0] && 'challengeKey' in events[0] && events[0].challengeKey,
      },
    ])
    expect(events.at(-1)).not.toHaveProperty('country')
  })

  it.each(['same', 'new'] as const)(
    'the time since the first message spans what is sent again, resend %s',
    async (resend) => {
      const { otp, events, receive, verify, clock, sms } = createFixture({ resend })
      const { sent } = await receive()
      clock.advance(40_000)
      await otp.resend({ challengeId: sent.challengeId, ip: null })
      clock.advance(5_000)
      await verify(sms.lastCode())
      const elapsedMs = resend === 'same' ? 45_000 : 5_000
      expect(events.at(-1)).toMatchObject({ type: 'verified', elapsedMs })
    },
  )

  it('a challenge that is turned silent keeps the time of its first message', async () => {
    const { events, receive, send, verify, clock } = createFixture({ limits: noLimits })
    const { code } = await receive()
    clock.advance(40_000)
    await send({ deliver: false })
    clock.advance(5_000)
    await verify(code)
    expect(events.at(-1)).toMatchObject({ type: 'incorrect', elapsedMs: 45_000 })
  })

  it.each([
    [299_999.6, 0],
    [299_000.4, 1_000],
    [300_001, 0],
  ])(
    'the time that a code took is whole and never below 0, where its store says %d are left',
    async (remainingMs, elapsedMs) => {
      const base = createFixture()
      const { events, receive, verify } = createFixture({
        store: {
          ...base.store,
          attempt: async (id, digests) => ({
            ...(await base.store.attempt(id, digests)),
            remainingMs,
          }),
        },
      })
      const { code } = await receive()
      await verify(wrong(code))
      await verify(code)
      expect(events.slice(1)).toMatchObject([
        { type: 'incorrect', elapsedMs },
        { type: 'verified', elapsedMs },
      ])
    },
  )

  it.each([false, true])(
    'data that cannot be read changes no answer about a recipient, heard: %s',
    async (isHeard) => {
      const base = createFixture()
      const store: OtpStore = {
        ...base.store,
        attempt: async (id, digests) => {
          const found = await base.store.attempt(id, digests)
          return 'data' in found ? { ...found, data: '1.x' } : found
        },
      }
      const otp = new OtpManager({
        secret,
        store,
        rateLimiter: base.rateLimiter,
        deliveries: { sms: base.sms },
        countries: ['IN'],
        purposes: ['login'],
      })
      const events: OtpEvent[] = []
      if (isHeard) otp.subscribe((event) => void events.push(event))
      const ask = { to: phone, purpose: 'login', ip: null } as const
      await otp.send({ ...ask, channel: 'sms' })
      const code = base.sms.lastCode()
      expect(await otp.verify({ ...ask, code: wrong(code) })).toMatchObject({ attemptsLeft: 2 })
      expect(await otp.verify({ ...ask, code })).toMatchObject({ ok: true, recipient: phone })
      const types = events.map(({ type }) => type)
      expect(types).toEqual(isHeard ? ['sent', 'incorrect', 'verified'] : [])
      expect(JSON.stringify(events)).not.toContain('elapsedMs')
    },
  )

  it('says who unlocked, and takes no other value for a name', async () => {
    const { otp, events } = createFixture()
    await otp.unlock(phone, { by: 'admin@example.com' })
    await otp.unlock(phone)
    expect(events).toMatchObject([
      { type: 'unlocked', by: 'admin@example.com' },
      { type: 'unlocked' },
    ])
    expect(events[1]).not.toHaveProperty('by')
    for (const by of ['', 'a'.repeat(129), 5 as never]) {
      await expect(otp.unlock(phone, { by })).rejects.toThrow('otpkit: unlock: option `by` must be')
    }
  })

  it('says what was asked for when it refuses, of `send` and `resend`', async () => {
    const { otp, events, send, receive } = createFixture()
    await receive()
    await send({ channel: ['whatsapp', 'sms'] })
    await otp.resend({ to: phone, purpose: 'login', channel: 'whatsapp', ip: null })
    const whatsapp = { type: 'refused', channel: 'whatsapp', country: 'IN' }
    expect(events.slice(1)).toMatchObject([whatsapp, whatsapp])
  })

  it('passes on what a provider says about segments, and warns of a long text', async () => {
    const { store, rateLimiter } = createFixture()
    const events: OtpEvent[] = []
    const price = { amount: 0.02, currency: 'EUR' }
    const otp = new OtpManager({
      secret,
      store,
      rateLimiter,
      deliveries: {
        sms: {
          name: 'plain',
          reaches: ['phone'],
          deliver: async () => ({ provider: 'plain', segments: 2, price }),
        },
      },
      countries: ['IN'],
      purposes: ['login'],
      messages: { templates: { en: { text: `{code} ${'is your code, and '.repeat(10)}` } } },
    })
    otp.subscribe((event) => void events.push(event))
    const sent = await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
    expect(sent).toMatchObject({ ok: true, provider: 'plain' })
    expect(sent).not.toHaveProperty('messageId')
    expect(events).toMatchObject([
      { type: 'long_message', channel: 'sms', locale: 'en', encoding: 'GSM-7', segments: 2 },
      { type: 'sent', segments: 2, price },
    ])
  })
})

describe('how long a delivery took', () => {
  /** A manager whose deliveries take so long, of which the first one takes no message. */
  const createSlow = (firstMs: number, secondMs: number) => {
    let now = at
    const first: Delivery = {
      name: 'first',
      reaches: ['phone'],
      deliver: async () => {
        now += firstMs
        throw new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'first' })
      },
    }
    const second: Delivery = {
      name: 'second',
      reaches: ['phone'],
      deliver: async () => {
        now += secondMs
        return { provider: 'second' }
      },
    }
    const mail = capturedDelivery({ reaches: ['email'] })
    const deliveries = { sms: first, whatsapp: second, email: mail }
    return createFixture({ clock: () => now, deliveries })
  }

  it('is its own, of several in turn', async () => {
    const { send, events } = createSlow(1_200, 300)
    await send({ channel: ['sms', 'whatsapp'] })
    expect(events).toMatchObject([
      { type: 'delivery_failed', channel: 'sms', durationMs: 1_200 },
      { type: 'sent', channel: 'whatsapp', durationMs: 300 },
    ])
  })

  it('is not below 0, where the clock was set back', async () => {
    const { send, events } = createSlow(-1_200, -300)
    await send({ channel: ['sms', 'whatsapp'] })
    expect(events).toMatchObject([
      { type: 'delivery_failed', durationMs: 0 },
      { type: 'sent', durationMs: 0 },
    ])
  })
})

describe('receipts', () => {
  it('are told under the name of their message, and without a subject', async () => {
    const { otp, events, clock, receive } = createFixture()
    const messageId = `wamid.${btoa(phone)}`
    await receive()
    otp.receipt({
      provider: 'sms-provider',
      messageId,
      reference: 'R'.repeat(22),
      status: 'failed',
      kind: 'invalid_recipient',
      providerCode: '30003',
      price: { amount: 0.0075, currency: 'USD' },
    })
    const [, told] = events
    expect(told).toEqual({
      type: 'receipt',
      at: clock.now(),
      provider: 'sms-provider',
      messageKey: expect.stringMatching(/^[\w-]{22}$/),
      reference: 'R'.repeat(22),
      status: 'failed',
      kind: 'invalid_recipient',
      providerCode: '30003',
      price: { amount: 0.0075, currency: 'USD' },
    })
  })

  it('of every segment lead to the message that was sent', async () => {
    const { store, rateLimiter } = createFixture()
    const events: OtpEvent[] = []
    const sms: Delivery = {
      name: 'segmented',
      reaches: ['phone'],
      deliver: async () => ({ provider: 'p', messageId: 'one', messageIds: ['one', 'two'] }),
    }
    const otp = new OtpManager({
      secret,
      store,
      rateLimiter,
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
    })
    otp.subscribe((event) => void events.push(event))
    await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
    otp.receipt({ provider: 'p', messageId: 'two', status: 'delivered' })
    otp.receipt({ provider: 'p', messageId: 'one', status: 'delivered' })
    otp.receipt({ provider: 'another', messageId: 'one', status: 'delivered' })
    const [sent, ...told] = events
    const keys = told.map((event) => event.type === 'receipt' && event.messageKey)
    expect(sent).toMatchObject({ messageKey: keys[1], messageKeys: [keys[1], keys[0]] })
    expect(new Set(keys).size).toBe(3)
  })

  it('hold nothing that could be a number, whatever reads them', () => {
    const { otp, events } = createFixture()
    const told = { provider: 'p', messageId: phone, status: 'failed' } as const
    otp.receipt({ ...told, reference: phone, providerCode: phone.slice(1) })
    otp.receipt({ ...told, reference: '9'.repeat(23), providerCode: `to ${phone}` })
    for (const event of events) {
      expect(event).not.toHaveProperty('reference')
      expect(event).not.toHaveProperty('providerCode')
    }
    expect(JSON.stringify(events)).not.toContain(phone.slice(1))
  })
})

describe('faults in the corners', () => {
  const down = async () => Promise.reject(new Error('down'))

  it('an OtpError of an adapter passes as it is', async () => {
    const full = new OtpError('capacity', 'full')
    const { send } = createFixture({
      rateLimiter: {
        ...createFixture().rateLimiter,
        take: async () => {
          throw full
        },
      },
    })
    await expect(send()).rejects.toBe(full)
  })

  it('an adapter that throws instead of rejecting is a fault all the same', async () => {
    const { send } = createFixture({
      store: {
        ...createFixture().store,
        get: () => {
          throw new TypeError('at once')
        },
      },
    })
    await expect(send()).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('a limiter that fails while a message is refunded changes no answer', async () => {
    const base = createFixture()
    let isDown = false
    const fixture = createFixture({
      deliveries: {
        sms: {
          name: 'odd',
          reaches: ['phone'],
          deliver: async () => {
            isDown = true
            throw { not: 'an error' }
          },
        },
        whatsapp: base.whatsapp,
        email: base.mail,
      },
      rateLimiter: {
        ...base.rateLimiter,
        take: (limits) => (isDown ? down() : base.rateLimiter.take(limits)),
      },
    })
    expect(await fixture.send()).toMatchObject({ ok: true, delivery: 'unknown' })
    expect(fixture.events).toMatchObject([
      { type: 'delivery_failed', kind: 'unknown', sent: 'unknown', provider: 'odd' },
      { type: 'sent', delivery: 'unknown', provider: 'odd' },
    ])
    const { send, sms, events } = createFixture({
      rateLimiter: {
        ...base.rateLimiter,
        take: (limits) =>
          limits.some((limit) => limit.key.startsWith('r'))
            ? down()
            : base.rateLimiter.take(limits),
      },
    })
    sms.failNext(new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'p' }))
    expect(await send({ to: '+14155552671' })).toMatchObject({ reason: 'undeliverable' })
    expect(events.at(-2)).toMatchObject({ type: 'fault', during: 'refund' })
    expect(events.at(-1)).toMatchObject({ type: 'unsent', kind: 'invalid_recipient' })
  })

  it("passes on the provider's own code and the wait it asks for", async () => {
    const { send, sms, events } = createFixture()
    const failure = { kind: 'rate_limited', sent: 'no', provider: 'p' } as const
    sms.failNext(new DeliveryError({ ...failure, providerCode: 20429, retryAfterMs: 3_000 }))
    await expect(send()).rejects.toMatchObject({
      cause: { ...failure, providerCode: '20429', retryAfterMs: 3_000 },
    })
    expect(events.at(-2)).toMatchObject({
      ...failure,
      type: 'delivery_failed',
      providerCode: '20429',
    })
    expect(events.at(-1)).toMatchObject({ type: 'unsent', channel: 'sms', kind: 'rate_limited' })
  })

  it('a stored digest that is not the one of the code is replaced, not repeated', async () => {
    const base = createFixture()
    const { receive, verify } = createFixture({
      limits: noLimits,
      store: {
        ...base.store,
        get: async (id) => {
          const found = await base.store.get(id)
          return found && { ...found, digest: 'A'.repeat(22) }
        },
      },
    })
    const { code } = await receive()
    const again = await receive()
    expect(again.code).not.toBe(code)
    expect(await verify(again.code)).toMatchObject({ ok: true })
  })

  it('a recipient without a purpose names no challenge', async () => {
    const { otp } = createFixture()
    expect(await otp.cancel({ to: phone } as never)).toMatchObject({
      reason: 'invalid',
      field: 'purpose',
    })
  })

  it('a repeat that nobody took is given back in full', async () => {
    const { send, receive, sms } = createFixture({ limits: noLimits })
    const { code } = await receive()
    for (let failure = 0; failure < 5; failure++) {
      sms.failNext(new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'p' }))
      expect(await send()).toMatchObject({ reason: 'undeliverable' })
    }
    for (let repeat = 0; repeat < 3; repeat++) expect((await receive()).code).toBe(code)
    expect(await send()).toMatchObject({ limit: 'challenge' })
  })

  it('a proof whose data is not authentic, or that is long gone, proves nothing', async () => {
    const base = createFixture()
    let tamper = false
    const { otp, receive } = createFixture({
      store: {
        ...base.store,
        attempt: async (id, digests) => {
          const result = await base.store.attempt(id, digests)
          return tamper && result.outcome === 'verified' ? { ...result, data: 'other' } : result
        },
      },
    })
    const { code } = await receive()
    const ask = { to: phone, purpose: 'login', ip: null } as const
    const verified = await otp.verify({ ...ask, code, proof: '5m' })
    tamper = true
    const proof = (verified.ok && verified.proof) || ''
    expect(await otp.redeem(proof, { purpose: 'login' })).toMatchObject({ reason: 'expired' })
    const again = otp.redeem(proof, { purpose: 'login', to: phone })
    expect(await again).toMatchObject({ reason: 'expired' })
  })

  it('a channel of any name takes whom its delivery reaches', async () => {
    const { store, rateLimiter } = createFixture()
    const push = capturedDelivery({ name: 'push', reaches: ['email'] })
    const otp = new OtpManager({
      secret,
      store,
      rateLimiter,
      deliveries: { push },
      purposes: ['login'],
    })
    const ask = { channel: 'push', purpose: 'login', ip: null } as const
    expect(await otp.send({ ...ask, to: email })).toMatchObject({ ok: true, channel: 'push' })
    expect(await otp.send({ ...ask, to: phone })).toMatchObject({ reason: 'invalid', field: 'to' })
  })

  it('a purpose or a channel that is configured no longer ends its challenges', async () => {
    const { store, rateLimiter, sms, clock, receive } = createFixture({ bind: 'challenge' })
    const { sent } = await receive({ purpose: 'signup' })
    const without = new OtpManager({
      secret,
      store,
      rateLimiter,
      deliveries: { whatsapp: sms },
      countries: ['IN'],
      purposes: ['login'],
    })
    clock.advance(30_000)
    const { challengeId } = sent
    const gone = { ok: false, reason: 'expired' }
    expect(await without.resend({ challengeId, ip: null })).toEqual(gone)
    expect(await without.status({ challengeId })).toEqual(gone)
    const login = await receive()
    clock.advance(30_000)
    expect(await without.resend({ challengeId: login.sent.challengeId, ip: null })).toMatchObject({
      reason: 'invalid',
      field: 'to',
      problem: 'channel',
    })
  })
})
