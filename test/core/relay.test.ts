import { type Beginning, DeliveryError, type OtpDatabase, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { createKeyring } from '../../src/core/keyring'
import { createFixture, email, ledgerKeyOf, noLimits, phone, secret } from '../fixture'

const minute = 60_000
const code = '4711'
const ask = { to: phone, channel: 'sms', purpose: 'login', ip: '203.0.113.7', code } as const
const duplicate = { ok: true, duplicate: true, delivery: 'unknown' }

describe('relay', () => {
  it('sends the code that it is handed, in the words of the templates, and keeps no challenge', async () => {
    const { otp, sms, store, clock } = createFixture({ appName: 'Acme' })
    const relayed = await otp.relay({ ...ask, to: ' +91 98765-43210', locale: 'de' })
    expect(relayed).toEqual({
      ok: true,
      duplicate: false,
      channel: 'sms',
      recipient: phone,
      delivery: 'accepted',
      provider: 'sms-provider',
      messageId: 'sms-provider-1',
    })
    expect(sms.messages).toMatchObject([{ to: phone, code, locale: 'de', expiresInMs: 5 * minute }])
    expect(sms.messages[0]?.content.text).toContain(`${code} ist Ihr Acme-Code`)
    // Neither this code nor any other is known here.
    const target = { to: phone, purpose: 'login' } as const
    expect(await otp.status(target)).toEqual({ ok: false, reason: 'expired' })
    expect(await otp.verify({ ...target, code, ip: null })).toMatchObject({ reason: 'expired' })
    clock.advance(minute)
    expect(await otp.resend({ ...target, ip: null })).toMatchObject({ reason: 'expired' })
    expect(await store.get('anything')).toBeNull()
  })

  it('leaves a living challenge alone', async () => {
    const { otp, clock, receive, verify } = createFixture()
    const { code: own } = await receive()
    clock.advance(minute)
    expect(await otp.relay(ask)).toMatchObject({ ok: true })
    expect(await verify(own)).toMatchObject({ ok: true })
  })

  it('takes the next channel when one cannot reach the recipient and nothing was sent', async () => {
    const { otp, sms, whatsapp } = createFixture()
    whatsapp.failNext(
      new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'whatsapp' }),
    )
    const relayed = await otp.relay({ ...ask, channel: ['whatsapp', 'sms'] })
    expect(relayed).toMatchObject({ channel: 'sms', duplicate: false })
    expect(sms.messages).toHaveLength(1)
  })

  it.each(['0000', '047382', 'AbC123', 'abcdefghijkl', '999999999999'])(
    'carries the code %s exactly as it is',
    async (given) => {
      const { otp, sms } = createFixture()
      expect(await otp.relay({ ...ask, code: given })).toMatchObject({ ok: true })
      expect(sms.messages[0]?.code).toBe(given)
      expect(sms.messages[0]?.content.text).toContain(given)
    },
  )

  it.each([
    ['', 'empty'],
    ['123', 'length'],
    ['1234567890123', 'length'],
    ['12 34', 'character'],
    ['12-34', 'character'],
    ['1234\n', 'character'],
    ['४७११', 'character'],
    ['12é4', 'character'],
    ['<b>1', 'character'],
    [4711, 'type'],
    [null, 'type'],
    [undefined, 'type'],
    [['4711'], 'type'],
    [{ toString: () => '4711' }, 'type'],
  ])('refuses the code %j: %s', async (given, problem) => {
    const { otp, sms, events } = createFixture()
    const refused = await otp.relay({ ...ask, code: given as never })
    expect(refused).toEqual({ ok: false, reason: 'invalid', field: 'code', problem })
    expect(await otp.relay(ask)).toMatchObject({ ok: true, duplicate: false })
    expect([sms.messages.length, events.length]).toEqual([1, 1])
  })
})

