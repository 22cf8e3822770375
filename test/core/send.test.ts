import { type Delivery, DeliveryError } from 'otpkit'
import { fallback } from 'otpkit/deliveries/fallback'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { createFixture, email, ledgerKeyOf, noLimits, phone, wrong } from '../fixture'

const minute = 60_000

describe('send', () => {
  it('sends a six-digit code to the normalised recipient', async () => {
    const { otp, sms } = createFixture()
    const sent = await otp.send({
      to: '+91 98765-43210',
      channel: 'sms',
      purpose: 'login',
      ip: '203.0.113.7',
    })
    expect(sent).toEqual({
      ok: true,
      challengeId: expect.stringMatching(/^[\w-]{44}$/),
      channel: 'sms',
      recipient: phone,
      codeLength: 6,
      expiresInMs: 5 * minute,
      resendInMs: 30_000,
      delivery: 'accepted',
      provider: 'sms-provider',
      messageId: 'sms-provider-1',
    })
    const [message] = sms.messages
    expect(message).toMatchObject({ to: phone, country: 'IN', channel: 'sms', purpose: 'login' })
    expect(message?.code).toMatch(/^\d{6}$/)
    expect(message?.content.text).toContain(message?.code)
  })

  it('S20 delivers to the normalised value only', async () => {
    const { mail, send } = createFixture()
    const sent = await send({ to: ' Person@EXAMPLE.com\n', channel: 'email' })
    expect(sent).toMatchObject({ ok: true, recipient: 'person@example.com' })
    expect(mail.messages[0]?.to).toBe('Person@example.com')
  })

  it.each(['recipient', 'challenge'] as const)(
    'S20 one name for an address however it is cased, bound to the %s',
    async (bind) => {
      const { otp, mail, send, events, clock } = createFixture({ bind })
      const [typed, other] = ['Ada.L@Example.org', 'ADA.l@example.ORG']
      const recipient = 'ada.l@example.org'
      const sent = await send({ to: typed, channel: 'email' })
      if (!sent.ok) throw new Error(sent.reason)
      expect(sent.recipient).toBe(recipient)
      clock.advance(60_000)
      const target =
        bind === 'recipient'
          ? ({ to: other, purpose: 'login' } as const)
          : { challengeId: sent.challengeId }
      expect(await otp.resend({ ...target, ip: null })).toMatchObject({ recipient })
      expect(mail.messages.map(({ to }) => to)).toEqual(Array(2).fill('Ada.L@example.org'))

      const guess = { ...target, purpose: 'login', ip: null, code: mail.lastCode() } as const
      const verified = await otp.verify({ ...guess, proof: '5m' })
      expect(verified).toMatchObject({ ok: true, recipient })
      const proof = verified.ok ? (verified.proof ?? '') : ''
      const redeemed = await otp.redeem(proof, { purpose: 'login', to: other })
      expect(redeemed).toEqual({ ok: true, recipient, purpose: 'login' })
      const known = await otp.recipient(other)
      expect(known).toMatchObject({ recipient })
      for (const event of events) {
        expect(event.fingerprint).toBe(known.ok && known.fingerprint)
        expect(event.recipient ?? 'a•••@example.org').toBe('a•••@example.org')
      }
    },
  )

  it('S20 writes to an international domain by its A-label', async () => {
    const { otp, mail, send, verify } = createFixture()
    const sent = await send({ to: 'Ada@M\u00fcnchen.de', channel: 'email' })
    expect(sent).toMatchObject({ ok: true, recipient: 'ada@xn--mnchen-3ya.de' })
    expect(mail.messages[0]?.to).toBe('Ada@xn--mnchen-3ya.de')
    const verified = await verify(mail.lastCode(), { to: 'ada@mu\u0308nchen.DE' })
    expect(verified).toMatchObject({ ok: true, recipient: 'ada@xn--mnchen-3ya.de' })
    expect(await otp.recipient('ADA@XN--MNCHEN-3YA.DE')).toMatchObject({ kind: 'email' })
  })

  it('repeats the code of a living challenge, without extending its life or its attempts', async () => {
    const { receive, verify, clock } = createFixture()
    const first = await receive()
    await verify(wrong(first.code))
    clock.advance(30_000)
    const second = await receive()
    expect(second.code).toBe(first.code)
    expect(second.sent).toMatchObject({
      challengeId: first.sent.challengeId,
      expiresInMs: 5 * minute - 30_000,
    })
    expect(await verify(wrong(first.code, 2))).toMatchObject({ attemptsLeft: 1 })
    expect(await verify(wrong(first.code, 3))).toMatchObject({ attemptsLeft: 0 })
    expect(await verify(first.code)).toEqual({ ok: false, reason: 'expired' })
  })

  it('starts anew once the attempts are used up', async () => {
    const { receive, verify, clock } = createFixture()
    const { code } = await receive()
    for (const by of [1, 2, 3]) await verify(wrong(code, by))
    clock.advance(30_000)
    const next = await receive()
    expect(next.code).not.toBe(code)
    expect(await verify(next.code)).toMatchObject({ ok: true })
  })

  it('starts anew with less than a fifth of the life left', async () => {
    const { receive, clock } = createFixture({ limits: noLimits })
    const { code } = await receive()
    clock.advance(4 * minute)
    expect((await receive()).code).toBe(code)
    clock.advance(1)
    expect((await receive()).code).not.toBe(code)
  })

  it('sends at most four messages of one challenge', async () => {
    const { receive, send, clock } = createFixture({ limits: noLimits })
    const { code } = await receive()
    for (let repeat = 0; repeat < 3; repeat++) expect((await receive()).code).toBe(code)
    const refused = await send()
    expect(refused).toEqual({
      ok: false,
      reason: 'rate_limited',
      limit: 'challenge',
      retryAfterMs: 4 * minute,
    })
    clock.advance(4 * minute + 1)
    expect((await receive()).code).not.toBe(code)
  })

  it('counts the messages of each challenge apart, and says when there is no more', async () => {
    const { otp, receive, send, events } = createFixture({ limits: noLimits })
    for (const _ of ['first', 'second']) {
      const { code } = await receive()
      const repeats = [await receive(), await receive(), await receive()]
      expect(repeats.map((repeat) => repeat.code)).toEqual([code, code, code])
      expect(repeats.map(({ sent }) => sent.resendInMs)).toEqual([0, 0, 5 * minute])
      expect(await send()).toMatchObject({ limit: 'challenge' })
      expect(events.at(-1)).toMatchObject({ type: 'refused', action: 'send', limit: 'challenge' })
      await otp.cancel({ to: phone, purpose: 'login' })
    }
    const sent = events.flatMap((event) => (event.type === 'sent' ? [event.resend] : []))
    const each = [false, true, true, true]
    expect(sent).toEqual([...each, ...each])
  })

  it('tells of a charge that it could not give back, and refuses all the same', async () => {
    const base = createFixture()
    const { send, receive, events } = createFixture({
      limits: noLimits,
      rateLimiter: { ...base.rateLimiter, refund: async () => Promise.reject(new Error('down')) },
    })
    for (let message = 0; message < 4; message += 1) await receive()
    expect(await send()).toMatchObject({ limit: 'challenge' })
    expect(events.at(-2)).toMatchObject({ type: 'fault', during: 'refund' })
  })

  it('does not wait to replace a code that is too short by now', async () => {
    const { otp, receive, send, sms, rateLimiter } = createFixture({ limits: noLimits })
    await receive({ purpose: 'signup' })
    const failure = { key: await ledgerKeyOf(phone), max: 100, windowMs: 180 * 24 * 60 * minute }
    for (let failures = 0; failures < 5; failures += 1) await rateLimiter.take([failure])
    sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'p' }))
    await expect(send({ purpose: 'signup' })).rejects.toMatchObject({ code: 'delivery_failed' })
    expect(await otp.status({ to: phone, purpose: 'signup' })).toMatchObject({ codeLength: 8 })
  })

  it("S12 with resend: 'new' the old code dies", async () => {
    const { receive, verify } = createFixture({ resend: 'new', limits: noLimits })
    const first = await receive()
    const second = await receive()
    expect(second.code).not.toBe(first.code)
    expect(await verify(first.code)).toMatchObject({ reason: 'incorrect' })
    expect(await verify(second.code)).toMatchObject({ ok: true })
  })

  it('uses the next channel when one cannot reach this recipient', async () => {
    const { send, whatsapp, sms, events } = createFixture()
    whatsapp.failNext(
      new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'whatsapp' }),
    )
    const sent = await send({ channel: ['email', 'whatsapp', 'sms'] })
    expect(sent).toMatchObject({ ok: true, channel: 'sms' })
    expect([whatsapp.messages.length, sms.messages.length]).toEqual([0, 1])
    expect(events.map((event) => event.type)).toEqual(['delivery_failed', 'sent'])
  })

  it('S73 never goes around a fraud block or an opt-out', async () => {
    for (const kind of ['fraud_blocked', 'opted_out'] as const) {
      const { send, whatsapp, sms } = createFixture()
      whatsapp.failNext(new DeliveryError({ kind, sent: 'no', provider: 'whatsapp' }))
      expect(await send({ channel: ['whatsapp', 'sms'] })).toEqual({
        ok: false,
        reason: 'undeliverable',
        kind,
      })
      expect(sms.messages).toHaveLength(0)
    }
  })

  it('S74 keeps challenge and charges when the outcome is unknown, and sends nothing twice', async () => {
    for (const error of [
      new DeliveryError({ kind: 'unavailable', sent: 'unknown', provider: 'whatsapp' }),
      new TypeError('a bug in a delivery'),
      'not even an error',
    ]) {
      const { send, whatsapp, sms } = createFixture()
      whatsapp.failNext(error)
      expect(await send({ channel: ['whatsapp', 'sms'] })).toMatchObject({
        ok: true,
        delivery: 'unknown',
        channel: 'whatsapp',
      })
      expect(sms.messages).toHaveLength(0)
      expect(await send()).toMatchObject({ reason: 'rate_limited', limit: 'cooldown' })
    }
  })

  describe('a delivery that hands back', () => {
    const next = capturedDelivery({ name: 'next' })
    const route = (answer: unknown): Delivery => {
      const deliver = async () => answer as never
      return fallback({ name: 'odd', reaches: ['phone'], deliver }, next)
    }

    it.each([
      undefined,
      null,
      'OK',
      202,
      {},
      { messageId: 'm-1' },
      { provider: '', messageId: 'm' },
      { provider: 5, messageId: 'm' },
    ])('S74 %j proves nothing, and sends nothing twice', async (answer) => {
      const deliveries = { sms: route(answer), whatsapp: next, email: next }
      const { send, events } = createFixture({ deliveries })
      expect(await send()).toMatchObject({ ok: true, delivery: 'unknown', provider: 'odd' })
      const unknown = { kind: 'unknown', sent: 'unknown', provider: 'odd' }
      expect(events).toMatchObject([{ type: 'delivery_failed', ...unknown }, { type: 'sent' }])
      expect(next.messages).toEqual([])
    })

    it('more than it must is told of what can be read', async () => {
      const odd = { messageId: 4711, messageIds: 'ab', segments: '2', price: { amount: '1' } }
      const deliveries = { sms: route({ provider: 'odd', ...odd }), whatsapp: next, email: next }
      const { otp, send, events } = createFixture({ deliveries })
      const sent = await send()
      expect(sent).toMatchObject({ ok: true, delivery: 'accepted', messageId: '4711' })
      otp.receipt({ provider: 'odd', messageId: '4711', status: 'delivered' })
      const [told, receipt] = events
      expect(receipt).toMatchObject({ type: 'receipt', messageKey: expect.any(String) })
      expect(told).toMatchObject({ type: 'sent', messageKey: Object(receipt).messageKey })
      for (const name of ['messageKeys', 'segments', 'price']) expect(told).not.toHaveProperty(name)
    })

    it('what it must is told as it is', async () => {
      const answer = { provider: 'odd', segments: 1, price: { amount: 0, currency: 'EUR' } }
      const deliveries = { sms: route(answer), whatsapp: next, email: next }
      const { send, events } = createFixture({ deliveries })
      expect(await send()).not.toHaveProperty('messageId')
      const { provider, ...told } = answer
      expect(events).toMatchObject([{ type: 'sent', provider, ...told }])
    })

    it.each([
      ['segments', 0],
      ['segments', Number.NaN],
      ['price', { amount: Number.NaN, currency: 'EUR' }],
      ['price', { amount: 1 }],
      ['price', null],
    ])('%s of no sense are not told: %j', async (name, value) => {
      const answer = { provider: 'odd', [name]: value }
      const deliveries = { sms: route(answer), whatsapp: next, email: next }
      const { send, events } = createFixture({ deliveries })
      expect(await send()).toMatchObject({ ok: true, delivery: 'accepted' })
      expect(events).toMatchObject([{ type: 'sent' }])
      expect(events[0]).not.toHaveProperty(name)
    })

    it('an id that nobody can read was sent all the same', async () => {
      const answer = { provider: 'odd', messageId: 47n, messageIds: [{}, 'a', 5, 'b'] }
      const deliveries = { sms: route(answer), whatsapp: next, email: next }
      const { send, events } = createFixture({ deliveries })
      expect(await send()).toMatchObject({ ok: true, delivery: 'accepted' })
      expect(events).toMatchObject([{ type: 'sent', messageKeys: { length: 3 } }])
    })
  })

  it('S74 a failure that does not say whether it was sent may have been', async () => {
    const { send, sms, whatsapp } = createFixture()
    whatsapp.failNext(new DeliveryError({ kind: 'unavailable', provider: 'p' } as never))
    expect(await send({ channel: ['whatsapp', 'sms'] })).toMatchObject({ delivery: 'unknown' })
    expect(sms.messages).toEqual([])
  })

  it("throws what the operator must mend, with the provider's plain error as its cause", async () => {
    const { send, sms } = createFixture()
    sms.failNext(new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'p' }))
    await expect(send()).rejects.toMatchObject({
      code: 'delivery_failed',
      cause: { kind: 'misconfigured', provider: 'p' },
    })
  })

  it('refunds a message that nobody took, at most five times an hour', async () => {
    const { rateLimiter } = createFixture()
    const refunded: (readonly string[])[] = []
    const refund = (keys: readonly string[], charge: string) => {
      refunded.push(keys)
      return rateLimiter.refund(keys, charge)
    }
    const { send, sms } = createFixture({ rateLimiter: { ...rateLimiter, refund } })
    const fail = () => {
      sms.failNext(new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'p' }))
      return send({ ip: null })
    }
    for (let failure = 0; failure < 5; failure++) {
      expect(await fail()).toMatchObject({ reason: 'undeliverable' })
    }
    // The shared bucket of `ip: null` is never refunded, so another address asks from here on.
    expect(await send()).toMatchObject({ reason: 'rate_limited', limit: 'ip' })
    sms.failNext(new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'p' }))
    expect(await send({ ip: '203.0.113.1' })).toMatchObject({ reason: 'undeliverable' })
    expect(await send({ ip: '203.0.113.1' })).toMatchObject({ limit: 'cooldown' })
    expect(refunded).not.toContainEqual([])
  })

  it('leaves an earlier challenge as it was when nobody took the message that replaces it', async () => {
    const { receive, send, verify, sms } = createFixture({ resend: 'new', limits: noLimits })
    const { code } = await receive()
    await verify(wrong(code))
    sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'p' }))
    await expect(send()).rejects.toMatchObject({ code: 'delivery_failed' })
    expect(await verify(wrong(code, 2))).toMatchObject({ attemptsLeft: 1 })
    expect(await verify(code)).toMatchObject({ ok: true })
  })

  it('leaves the challenge of a first message that nobody took for the next one to repeat', async () => {
    const { clock, send, sms, verify } = createFixture()
    sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'p' }))
    await expect(send()).rejects.toThrow()
    clock.advance(1_000)
    expect(await send()).toMatchObject({ ok: true, expiresInMs: 5 * minute - 1_000 })
    expect(await verify(sms.lastCode())).toMatchObject({ ok: true })
  })

  it('S10 returns the code only with exposeCode', async () => {
    const { send, receive } = createFixture({ exposeCode: true })
    const { sent, code } = await receive()
    expect(sent.code).toBe(code)
    expect(await createFixture().send()).not.toHaveProperty('code')
    expect(await send({ deliver: false, purpose: 'signup' })).not.toHaveProperty('code', code)
  })
})

