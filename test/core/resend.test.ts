import { DeliveryError } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { createFixture, email, ledgerKeyOf, noLimits, phone, wrong } from '../fixture'

it('of nothing is expired, also for a locked recipient, to whom `send` says it', async () => {
  const { otp, rateLimiter, send } = createFixture()
  const key = await ledgerKeyOf(phone)
  const ledger = { key, max: 100, windowMs: 180 * 86_400_000 }
  for (let failures = 0; failures < 100; failures += 1) await rateLimiter.take([ledger])
  const again = await otp.resend({ to: phone, purpose: 'login', ip: null })
  expect(again).toEqual({ ok: false, reason: 'expired' })
  expect(await send()).toMatchObject({ reason: 'locked' })
})

describe('resend', () => {
  it.each(['fa_IR', 'fa-IR,fa;q=0.9,en;q=0.8', 'sw, fa;q=0.1'])(
    'speaks the language of the first message, asked for as %s',
    async (locale) => {
      const { otp, clock, sms, receive } = createFixture()
      const { sent } = await receive({ locale })
      clock.advance(30_000)
      expect(await otp.resend({ challengeId: sent.challengeId, ip: null })).toMatchObject({
        ok: true,
      })
      expect(sms.messages.map((message) => message.locale)).toEqual(['fa', 'fa'])
    },
  )

  it('sends the same code over another channel of the same number', async () => {
    const { otp, receive, whatsapp, clock } = createFixture()
    const { sent, code } = await receive()
    clock.advance(30_000)
    const { challengeId } = sent
    const again = await otp.resend({ challengeId, channel: 'whatsapp', ip: null })
    expect(again).toMatchObject({
      ok: true,
      channel: 'whatsapp',
      challengeId,
      expiresInMs: 270_000,
    })
    expect(whatsapp.lastCode()).toBe(code)
    expect(whatsapp.messages[0]?.expiresInMs).toBe(270_000)
  })

  it('works by recipient and purpose, and keeps the locale and the channel', async () => {
    const { otp, receive, sms, clock } = createFixture()
    const { code } = await receive({ locale: 'hi' })
    clock.advance(30_000)
    expect(await otp.resend({ to: phone, purpose: 'login', ip: null })).toMatchObject({ ok: true })
    expect(sms.messages.map((message) => message.locale)).toEqual(['hi', 'hi'])
    expect(sms.lastCode()).toBe(code)
  })

  it('S25 neither life nor attempts rise: the right code is refused at the limit', async () => {
    const { otp, receive, verify, clock } = createFixture()
    const { sent, code } = await receive()
    await verify(wrong(code, 1))
    await verify(wrong(code, 2))
    clock.advance(30_000)
    await otp.resend({ challengeId: sent.challengeId, ip: null })
    await verify(wrong(code, 3))
    expect(await verify(code)).toEqual({ ok: false, reason: 'expired' })
  })

  it('passes the same limits as a send, and at most four messages in all', async () => {
    const { otp, receive, clock } = createFixture({ limits: noLimits })
    const { sent } = await receive()
    const again = () => otp.resend({ challengeId: sent.challengeId, ip: null })
    for (let repeat = 0; repeat < 3; repeat++) expect(await again()).toMatchObject({ ok: true })
    expect(await again()).toMatchObject({ reason: 'rate_limited', limit: 'challenge' })
    clock.advance(300_000)
    expect(await again()).toEqual({ ok: false, reason: 'expired' })

    const limited = createFixture()
    const first = await limited.receive()
    const { challengeId } = first.sent
    expect(await limited.otp.resend({ challengeId, ip: null })).toMatchObject({
      reason: 'rate_limited',
      limit: 'cooldown',
      retryAfterMs: 30_000,
    })
  })

  it('refuses what was used, exhausted, cancelled or never sent', async () => {
    const { otp, receive, verify } = createFixture({ limits: noLimits })
    const byRecipient = { to: phone, purpose: 'login', ip: null } as const
    expect(await otp.resend(byRecipient)).toEqual({ ok: false, reason: 'expired' })
    const used = await receive()
    await verify(used.code)
    expect(await otp.resend(byRecipient)).toMatchObject({ reason: 'expired' })
    const exhausted = await receive()
    for (const by of [1, 2, 3]) await verify(wrong(exhausted.code, by))
    expect(await otp.resend(byRecipient)).toMatchObject({ reason: 'expired' })
    await receive({ purpose: 'signup' })
    expect(await otp.cancel({ to: phone, purpose: 'signup' })).toEqual({ ok: true })
    expect(await otp.cancel({ to: phone, purpose: 'signup' })).toMatchObject({ reason: 'expired' })
    expect(await otp.resend({ ...byRecipient, purpose: 'signup' })).toMatchObject({
      reason: 'expired',
    })
  })

  it('asking after nothing costs the address that asks', async () => {
    const { otp } = createFixture()
    const ask = () => otp.resend({ to: phone, purpose: 'login', ip: '203.0.113.7' })
    for (let request = 0; request < 5; request++) {
      expect(await ask()).toMatchObject({ reason: 'expired' })
    }
    expect(await ask()).toMatchObject({ reason: 'rate_limited', limit: 'ip' })
  })

  it('refuses a channel that does not reach this recipient', async () => {
    const { otp, receive, clock } = createFixture()
    const { sent } = await receive({ to: email, channel: 'email' })
    clock.advance(30_000)
    const { challengeId } = sent
    expect(await otp.resend({ challengeId, channel: 'sms', ip: null })).toEqual({
      ok: false,
      reason: 'invalid',
      field: 'to',
      problem: 'channel',
    })
  })

  it('refunds a repeat that nobody took', async () => {
    const { otp, receive, sms, clock } = createFixture({ limits: { recipient: [] } })
    const { sent } = await receive()
    clock.advance(30_000)
    const again = () => otp.resend({ challengeId: sent.challengeId, ip: null })
    for (let failure = 0; failure < 4; failure++) {
      sms.failNext(new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'p' }))
      expect(await again()).toMatchObject({ reason: 'undeliverable' })
    }
    clock.advance(60_000)
    expect(await again()).toMatchObject({ ok: true })
  })

  it('starts anew when the ledger grew beyond the length of the code', async () => {
    const { otp, receive, verify, sms, rateLimiter } = createFixture({ limits: noLimits })
    const { sent, code } = await receive()
    expect(code).toHaveLength(6)
    const key = await ledgerKeyOf(phone)
    for (let failure = 0; failure < 5; failure++) {
      await rateLimiter.take([{ key, max: 100, windowMs: 86_400_000 }])
    }
    expect(await otp.resend({ challengeId: sent.challengeId, ip: null })).toMatchObject({
      ok: true,
    })
    expect(sms.lastCode()).toHaveLength(8)
    expect(await verify(sms.lastCode())).toMatchObject({ ok: true })
  })

  it('speaks another language where one is asked for', async () => {
    const { otp, sms, receive } = createFixture({ limits: noLimits })
    const { sent } = await receive({ locale: 'hi' })
    await otp.resend({ challengeId: sent.challengeId, locale: 'fa', ip: null })
    expect(sms.messages.map((message) => message.locale)).toEqual(['hi', 'fa'])
  })

  it('keeps the locale of the first message where none is named, whatever stands there', async () => {
    for (const locale of [undefined, null, '', '*', 'de;q=0']) {
      const { otp, sms, clock, receive } = createFixture()
      const { sent } = await receive({ locale: 'hi' })
      clock.advance(30_000)
      const asked = { challengeId: sent.challengeId, ip: null }
      await otp.resend(locale === undefined ? asked : { ...asked, locale })
      expect(sms.messages.map((message) => message.locale)).toEqual(['hi', 'hi'])
    }
  })

  it('four locales are kept, the most wanted ones', async () => {
    const { receive, sms } = createFixture({ limits: noLimits })
    await receive({ locale: 'tlh,qya,vo,hi', purpose: 'login' })
    await receive({ locale: 'tlh,qya,vo,eo,hi', purpose: 'signup' })
    expect(sms.messages.map((message) => message.locale)).toEqual(['hi', 'en'])
  })

  it('finds nothing by the handle of another purpose', async () => {
    const { otp, receive } = createFixture({ limits: noLimits })
    const { challengeId } = (await receive()).sent
    const ask = { challengeId, ip: null } as const
    expect(await otp.resend({ ...ask, purpose: 'signup' })).toEqual({
      ok: false,
      reason: 'expired',
    })
    expect(await otp.resend({ ...ask, purpose: 'login' })).toMatchObject({ ok: true })
  })

  it('by a handle that nothing stands under costs the address nothing', async () => {
    const { otp, receive, verify } = createFixture()
    const { sent, code } = await receive()
    for (const by of [1, 2, 3]) await verify(wrong(code, by))
    const { challengeId } = sent
    for (let request = 0; request < 6; request += 1) {
      const again = await otp.resend({ challengeId, ip: '203.0.113.7' })
      expect(again).toEqual({ ok: false, reason: 'expired' })
    }
  })

  it('about nothing is refused to its own address alone, and told', async () => {
    const { otp, clock, events } = createFixture({ limits: { ip: [{ max: 1, per: '1m' }] } })
    const ask = (ip: string) => otp.resend({ to: phone, purpose: 'login', ip })
    const known = await otp.recipient(phone)
    expect(await ask('203.0.113.7')).toMatchObject({ reason: 'expired' })
    expect(await ask('203.0.113.7')).toMatchObject({ reason: 'rate_limited', limit: 'ip' })
    expect(events).toEqual([
      {
        at: clock.now(),
        fingerprint: known.ok && known.fingerprint,
        recipient: '+91••••••••10',
        country: 'IN',
        purpose: 'login',
        type: 'refused',
        action: 'send',
        reason: 'rate_limited',
        limit: 'ip',
        retryAfterMs: 60_000,
      },
    ])
    expect(await ask('203.0.113.8')).toMatchObject({ reason: 'expired' })
  })

  it('is told as one, and as refused where a limit says so', async () => {
    const { otp, receive, clock, events } = createFixture()
    const { challengeId } = (await receive()).sent
    const refused = { type: 'refused', action: 'send', limit: 'cooldown' }
    expect(await otp.resend({ challengeId, ip: null })).toMatchObject({ limit: 'cooldown' })
    expect(events.at(-1)).toMatchObject(refused)
    clock.advance(30_000)
    await otp.resend({ challengeId, ip: null })
    expect(events.at(-1)).toMatchObject({ type: 'sent', resend: true })
  })

  it('counts the messages of each challenge apart, and of one that was turned together', async () => {
    const { otp, receive, send } = createFixture({ limits: noLimits })
    const again = (challengeId: string) => otp.resend({ challengeId, ip: null })
    for (const to of [phone, '+919876543211']) {
      const { challengeId } = (await receive({ to })).sent
      for (const _ of [2, 3, 4]) expect(await again(challengeId)).toMatchObject({ ok: true })
      expect(await again(challengeId)).toMatchObject({ limit: 'challenge' })
    }
    const to = '+919876543212'
    const silent = await send({ to, deliver: false })
    const { challengeId } = (await receive({ to })).sent
    expect(silent).toMatchObject({ challengeId })
    for (const _ of [3, 4]) expect(await again(challengeId)).toMatchObject({ ok: true })
    expect(await again(challengeId)).toMatchObject({ limit: 'challenge' })
  })

  it("with resend: 'new' has a new code under the same handle", async () => {
    const { otp, receive, sms, verify } = createFixture({ limits: noLimits, resend: 'new' })
    const { sent, code } = await receive()
    const again = await otp.resend({ to: phone, purpose: 'login', ip: null })
    expect(again).toMatchObject({ ok: true, challengeId: sent.challengeId })
    expect(sms.lastCode()).not.toBe(code)
    expect(await verify(sms.lastCode())).toMatchObject({ ok: true })
  })

  describe('under challenge binding', () => {
    const bound = { bind: 'challenge', limits: noLimits } as const

    it('each send is a challenge of its own, and a stranger cannot use up its attempts', async () => {
      const { otp, receive } = createFixture(bound)
      const mine = await receive()
      const theirs = await receive()
      expect(mine.sent.challengeId).not.toBe(theirs.sent.challengeId)
      const attempt = (challengeId: string, code: string) =>
        otp.verify({ challengeId, purpose: 'login', code, ip: null })
      for (const by of [1, 2, 3, 4]) {
        await attempt(theirs.sent.challengeId, wrong(theirs.code, by))
      }
      expect(await attempt(mine.sent.challengeId, mine.code)).toMatchObject({ ok: true })
    })

    it('S18 the handle is required', async () => {
      const { otp, verify, receive } = createFixture(bound)
      const { code } = await receive()
      const missing = { ok: false, reason: 'invalid', field: 'challengeId', problem: 'type' }
      expect(await verify(code)).toEqual(missing)
      expect(await otp.resend({ to: phone, purpose: 'login', ip: null })).toEqual(missing)
    })

    it("with resend: 'new' the handle changes and the old code dies", async () => {
      const { otp, receive, sms } = createFixture({ ...bound, resend: 'new' })
      const { sent, code } = await receive()
      const again = await otp.resend({ challengeId: sent.challengeId, ip: null })
      if (!again.ok) throw new Error('refused')
      expect(again.challengeId).not.toBe(sent.challengeId)
      const attempt = (challengeId: string, code: string) =>
        otp.verify({ challengeId, purpose: 'login', code, ip: null })
      expect(await attempt(sent.challengeId, code)).toEqual({ ok: false, reason: 'expired' })
      expect(await attempt(again.challengeId, sms.lastCode())).toMatchObject({ ok: true })
    })

    it("with resend: 'new' the old code outlives a message that nobody took", async () => {
      const { otp, receive, sms } = createFixture({ ...bound, resend: 'new' })
      const { sent, code } = await receive()
      const { challengeId } = sent
      sms.failNext(new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: 'p' }))
      expect(await otp.resend({ challengeId, ip: null })).toMatchObject({ reason: 'undeliverable' })
      const guess = { challengeId, purpose: 'login', code, ip: null } as const
      expect(await otp.verify(guess)).toMatchObject({ ok: true })
    })

    it("with resend: 'new' the old code outlives a resend that is refused, and no other", async () => {
      for (const background of [undefined, (work: Promise<void>) => void work]) {
        const settings = { bind: 'challenge', resend: 'new' } as const
        const { store, rateLimiter, clock, receive, otp: asked } = createFixture(settings)
        const { otp } = createFixture({
          ...settings,
          store,
          rateLimiter,
          ...(background && { background }),
        })
        const { challengeId } = (await receive()).sent
        const again = () => otp.resend({ challengeId, ip: null })
        expect(await again()).toMatchObject({ limit: 'cooldown' })
        expect(await asked.status({ challengeId })).toMatchObject({ ok: true })
        clock.advance(30_000)
        expect(await again()).toMatchObject({ ok: true })
        expect(await asked.status({ challengeId })).toMatchObject({ reason: 'expired' })
      }
    })

    it("a forged handle with the end of a victim's charges nobody", async () => {
      const { otp, receive, events } = createFixture(bound)
      const { sent } = await receive()
      const forged = 'A'.repeat(22) + sent.challengeId.slice(22)
      for (let guess = 0; guess < 200; guess++) {
        await otp.verify({ challengeId: forged, purpose: 'login', code: '123456', ip: null })
      }
      expect(events.at(-1)?.type).toBe('expired')
      expect((await receive()).code).toHaveLength(6)
    })
  })
})