describe('relay of a text', () => {
  const { code: _, ...without } = ask

  it('is the whole message, with nothing added to it', async () => {
    const { otp, sms } = createFixture({ messages: { webOtp: 'example.com' } })
    const text = 'Your login: 4711\n(5 min)'
    expect(await otp.relay({ ...without, text })).toMatchObject({ ok: true })
    const [message] = sms.messages
    expect(message?.content).toEqual({ text })
    expect(message).not.toHaveProperty('code')
  })

  it('says its code where one is named', async () => {
    const { otp, sms, clock } = createFixture()
    const text = 'Your login: 4711'
    await otp.relay({ ...without, text, code })
    expect(sms.messages[0]).toMatchObject({ code, content: { text } })
    clock.advance(minute)
    expect(await otp.relay(ask)).toMatchObject(duplicate)
  })

  it('has the subject of the templates in a mail, and none where nobody named the code', async () => {
    const { otp, mail, clock } = createFixture({ appName: 'Acme' })
    const mailed = { ...without, to: email, channel: 'email', text: 'Your login: 4711' } as const
    await otp.relay({ ...mailed, code })
    clock.advance(minute)
    await otp.relay(mailed)
    const contents = mail.messages.map(({ content }) => content)
    expect(contents).toEqual([
      { text: mailed.text, subject: `${code} is your Acme code` },
      { text: mailed.text },
    ])
  })

  it('is read aloud with its code character by character', async () => {
    const clock = testClock()
    const voice = capturedDelivery({ reaches: ['phone'] })
    const otp = new OtpManager({
      secret,
      database: memory({ clock: clock.now }),
      deliveries: { voice },
      countries: ['IN'],
      purposes: ['login'],
    })
    const called = { ...without, channel: 'voice', text: 'Your login: 4711.' } as const
    await otp.relay({ ...called, code })
    clock.advance(minute)
    await otp.relay(called)
    expect(voice.messages.map(({ content }) => content)).toEqual([
      { text: called.text, spoken: 'Your login: 4, 7, 1, 1.' },
      { text: called.text },
    ])
  })

  it('of several segments is told, as any text message is', async () => {
    const { otp, events } = createFixture()
    await otp.relay({ ...without, text: 'x'.repeat(161) })
    expect(events[0]).toMatchObject({ type: 'long_message', encoding: 'GSM-7', segments: 2 })
  })

  it.each([
    ['', 'text', 'empty'],
    [' \n\t', 'text', 'empty'],
    ['x'.repeat(1601), 'text', 'too_long'],
    ['half \ud83d', 'text', 'character'],
    ['a\u0000b', 'text', 'control_character'],
    [5, 'text', 'type'],
    [null, 'text', 'type'],
  ])('refuses the text %j', async (text, field, problem) => {
    const { otp, sms } = createFixture()
    const refused = await otp.relay({ ...without, text: text as never })
    expect(refused).toEqual({ ok: false, reason: 'invalid', field, problem })
    expect(sms.messages).toEqual([])
  })

  it('may have 1,600 characters, and be known by a name of 256', async () => {
    const { otp, sms } = createFixture({ limits: noLimits })
    const text = 'x'.repeat(1600)
    const long = { ...without, text, dedupe: 'n'.repeat(256) }
    expect(await otp.relay(long)).toMatchObject({ ok: true, duplicate: false })
    expect(await otp.relay(long)).toMatchObject(duplicate)
    expect(sms.messages.map(({ content }) => content.text)).toEqual([text])
  })

  it.each([
    ['', 'empty'],
    ['x'.repeat(257), 'too_long'],
    ['half \ud83d', 'character'],
    [5, 'type'],
    [null, 'type'],
  ])('refuses %j as `dedupe`', async (dedupe, problem) => {
    const { otp, sms } = createFixture()
    const refused = await otp.relay({ ...ask, dedupe: dedupe as never })
    expect(refused).toEqual({ ok: false, reason: 'invalid', field: 'dedupe', problem })
    expect(sms.messages).toEqual([])
  })
})