describe('limits on messages', () => {
  it('S39 cooldown, then 3 in 2 minutes, 5 an hour, 10 a day', async () => {
    const { send, clock } = createFixture({ resend: 'new' })
    const times: number[] = []
    const start = clock.now()
    while (clock.now() - start < 24 * 60 * minute) {
      const result = await send()
      if (result.ok) {
        times.push(clock.now() - start)
        clock.advance(result.resendInMs)
      } else if (result.reason === 'rate_limited') {
        throw new Error(`resendInMs was too short by ${result.retryAfterMs}`)
      }
    }
    expect(times.map((time) => time / 1000)).toEqual([
      0, 30, 60, 120, 150, 3600, 3630, 3660, 3720, 3750,
    ])
  })

  it('counts all purposes together, and every spelling as one recipient', async () => {
    const { send } = createFixture()
    await send({ to: 'first.last@gmail.com', channel: 'email' })
    const again = await send({
      to: 'firstlast+x@googlemail.com',
      channel: 'email',
      purpose: 'signup',
    })
    expect(again).toMatchObject({ reason: 'rate_limited', limit: 'cooldown', retryAfterMs: 30_000 })
  })

  it('S36 counts one IPv6 /64 as one address', async () => {
    const { send } = createFixture({ limits: { ip: [{ max: 1, per: '1m' }] } })
    expect(await send({ ip: '2001:db8:1:2::1' })).toMatchObject({ ok: true })
    const other = { to: email, channel: 'email' } as const
    expect(await send({ ...other, ip: '2001:db8:1:2:ffff::9' })).toMatchObject({ limit: 'ip' })
    expect(await send({ ...other, ip: '2001:db8:1:3::1' })).toMatchObject({ ok: true })
  })

  it('S40 keeps country, prefix and global budgets', async () => {
    const budget = [{ max: 2, per: '1h' }]
    const to = (last: number) => `+9198765432${String(last).padStart(2, '0')}`
    for (const [limit, third] of [
      ['country', '+919123456789'],
      ['prefix', to(12)],
      ['global', '+14155552671'],
    ] as const) {
      const { send } = createFixture({ limits: { ...noLimits, [limit]: budget } })
      expect(await send({ to: to(10) })).toMatchObject({ ok: true })
      expect(await send({ to: to(11) })).toMatchObject({ ok: true })
      expect(await send({ to: third })).toMatchObject({ reason: 'rate_limited', limit })
    }
    const { send } = createFixture({ limits: { ...noLimits, prefix: budget } })
    for (let message = 0; message < 4; message++) {
      expect(await send({ to: email, channel: 'email', purpose: 'login' })).toMatchObject({
        ok: true,
      })
    }
  })

  it('a refused request charges nothing', async () => {
    const { send, clock } = createFixture({ limits: { ip: [{ max: 2, per: '1h' }] } })
    await send()
    for (let refusal = 0; refusal < 10; refusal++) {
      expect(await send()).toMatchObject({ limit: 'cooldown' })
    }
    clock.advance(30_000)
    expect(await send()).toMatchObject({ ok: true })
  })
})

