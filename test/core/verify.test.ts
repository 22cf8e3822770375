import { OtpManager } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { createFixture, email, ledgerKeyOf, noLimits, phone, secret, wrong } from '../fixture'

const day = 24 * 60 * 60_000

describe('verify', () => {
  it('S15 returns the recipient that was proven, once', async () => {
    const { receive, verify } = createFixture()
    const { sent, code } = await receive()
    expect(await verify(code, { to: '+91 98765 43210' })).toEqual({
      ok: true,
      recipient: phone,
      challengeId: sent.challengeId,
      purpose: 'login',
    })
    expect(await verify(code)).toEqual({ ok: false, reason: 'used' })
  })

  it('by handle says who was proven though nobody listens, and nothing else keeps it', async () => {
    const { clock, store, rateLimiter, sms } = createFixture()
    const otp = new OtpManager({
      secret,
      store,
      rateLimiter,
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
      bind: 'challenge',
      clock: clock.now,
    })
    const sent = await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
    if (!sent.ok) throw new Error(sent.reason)
    const { challengeId } = sent
    const guess = { challengeId, purpose: 'login', code: sms.lastCode(), ip: null } as const
    expect(await otp.verify(guess)).toMatchObject({ ok: true, recipient: phone })
  })

  it('verifies by handle as well', async () => {
    const { otp, receive } = createFixture()
    const { sent, code } = await receive()
    const { challengeId } = sent
    expect(await otp.verify({ challengeId, purpose: 'login', code, ip: null })).toMatchObject({
      ok: true,
      recipient: phone,
    })
  })

  it('S04 of 500 right codes at once exactly one passes', async () => {
    const { receive, verify } = createFixture({ limits: { verifyIp: [] }, attempts: 10 })
    const { code } = await receive()
    const results = await Promise.all(Array.from({ length: 500 }, () => verify(code)))
    expect(results.filter((result) => result.ok)).toHaveLength(1)
  })

  it('S30 of 500 wrong codes at once no more are compared than there are attempts', async () => {
    const { receive, verify } = createFixture({ limits: { verifyIp: [] } })
    const { code } = await receive()
    const guesses = Array.from({ length: 500 }, (_, by) => verify(wrong(code, by + 1)))
    const results = await Promise.all(guesses)
    const reasons = results.map((result) => (result.ok ? 'ok' : result.reason))
    expect(reasons.filter((reason) => reason === 'incorrect')).toHaveLength(3)
    expect(await verify(code)).toMatchObject({ reason: 'expired' })
  })

  it('S44 a right code passes among wrong ones while attempts are left', async () => {
    const { receive, verify } = createFixture({ attempts: 10 })
    const { code } = await receive()
    const submitted = [1, 2, 3, 4, 0, 5, 6].map((by) => verify(wrong(code, by)))
    expect((await Promise.all(submitted)).filter((result) => result.ok)).toHaveLength(1)
  })

  it('S03 expires by the clock of the store, at exactly its lifetime', async () => {
    for (const [age, passes] of [
      [299_999, true],
      [300_000, false],
    ] as const) {
      const { receive, verify, clock } = createFixture()
      const { code } = await receive()
      clock.advance(age)
      expect((await verify(code)).ok).toBe(passes)
    }
  })

  it('S14 S16 a code is good for its own recipient and purpose only', async () => {
    const { receive, verify } = createFixture({ limits: noLimits })
    const recipients = [phone, '+919876543211', '+14155552671']
    const purposes = ['login', 'signup'] as const
    const sent = []
    for (const to of recipients) {
      for (const purpose of purposes)
        sent.push({ to, purpose, ...(await receive({ to, purpose })) })
    }
    for (const [own, { code }] of sent.entries()) {
      for (const [other, { to, purpose }] of sent.entries()) {
        if (own === other || code === sent[other]?.code) continue
        expect(await verify(code, { to, purpose })).not.toMatchObject({ ok: true })
      }
    }
  })

  it('S16 a handle with another purpose proves nothing', async () => {
    const { otp, receive } = createFixture({ bind: 'challenge' })
    const { sent, code } = await receive()
    const { challengeId } = sent
    const crossed = await otp.verify({ challengeId, purpose: 'signup', code, ip: null })
    expect(crossed).toMatchObject({ ok: false, reason: 'incorrect' })
  })

  it('S60 reads spaces, hyphens and the digits of any script', async () => {
    const persian = (code: string) =>
      code.replace(/\d/g, (digit) => String.fromCodePoint(0x6f0 + Number(digit)))
    for (const type of [
      (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`,
      (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`,
      persian,
    ]) {
      const { receive, verify } = createFixture()
      const { code } = await receive()
      expect(await verify(type(code))).toMatchObject({ ok: true })
    }
  })

  it('S68 a code of the wrong length is charged like any other', async () => {
    const { receive, verify } = createFixture()
    const { code } = await receive()
    expect(await verify(code.slice(1))).toMatchObject({ reason: 'incorrect', attemptsLeft: 2 })
    expect(await verify(`${code}0`)).toMatchObject({ reason: 'incorrect', attemptsLeft: 1 })
  })

  it('reads base-32 codes in either case', async () => {
    const { receive, verify } = createFixture({ alphabet: 'base32', codeLength: 8 })
    const { code } = await receive()
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
    expect(await verify(code.toLowerCase())).toMatchObject({ ok: true })
  })

  it('S33 limits attempts by address: 30 a minute', async () => {
    const { otp, events } = createFixture()
    const attempt = (to: string, ip: string) =>
      otp.verify({ to, purpose: 'login', code: '000000', ip })
    for (let number = 0; number < 30; number++) {
      const to = `+9198765432${String(number).padStart(2, '0')}`
      expect(await attempt(to, '203.0.113.7')).toMatchObject({ reason: 'expired' })
    }
    expect(await attempt(phone, '203.0.113.7')).toMatchObject({
      reason: 'rate_limited',
      limit: 'ip',
      retryAfterMs: 60_000,
    })
    expect(events.at(-1)).toMatchObject({ type: 'refused', action: 'verify', limit: 'ip' })
    expect(await attempt(phone, '203.0.113.8')).toMatchObject({ reason: 'expired' })
  })
})

describe('the failure ledger', () => {
  const open = { limits: noLimits } as const

  /** Fails so many times in challenges of its own. */
  async function fail(fixture: ReturnType<typeof createFixture>, times: number) {
    for (let failure = 0; failure < times; failure++) {
      const { code } = await fixture.receive()
      await fixture.verify(wrong(code))
      await fixture.otp.cancel({ to: phone, purpose: 'login' })
      fixture.clock.advance(day)
    }
  }

  it('S09 from 5 failures on codes have 8 digits, and a shorter one never matches', async () => {
    const fixture = createFixture(open)
    const { otp, receive } = fixture
    const earlier = await receive({ purpose: 'signup' })
    await fail(fixture, 4)
    expect((await receive()).code).toHaveLength(6)
    await otp.cancel({ to: phone, purpose: 'login' })
    const fresh = await receive({ purpose: 'signup' })
    await fail(fixture, 1)
    expect((await receive()).code).toHaveLength(8)
    expect(earlier.code).toHaveLength(6)
    expect(fresh.code).toHaveLength(6)
  })

  it('S09 a six-digit code from before is not compared: it finds nothing and costs no failure', async () => {
    const fixture = createFixture(open)
    const before = await fixture.receive({ purpose: 'signup' })
    for (let failure = 0; failure < 5; failure++) {
      const { code } = await fixture.receive()
      await fixture.verify(wrong(code))
      await fixture.otp.cancel({ to: phone, purpose: 'login' })
    }
    const result = await fixture.verify(before.code, { purpose: 'signup' })
    expect(result).toEqual({ ok: false, reason: 'expired' })
    expect(await fixture.otp.status({ to: phone, purpose: 'signup' })).toMatchObject({
      attemptsLeft: 3,
    })
    // With that many failures only six messages a day are sent.
    fixture.clock.advance(day)
    const again = await fixture.receive({ purpose: 'signup' })
    expect(again.code).toHaveLength(8)
    expect(await fixture.verify(again.code, { purpose: 'signup' })).toMatchObject({ ok: true })
  })

  it('S09 no more than 5 guesses are compared with 6-digit codes, however many challenges are open', async () => {
    let compared = 0
    const base = createFixture(open)
    const fixture = createFixture({
      ...open,
      bind: 'challenge',
      store: {
        ...base.store,
        attempt: (id, digests) => {
          if (digests.length > 0) compared += 1
          return base.store.attempt(id, digests)
        },
      },
    })
    const opened = await Promise.all(Array.from({ length: 20 }, () => fixture.receive()))
    await Promise.all(
      opened.flatMap(({ sent }, at) =>
        ['000000', '000001', '000002'].map((code) =>
          fixture.otp.verify({
            challengeId: sent.challengeId,
            purpose: 'login',
            code,
            ip: `203.0.113.${at}`,
          }),
        ),
      ),
    )
    expect(compared).toBe(5)
  })

  it('S26 outlives resend, new challenges, other purposes, addresses and successes elsewhere', async () => {
    const fixture = createFixture({ ...open, bind: 'challenge' })
    const { otp, receive, events } = fixture
    const fail = async (purpose: 'login' | 'signup', ip: string) => {
      const { sent, code } = await receive({ purpose })
      const { challengeId } = sent
      await otp.verify({ challengeId, purpose, code: wrong(code), ip })
    }
    await fail('login', '203.0.113.1')
    await fail('signup', '203.0.113.2')
    const { sent, code } = await receive()
    await otp.verify({ challengeId: sent.challengeId, purpose: 'login', code, ip: null })
    await fail('login', '203.0.113.3')
    const failures = events.flatMap((event) => (event.type === 'incorrect' ? event.failures : []))
    expect(failures).toEqual([1, 2, 3])
  })

  it('S27 a success forgives the failures of its own challenge', async () => {
    const { otp, receive, events } = createFixture({ ...open, bind: 'challenge' })
    for (let login = 0; login < 12; login++) {
      const { sent, code } = await receive()
      const attempt = (code: string) =>
        otp.verify({ challengeId: sent.challengeId, purpose: 'login', code, ip: null })
      await attempt(wrong(code, 1))
      await attempt(wrong(code, 2))
      expect(await attempt(code)).toMatchObject({ ok: true })
    }
    const failures = events.flatMap((event) => (event.type === 'incorrect' ? event.failures : []))
    expect(Math.max(...failures)).toBe(2)
  })

  it('S27 under recipient binding it forgives at most 10 in 180 days', async () => {
    const { receive, verify, events, clock } = createFixture(open)
    const logIn = async () => {
      const { code } = await receive()
      await verify(wrong(code))
      expect(await verify(code)).toMatchObject({ ok: true })
    }
    for (let login = 0; login < 13; login++) await logIn()
    const failures = () =>
      events.flatMap((event) => (event.type === 'incorrect' ? event.failures : []))
    expect(failures()).toEqual([...Array.from({ length: 11 }, () => 1), 2, 3])
    clock.advance(180 * day)
    await logIn()
    expect(failures().at(-1)).toBe(1)
  })

  it('S28 S32 at 100 failures even the right code is refused, until unlock', async () => {
    const fixture = createFixture(open)
    const { otp, send, receive, verify, clock, events } = fixture
    const before = await receive({ purpose: 'signup' })
    expect(before.code).toHaveLength(6)
    for (let failure = 1; failure <= 100; failure++) {
      const { code } = await receive()
      clock.advance(day / 24 / 60)
      expect(await verify(wrong(code))).toMatchObject({ reason: 'incorrect' })
      await otp.cancel({ to: phone, purpose: 'login' })
      if (failure === 99) {
        expect(await otp.status({ to: phone, purpose: 'login' })).toMatchObject({ ok: false })
      }
      clock.advance(day)
    }
    const locked = { ok: false, reason: 'locked', retryAfterMs: expect.any(Number) }
    expect(await send()).toEqual(locked)
    const refused = await verify('12345678')
    expect(refused).toEqual(locked)
    if (!refused.ok && refused.reason === 'locked') {
      clock.advance(refused.retryAfterMs - 1)
      expect(await send()).toMatchObject(locked)
    }
    expect(await otp.unlock('+91 98765 43210')).toEqual({ ok: true })
    const { code } = await receive()
    expect(code).toHaveLength(6)
    expect(await verify(code)).toMatchObject({ ok: true })
    expect(events.filter((event) => event.type === 'unlocked')).toHaveLength(1)
  })

  it('failures age out after 180 days', async () => {
    const fixture = createFixture(open)
    await fail(fixture, 5)
    expect((await fixture.receive()).code).toHaveLength(8)
    fixture.clock.advance(180 * day - 4 * day)
    await fixture.otp.cancel({ to: phone, purpose: 'login' })
    expect((await fixture.receive()).code).toHaveLength(6)
  })

  it('a guess at nothing locks nobody out', async () => {
    const { otp, events } = createFixture(open)
    for (let guess = 0; guess < 150; guess++) {
      const result = await otp.verify({ to: phone, purpose: 'login', code: '123456', ip: null })
      expect(result).toEqual({ ok: false, reason: 'expired' })
    }
    expect(events.every((event) => event.type === 'expired')).toBe(true)
  })

  it('allows fewer messages as it grows', async () => {
    const fixture = createFixture({ resend: 'new' })
    const { send, verify, sms, otp, clock, rateLimiter } = fixture
    for (const [failures, perDay] of [
      [5, 6],
      [15, 3],
      [50, 1],
    ] as const) {
      await otp.unlock(phone)
      clock.advance(day)
      const sent = await send()
      if (!sent.ok) throw new Error('refused')
      const key = await ledgerKeyOf(phone)
      for (let failure = 0; failure < failures; failure++) {
        await rateLimiter.take([{ key, max: 100, windowMs: 180 * day }])
      }
      clock.advance(day)
      let messages = 0
      for (let minute = 0; minute < 24 * 60 - 1; minute++) {
        if ((await send()).ok) messages += 1
        clock.advance(60_000)
      }
      expect([failures, messages]).toEqual([failures, perDay])
    }
    expect(await verify(sms.lastCode())).toMatchObject({ ok: false })
  })
})

describe('S48 faults', () => {
  const broken = async () => Promise.reject(new Error('connection lost'))

  it('verify refuses while the store is down, and the charge stands', async () => {
    const fixture = createFixture()
    const { code } = await fixture.receive()
    const down = new OtpManager({
      secret,
      store: { ...fixture.store, attempt: broken },
      rateLimiter: fixture.rateLimiter,
      deliveries: { sms: fixture.sms },
      countries: ['IN'],
      purposes: ['login'],
    })
    await expect(
      down.verify({ to: phone, purpose: 'login', code, ip: null }),
    ).rejects.toMatchObject({ code: 'store_unavailable', cause: { message: 'connection lost' } })
    await fixture.verify(wrong(code))
    expect(fixture.events.at(-1)).toMatchObject({ type: 'incorrect', failures: 2 })
  })

  it('verify refuses while the limiter is down', async () => {
    const { store, sms, rateLimiter } = createFixture()
    const otp = new OtpManager({
      secret,
      store,
      rateLimiter: { ...rateLimiter, take: broken },
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
    })
    const ask = { to: phone, purpose: 'login', ip: null } as const
    await expect(otp.verify({ ...ask, code: '123456' })).rejects.toMatchObject({
      code: 'rate_limiter_unavailable',
    })
    await expect(otp.send({ ...ask, channel: 'sms' })).rejects.toMatchObject({
      code: 'rate_limiter_unavailable',
    })
    expect(sms.messages).toHaveLength(0)
  })

  it('a failing refund, proof or listener takes no success away', async () => {
    const base = createFixture()
    let puts = 0
    const fixture = createFixture({
      store: { ...base.store, put: (challenge) => (puts++ ? broken() : base.store.put(challenge)) },
      rateLimiter: { ...base.rateLimiter, refund: broken, clear: broken },
    })
    fixture.otp.subscribe(() => {
      throw new Error('a listener that throws')
    })
    fixture.otp.subscribe(async () => Promise.reject(new Error('a listener that rejects')))
    const { code } = await fixture.receive()
    await fixture.verify(wrong(code))
    const ask = { to: phone, purpose: 'login', ip: null } as const
    const result = await fixture.otp.verify({ ...ask, code, proof: '15m' })
    expect(result).toMatchObject({ ok: true, recipient: phone })
    expect(result).not.toHaveProperty('proof')
    await new Promise(setImmediate)
    const faults = fixture.events.flatMap((event) => (event.type === 'fault' ? event.during : []))
    expect(new Set(faults)).toEqual(new Set(['refund', 'proof', 'listener']))
  })

  it('a send whose store is down gives the charge back', async () => {
    for (const store of [{ get: broken }, { put: broken }]) {
      const base = createFixture()
      const { send, sms } = createFixture({
        store: { ...base.store, ...store },
        rateLimiter: base.rateLimiter,
      })
      await expect(send()).rejects.toMatchObject({ code: 'store_unavailable' })
      expect(sms.messages).toHaveLength(0)
      expect(await base.send()).toMatchObject({ ok: true })
    }
  })

  it('data that no event can be made of changes no answer', async () => {
    const base = createFixture()
    const fixture = createFixture({
      guard: { mode: 'refuse' },
      store: {
        ...base.store,
        // As of a column that was lost.
        attempt: async (id, digests) =>
          Object.assign(await base.store.attempt(id, digests), { data: null }),
      },
    })
    const { code } = await fixture.receive()
    expect(await fixture.verify(wrong(code))).toMatchObject({ reason: 'incorrect' })
    expect(await fixture.verify(code)).toMatchObject({ ok: true, recipient: phone })
    expect(fixture.events.map(({ type }) => type)).toEqual(['sent', 'incorrect', 'verified'])
  })

  it('data that is not authentic verifies nobody', async () => {
    const base = createFixture()
    const fixture = createFixture({
      store: {
        ...base.store,
        attempt: async (id, digests) => {
          const outcome = await base.store.attempt(id, digests)
          if (outcome.outcome !== 'verified') return outcome
          // Its last byte is 0 in one of 256 challenges, so never what it was.
          const end = outcome.data.endsWith('AA') ? 'BA' : 'AA'
          return { ...outcome, data: outcome.data.slice(0, -2) + end }
        },
      },
    })
    const { sent, code } = await fixture.receive({ to: email, channel: 'email' })
    const { challengeId } = sent
    await expect(
      fixture.otp.verify({ challengeId, purpose: 'login', code, ip: null }),
    ).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})