describe('the limits of relay', () => {
  const limits = {
    cooldown: false,
    recipient: [],
    ip: [],
    country: [],
    prefix: [],
    global: [],
  } as const
  const one = [{ max: 1, per: '10m' }]
  const settings = [
    ['cooldown', { ...limits, cooldown: '10m' }],
    ['recipient', { ...limits, recipient: one }],
    ['ip', { ...limits, ip: one }],
    ['country', { ...limits, country: one }],
    ['prefix', { ...limits, prefix: one }],
    ['global', { ...limits, global: one }],
  ] as const

  it.each(settings)('are those of a send: %s', async (limit, options) => {
    for (const before of ['send', 'relay'] as const) {
      const { otp, sms, events, send } = createFixture({ limits: options })
      await (before === 'send' ? send({ ip: ask.ip }) : otp.relay({ ...ask, code: 'before' }))
      const refused = await otp.relay(ask)
      const retryAfterMs = 10 * minute
      expect(refused).toEqual({ ok: false, reason: 'rate_limited', limit, retryAfterMs })
      expect(events.at(-1)).toMatchObject({
        type: 'refused',
        action: 'send',
        channel: 'sms',
        limit,
        retryAfterMs,
      })
      expect(sms.messages).toHaveLength(1)
      // And the other way round.
      expect(await send({ ip: ask.ip })).toMatchObject({ limit })
    }
  })

  it.each(settings)(
    'used up by a message, they do not refuse its repeat: %s',
    async (_, options) => {
      const { otp, sms, events } = createFixture({ limits: options })
      await otp.relay(ask)
      expect(await otp.relay(ask)).toEqual({ ...duplicate, channel: 'sms', recipient: phone })
      expect([sms.messages.length, events.length]).toEqual([1, 1])
    },
  )

  it('refuse a recipient who is locked, but not the repeat of what was sent before', async () => {
    const { otp, rateLimiter } = createFixture()
    await otp.relay(ask)
    const ledger = { key: await ledgerKeyOf(phone), max: 100, windowMs: 180 * 24 * 60 * minute }
    for (let failure = 0; failure < 100; failure += 1) await rateLimiter.take([ledger])
    expect(await otp.relay(ask)).toMatchObject(duplicate)
    expect(await otp.relay({ ...ask, code: 'other1' })).toMatchObject({ reason: 'locked' })
  })

  it('are not charged by a repeat', async () => {
    const { otp, clock } = createFixture({ limits: { ...noLimits, ip: [{ max: 2, per: '10m' }] } })
    await otp.relay(ask)
    for (let time = 0; time < 10; time += 1) await otp.relay(ask)
    clock.advance(minute)
    expect(await otp.relay({ ...ask, code: 'other1' })).toMatchObject({ duplicate: false })
    expect(await otp.relay({ ...ask, code: 'other2' })).toMatchObject({ limit: 'ip' })
  })
})

describe('what relay asks of a database', () => {
  it('is a whole challenge, which no policy of it has room for', async () => {
    const asked: Beginning[] = []
    const places = memory()
    const database: OtpDatabase = {
      ...places,
      begin: (beginning) => {
        asked.push(beginning)
        return places.begin(beginning)
      },
    }
    const sms = capturedDelivery({ reaches: ['phone'] })
    const relaying = new OtpManager({
      secret,
      database,
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
    })
    expect(await relaying.relay(ask)).toMatchObject({ ok: true })
    const text = expect.stringMatching(/^[\w-]{22}/)
    const challenge = { id: text, digest: text, attempts: 1, ttlMs: 5 * minute, data: '' }
    expect(asked).toMatchObject([{ challenge, policy: { mostUsed: -1 } }])
    // Its mark is made of the recipient, of what it is known by, and of nothing that a log is of.
    const bytes = new TextEncoder().encode(secret)
    const keys = createKeyring([{ id: '1', bytes }], bytes, 'otpkit')
    expect(asked[0]?.keys.at(-1)).toBe(`d${keys.index('relay', phone, 'code', code)}`)
  })
})