describe('S81 deliver: false', () => {
  const ask = { to: phone, channel: 'sms', purpose: 'login', ip: null } as const

  it('answers alike, charges alike, sends nothing and never verifies', async () => {
    const { otp, sms, events } = createFixture({ exposeCode: true })
    const unknown = await otp.send({ ...ask, deliver: false })
    const known = await otp.send({ ...ask, to: '+14155552671' })
    if (!unknown.ok || !known.ok) throw new Error('refused')
    expect(Object.keys(unknown)).toEqual(Object.keys(known))
    expect({ ...unknown, challengeId: '', recipient: '', code: '', messageId: '' }).toEqual({
      ...known,
      challengeId: '',
      recipient: '',
      code: '',
      messageId: '',
    })
    expect(sms.messages.map((message) => message.to)).toEqual(['+14155552671'])
    const verified = await otp.verify({ ...ask, code: unknown.code ?? '' })
    expect(verified).toEqual({ ok: false, reason: 'incorrect', attemptsLeft: 2 })
    expect(await otp.send({ ...ask, deliver: false })).toMatchObject({ limit: 'cooldown' })
    expect(events[0]).toMatchObject({ type: 'sent', delivery: 'withheld' })
  })

  it('stays silent when it is resent, and is not revived by a real send', async () => {
    const { otp, sms, clock, receive, verify } = createFixture()
    const sent = await otp.send({ ...ask, deliver: false })
    if (!sent.ok) throw new Error('refused')
    clock.advance(30_000)
    expect(await otp.resend({ challengeId: sent.challengeId, ip: null })).toMatchObject({
      ok: true,
      challengeId: sent.challengeId,
    })
    expect(sms.messages).toHaveLength(0)
    clock.advance(30_000)
    const { code } = await receive()
    expect(await verify(code)).toMatchObject({ ok: true })
  })
})