describe('the repeats of relay', () => {
  it('are duplicates for exactly two minutes', async () => {
    const { otp, sms, clock } = createFixture()
    await otp.relay(ask)
    clock.advance(2 * minute - 1)
    expect(await otp.relay(ask)).toMatchObject(duplicate)
    clock.advance(1)
    expect(await otp.relay(ask)).toMatchObject({ ok: true, duplicate: false })
    expect(sms.messages).toHaveLength(2)
  })

  it('are known by recipient and code, whatever the spelling, the channel and the purpose', async () => {
    const { otp, sms } = createFixture({ limits: noLimits })
    await otp.relay(ask)
    for (const again of [
      { to: '+91 98765 43210', ip: null },
      { channel: 'whatsapp', purpose: 'signup' },
      { locale: 'de' },
      { text: `Say ${code}` },
    ] as const) {
      const { code: _, ...rest } = ask
      const request = 'text' in again ? { ...rest, code, ...again } : { ...ask, ...again }
      expect(await otp.relay(request)).toMatchObject(duplicate)
    }
    expect(sms.messages).toHaveLength(1)
    for (const other of [{ to: '+919876543211' }, { code: '4712' }, { code: '47110' }]) {
      expect(await otp.relay({ ...ask, ...other })).toMatchObject({ ok: true, duplicate: false })
    }
    expect(sms.messages).toHaveLength(4)
  })

  it('are known by `dedupe` instead where there is one, and by the text where there is no code', async () => {
    const { otp } = createFixture({ limits: noLimits })
    const { code: _, ...without } = ask
    const relay = async (more: Parameters<typeof otp.relay>[0] | object) => {
      const answer = await otp.relay({ ...without, ...more } as never)
      return answer.ok && answer.duplicate
    }
    expect(await relay({ code, dedupe: 'one' })).toBe(false)
    expect(await relay({ code: 'other1', dedupe: 'one' })).toBe(true)
    expect(await relay({ text: 'a text', dedupe: 'one' })).toBe(true)
    expect(await relay({ code, dedupe: 'two' })).toBe(false)
    // None of them is mistaken for another.
    expect(await relay({ code })).toBe(false)
    expect(await relay({ code: 'other1', dedupe: code })).toBe(false)
    expect(await relay({ text: code })).toBe(false)
    expect(await relay({ text: code })).toBe(true)
    expect(await relay({ text: `${code} ` })).toBe(false)
  })

  it('are duplicates while the first is under way', async () => {
    const { otp, sms, taken, arrived } = pendingFixture()
    const first = otp.relay(ask)
    await arrived
    expect(await otp.relay(ask)).toMatchObject(duplicate)
    taken.give()
    expect(await first).toMatchObject({ ok: true, duplicate: false, delivery: 'accepted' })
    expect(sms.calls).toBe(1)
  })

  it('of a process that ended between the mark and the message are sent by nobody', async () => {
    const { otp, database, arrived, clock } = pendingFixture()
    void otp.relay(ask)
    await arrived
    // The process is gone, and another one is asked.
    const sms = capturedDelivery({ reaches: ['phone'] })
    const other = new OtpManager({
      secret,
      database,
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
    })
    expect(await other.relay(ask)).toMatchObject(duplicate)
    expect(sms.messages).toEqual([])
    clock.advance(2 * minute)
    expect(await other.relay(ask)).toMatchObject({ duplicate: false })
  })

  it.each(['misconfigured', 'unavailable'] as const)(
    'are sent when the first failed with certainty: %s',
    async (kind) => {
      const { otp, sms } = createFixture()
      sms.failNext(new DeliveryError({ kind, sent: 'no', provider: 'sms-provider' }))
      await expect(otp.relay(ask)).rejects.toMatchObject({ code: 'delivery_failed' })
      expect(await otp.relay(ask)).toMatchObject({ ok: true, duplicate: false })
      expect(sms.messages).toHaveLength(1)
    },
  )

  it.each(['invalid_recipient', 'opted_out', 'fraud_blocked'] as const)(
    'are tried again when the recipient could not be reached: %s',
    async (kind) => {
      const { otp, sms } = createFixture()
      sms.failNext(new DeliveryError({ kind, sent: 'no', provider: 'sms-provider' }))
      expect(await otp.relay(ask)).toEqual({ ok: false, reason: 'undeliverable', kind })
      expect(await otp.relay(ask)).toMatchObject({ ok: true, duplicate: false })
    },
  )

  it('are no duplicates of what failed, however often it did', async () => {
    const { otp, sms } = createFixture()
    for (let time = 1; time <= 5; time += 1) {
      sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'p' }))
      await expect(otp.relay({ ...ask, ip: null })).rejects.toMatchObject({
        code: 'delivery_failed',
      })
    }
    // From the sixth on in an hour the recipient's limits stay charged, and the answer says so.
    sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'p' }))
    await expect(otp.relay(ask)).rejects.toMatchObject({ code: 'delivery_failed' })
    expect(await otp.relay(ask)).toMatchObject({ reason: 'rate_limited', limit: 'cooldown' })
    expect(sms.messages).toEqual([])
  })

  it('are duplicates when the first may have been sent', async () => {
    const { otp, sms } = createFixture()
    sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'unknown', provider: 'p' }))
    expect(await otp.relay(ask)).toMatchObject({ duplicate: false, delivery: 'unknown' })
    expect(await otp.relay(ask)).toMatchObject(duplicate)
    expect(sms.messages).toEqual([])
  })
})

describe('relay with `background`', () => {
  it('answers before the delivery, which changes nothing afterwards', async () => {
    const works: Promise<void>[] = []
    const { otp, sms, events } = createFixture({ background: (work) => void works.push(work) })
    sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'p' }))
    const answered = { ok: true, channel: 'sms', recipient: phone, delivery: 'unknown' }
    expect(await otp.relay(ask)).toEqual({ ...answered, duplicate: false })
    expect(events).toEqual([])
    await Promise.all(works)
    expect(events).toMatchObject([
      { type: 'delivery_failed' },
      { type: 'unsent', relayed: true, kind: 'unavailable' },
    ])
    expect(await otp.relay(ask)).toEqual({ ...answered, duplicate: true })
    expect(works).toHaveLength(1)
  })
})

describe('the events of relay', () => {
  it('say that a message was relayed, and name no challenge', async () => {
    const { otp, sms, events, clock } = createFixture()
    await otp.relay(ask)
    clock.advance(minute)
    sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'p' }))
    await otp.relay({ ...ask, code: 'other1' }).catch(() => {})
    await otp.relay({ ...ask, code: 'other1' })
    const known = await otp.recipient(phone)
    const about = {
      fingerprint: known.ok && known.fingerprint,
      recipient: '+91••••••••10',
      country: 'IN',
      purpose: 'login',
      channel: 'sms',
    }
    const sent = {
      ...about,
      type: 'sent',
      at: expect.any(Number),
      relayed: true,
      resend: false,
      delivery: 'accepted',
      provider: 'sms-provider',
      reference: expect.any(String),
      messageKey: expect.any(String),
      durationMs: 0,
    }
    expect(events).toEqual([
      sent,
      {
        ...about,
        type: 'delivery_failed',
        at: expect.any(Number),
        kind: 'unavailable',
        sent: 'no',
        provider: 'p',
        durationMs: 0,
      },
      {
        ...about,
        type: 'unsent',
        at: expect.any(Number),
        relayed: true,
        kind: 'unavailable',
      },
      sent,
    ])
  })

  it('S11 hold neither code nor text, nor does anything that is stored or thrown', async () => {
    const text = 'a canary text with 471193 in it'
    const { code: _, ...without } = ask
    for (const handed of [{ code: '471193' }, { text }, { text, code: '471193' }]) {
      const said: unknown[] = []
      const base = createFixture()
      const spy = <T extends object>(target: T): T =>
        new Proxy(target, {
          get: (object, name) => {
            const member = Reflect.get(object, name)
            if (typeof member !== 'function') return member
            return (...args: unknown[]) => {
              said.push(args)
              return Reflect.apply(member, object, args)
            }
          },
        })
      const { otp, sms, events } = createFixture({
        store: spy(base.store),
        rateLimiter: spy(base.rateLimiter),
      })
      sms.failNext(
        new DeliveryError({
          kind: 'unavailable',
          sent: 'no',
          provider: 'p',
          // In a text that nobody named the code of, it could be any part of it.
          providerCode: 'code' in handed ? 'E-471193' : '471193',
        }),
      )
      const thrown = await otp.relay({ ...without, ...handed } as never).catch((error) => error)
      expect(thrown).toMatchObject({ code: 'delivery_failed' })
      expect(thrown.cause.providerCode).toBeUndefined()
      said.push(await otp.relay({ ...without, ...handed } as never))
      said.push(await otp.relay({ ...without, ...handed } as never))
      said.push(events, sms.messages)
      expect(sms.messages).toHaveLength(1)
      expect(events.map(({ type }) => type)).toEqual(['delivery_failed', 'unsent', 'sent'])
      const all = JSON.stringify([said, thrown, { ...thrown.cause }])
      expect(all).not.toContain('471193')
      expect(all).not.toContain('canary')
    }
  })

  it('are the only trace of it: no conversion is kept', async () => {
    const put: unknown[] = []
    const base = createFixture()
    const store = { ...base.store, put: async (challenge: unknown) => void put.push(challenge) }
    const { otp } = createFixture({
      store,
      conversions: [{ provider: 'sms-provider', verified: async () => {} }],
    })
    await otp.relay(ask)
    expect(put).toEqual([])
  })
})