describe('S81 hide', () => {
  const failure = (kind: 'invalid_recipient' | 'unavailable') =>
    new DeliveryError({ kind, sent: 'no', provider: 'p' })

  it.each([
    ['undeliverable', 'invalid_recipient'],
    ['failures', 'invalid_recipient'],
    ['failures', 'unavailable'],
  ] as const)('%s: what nobody took for %s looks as if it was sent', async (hide, kind) => {
    for (const resend of ['same', 'new'] as const) {
      const heard = []
      for (const isTaken of [true, false]) {
        const { sms, otp, send, receive, verify, clock, events } = createFixture({ resend })
        const { code } = await receive()
        clock.advance(30_000)
        if (!isTaken) sms.failNext(failure(kind))
        const answer = await send({ hide })
        const told = isTaken ? { delivery: 'accepted' } : { delivery: 'failed', failure: kind }
        expect(answer).toMatchObject({ ok: true, ...told })
        expect(events.at(-1)?.type).toBe(isTaken ? 'sent' : 'unsent')
        if (!isTaken) sms.failNext(failure(kind))
        // What the failure itself says is for the server alone.
        const { delivery: _d, failure: _f, provider: _p, messageId: _m, ...rest } = Object(answer)
        const target = { to: phone, purpose: 'login' } as const
        heard.push([
          rest,
          await send({ hide }),
          await otp.status(target),
          await verify(code).then(({ ok }) => ok),
          await verify(wrong(code)),
        ])
      }
      const [taken, failed] = heard.map((answers) => JSON.stringify(answers))
      expect(failed).toBe(taken)
    }
  })

  it.each(['undeliverable', 'failures'] as const)('%s holds for a resend', async (hide) => {
    const { sms, otp, receive, clock } = createFixture()
    const { challengeId } = (await receive()).sent
    clock.advance(30_000)
    sms.failNext(failure('invalid_recipient'))
    expect(await otp.resend({ challengeId, ip: null, hide })).toMatchObject({
      ok: true,
      challengeId,
      delivery: 'failed',
      failure: 'invalid_recipient',
    })
    expect(await otp.resend({ challengeId, ip: null, hide })).toMatchObject({ limit: 'cooldown' })
  })

  it('undeliverable is no outage', async () => {
    const { sms, send } = createFixture()
    sms.failNext(failure('unavailable'))
    await expect(send({ hide: 'undeliverable' })).rejects.toMatchObject({ code: 'delivery_failed' })
    expect(await send({ hide: 'undeliverable' })).toMatchObject({ delivery: 'accepted' })
  })
})

describe('background', () => {
  it('answers before delivery, whatever comes of it', async () => {
    const work: Promise<void>[] = []
    const { otp, sms, events, verify } = createFixture({
      background: (promise) => work.push(promise),
    })
    const ask = { channel: 'sms', purpose: 'login', ip: null } as const
    const accepted = await otp.send({ ...ask, to: phone })
    await Promise.all(work)
    sms.failNext(new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'p' }))
    const failed = await otp.send({ ...ask, to: '+14155552671' })
    const withheld = await otp.send({ ...ask, to: '+14155552672', deliver: false })
    const shape = { ok: true, delivery: 'unknown', channel: 'sms', resendInMs: 30_000 }
    for (const sent of [accepted, failed, withheld]) {
      expect(sent).toMatchObject(shape)
      expect(sent).not.toHaveProperty('provider')
    }
    await Promise.all(work)
    expect(events.map((event) => event.type).sort()).toEqual([
      'delivery_failed',
      'sent',
      'sent',
      'unsent',
    ])
    expect(await verify(sms.lastCode())).toMatchObject({ ok: true })
  })

  it('tells of what fails behind the answer, which stands', async () => {
    const work: Promise<void>[] = []
    const lost = new Error('no time')
    let isLost = false
    const { otp, send, events } = createFixture({
      background: (promise) => work.push(promise),
      clock: () => {
        const wasLost = isLost
        isLost = false
        if (wasLost) throw lost
        return 1_700_000_000_000
      },
    })
    const known = await otp.recipient(phone)
    expect(await send()).toMatchObject({ ok: true, delivery: 'unknown' })
    isLost = true
    await Promise.all(work)
    const fingerprint = known.ok && known.fingerprint
    expect(events).toMatchObject([
      { type: 'fault', during: 'background', error: lost, fingerprint },
    ])
  })

  it('S81 begins no delivery before the answer', async () => {
    const work: Promise<void>[] = []
    const { otp, sms } = createFixture({ background: (promise) => work.push(promise) })
    await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
    expect(sms.messages).toEqual([])
    await Promise.all(work)
    expect(sms.messages).toHaveLength(1)
  })

  it('S81 treats what follows a failed delivery like what follows a withheld one', async () => {
    const work: Promise<void>[] = []
    const { otp, sms, clock } = createFixture({ background: (promise) => work.push(promise) })
    const ask = { channel: 'sms', purpose: 'login', ip: null } as const
    const known = { ...ask, to: phone }
    const unknown = { ...ask, to: '+14155552671', deliver: false }
    const answers = async (request: typeof known | typeof unknown) => {
      sms.failNext(new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'p' }))
      const sent = await otp.send(request)
      await Promise.all(work)
      const again = await otp.send(request)
      const guess = await otp.verify({ to: request.to, purpose: 'login', code: '000000', ip: null })
      return [sent, again, guess].map((answer) => ({ ...answer, challengeId: '', recipient: '' }))
    }
    const after = await answers(known)
    clock.advance(1)
    expect(after).toEqual(await answers(unknown))
    expect(after[1]).toMatchObject({ ok: false, limit: 'cooldown' })
    expect(after[2]).toMatchObject({ ok: false, reason: 'incorrect' })
  })

  it('puts everything that it promises before it answers, or gives no such answer', async () => {
    const { store, rateLimiter, clock } = createFixture()
    const work: Promise<void>[] = []
    let puts = 0
    const put: typeof store.put = (challenge) => {
      puts += 1
      return puts === 1 ? store.put(challenge) : Promise.reject(new Error('down'))
    }
    const { send, sms } = createFixture({
      store: { ...store, put },
      rateLimiter,
      resend: 'new',
      background: (promise) => work.push(promise),
    })
    await send()
    await Promise.all(work)
    clock.advance(30_000)
    await expect(send()).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(work).toHaveLength(1)
    expect(sms.messages).toHaveLength(1)
  })

  it('reports what fails after the answer as an event', async () => {
    const work: Promise<void>[] = []
    const { send, events } = createFixture({
      background: (promise) => work.push(promise),
      deliveries: {
        sms: {
          name: 'odd',
          reaches: ['phone'],
          deliver: async () => Promise.reject(Object.create(null)),
        },
        whatsapp: capturedDelivery(),
        email: capturedDelivery({ reaches: ['email'] }),
      },
    })
    await send()
    await Promise.all(work)
    expect(events.map(({ type }) => type)).toEqual(['delivery_failed', 'sent'])
  })
})