describe('relay and faults', () => {
  it('sends nothing while the limiter is down', async () => {
    const { rateLimiter } = createFixture()
    const { otp, sms } = createFixture({
      rateLimiter: {
        ...rateLimiter,
        take: async () => {
          throw new Error('down')
        },
      },
    })
    await expect(otp.relay(ask)).rejects.toMatchObject({ code: 'rate_limiter_unavailable' })
    expect(sms.messages).toEqual([])
  })

  it('never fails for a refund', async () => {
    const { rateLimiter } = createFixture()
    const { otp, sms, events } = createFixture({
      rateLimiter: {
        ...rateLimiter,
        refund: async () => {
          throw new Error('down')
        },
      },
    })
    sms.failNext(new DeliveryError({ kind: 'opted_out', sent: 'no', provider: 'p' }))
    expect(await otp.relay(ask)).toMatchObject({ reason: 'undeliverable' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'fault', during: 'refund' }))
  })
})

/** A manager whose provider takes a message when it is told to. */
function pendingFixture() {
  const clock = testClock()
  const database = memory({ clock: clock.now })
  const taken = signal()
  const arrival = signal()
  const sms = { calls: 0 }
  const otp = new OtpManager({
    secret,
    database,
    deliveries: {
      sms: {
        name: 'slow',
        reaches: ['phone'],
        deliver: async () => {
          sms.calls += 1
          arrival.give()
          await taken.given
          return { provider: 'slow' }
        },
      },
    },
    countries: ['IN'],
    purposes: ['login'],
  })
  return { otp, database, clock, sms, taken, arrived: arrival.given }
}

function signal() {
  let give = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}
