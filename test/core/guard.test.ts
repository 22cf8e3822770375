import { type OtpDatabase, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { describe, expect, it, vi } from 'vitest'
import { DeliveryError } from '../../src/errors'
import { createFixture, email, noLimits, phone, secret, wrong } from '../fixture'
import { guarded, number, scattered, sender, suspicions } from './guarded'

const refused = { ok: false, reason: 'rate_limited', limit: 'guard' }

describe('the guard', () => {
  it('lets 23 messages to a block through that nobody verifies, and no more', async () => {
    const { ask, passing, events, sms } = guarded({ mode: 'refuse' })
    expect(await passing(40, (nth) => ({ to: number(nth) }))).toBe(23)
    expect(sms.messages).toHaveLength(23)
    const answer = await ask({ to: number(99) })
    expect(answer).toMatchObject(refused)
    expect(answer).not.toHaveProperty('challenge')
    expect(suspicions(events)).toHaveLength(18)
    expect(suspicions(events)[0]).toMatchObject({
      rule: 'conversion',
      level: 'block',
      used: 24,
      allowed: 23,
      mode: 'refuse',
      verdict: 'refuse',
      country: 'IN',
    })
    expect(await ask({ to: number(1, '987655') })).toMatchObject({ ok: true })
  })

  it('never says that fewer than no messages were not verified', async () => {
    const { ask, use, otp, clock } = guarded({ mode: 'refuse' })
    await ask({ ip: sender(1) })
    clock.advance(60_000)
    expect(await use(phone)).toMatchObject({ ok: true })
    clock.advance(86_400_000 - 30_000)
    const asked = { to: number(30), channel: 'sms', purpose: 'login', ip: sender(1) } as const
    const explained = await otp.explain(asked)
    const states = explained.ok ? explained.send.filter(({ limit }) => limit === 'guard') : []
    expect(states.map(({ rule, level, used }) => [rule, level, used])).toEqual([
      ['conversion', 'block', 0],
      ['conversion', 'wideBlock', 0],
      ['conversion', 'country', 0],
      ['conversion', 'burst', 0],
      ['growth', 'country', 0],
      ['conversion', 'ip', 0],
    ])
  })

  it('opens a block again a day later', async () => {
    const { ask, passing, clock } = guarded({ mode: 'refuse' })
    await passing(24, (nth) => ({ to: number(nth) }))
    clock.advance(86_400_000 - 1)
    expect(await ask({ to: number(50) })).toMatchObject(refused)
    clock.advance(1)
    expect(await ask({ to: number(50) })).toMatchObject({ ok: true })
  })

  it('lets a block go on where people verify', async () => {
    const { ask, use, events } = guarded({ mode: 'refuse' })
    for (let nth = 0; nth < 100; nth += 1) {
      expect(await ask({ to: number(nth) })).toMatchObject({ ok: true })
      if (nth % 2 === 0) expect(await use(number(nth))).toMatchObject({ ok: true })
    }
    expect(suspicions(events)).toEqual([])
  })

  it.each([
    ['the larger block', 40, (nth: number) => ({ to: number(nth, `98${7600 + nth}`) })],
    ['an address', 18, (nth: number) => ({ to: scattered(nth), ip: '203.0.113.9' })],
    ['a /64', 18, (nth: number) => ({ to: scattered(nth), ip: `2001:db8::${nth + 1}` })],
    [
      'an address that asks for mail',
      18,
      (nth: number) => ({
        to: `person${nth}@example.com`,
        channel: 'email' as const,
        ip: '203.0.113.9',
      }),
    ],
    ['a country in ten minutes', 73, (nth: number) => ({ to: scattered(nth) })],
  ])('lets %s have %i messages', async (_, most, of) => {
    const { passing } = guarded({ mode: 'refuse' })
    expect(await passing(100, of)).toBe(most)
  })

  it('has no level for an address that nobody knows, nor for an e-mail address itself', async () => {
    const { passing } = guarded({ mode: 'refuse' })
    const mail = (nth: number) =>
      ({ to: `p${nth}@example.com`, channel: 'email', ip: null }) as const
    expect(await passing(100, mail)).toBe(100)
  })

  it('bounds messages to unknown recipients by what verified, and known ones by nothing', async () => {
    const guard = { mode: 'refuse', growth: { floor: 3, times: 14 } } as const
    const { ask, use, passing, events } = guarded(guard)
    expect(await ask({ to: scattered(1) })).toMatchObject({ ok: true })
    await use(scattered(1))
    expect(await passing(5, (nth) => ({ to: scattered(nth + 2) }))).toBe(3)
    expect(suspicions(events)[0]).toMatchObject({
      rule: 'growth',
      level: 'country',
      used: 5,
      allowed: 4,
    })
    expect(await passing(30, (nth) => ({ to: number(nth), known: true }))).toBe(30)
    expect(suspicions(events).at(-1)).toMatchObject({ level: 'block', verdict: 'allow', used: 30 })
  })

  it('asks for a challenge in that mode, and takes the word of the server that it was passed', async () => {
    const { ask, passing, events } = guarded({ mode: 'challenge' })
    await passing(23, (nth) => ({ to: number(nth) }))
    expect(await ask({ to: number(50) })).toMatchObject({ ...refused, challenge: true })
    const passed = await ask({ to: number(50), challenged: true })
    expect(passed).toMatchObject({ ok: true })
    expect(suspicions(events).map(({ verdict }) => verdict)).toEqual(['challenge', 'allow'])
  })

  it('counts a resend and judges it as its first message', async () => {
    const { ask, otp, passing, done, events } = guarded({ mode: 'challenge' })
    await passing(23, (nth) => ({ to: number(nth) }))
    await ask({ to: number(50), challenged: true })
    const resend = (nth: number) =>
      otp.resend({ to: number(nth), purpose: 'login', ip: '192.0.2.1' })
    expect(await resend(50)).toMatchObject({ ok: true })
    expect(await resend(5)).toMatchObject(refused)
    await done()
    expect(suspicions(events).map(({ used }) => used)).toEqual([24, 25, 26])
    const challenged = {
      to: number(5),
      purpose: 'login',
      ip: '192.0.2.1',
      challenged: true,
    } as const
    expect(await otp.resend(challenged)).toMatchObject({ ok: true })
    await done()
  })

  it('refuses a challenged message where the mode is to refuse', async () => {
    const { ask, passing } = guarded({ mode: 'refuse' })
    await passing(23, (nth) => ({ to: number(nth) }))
    expect(await ask({ to: number(50), challenged: true })).toMatchObject(refused)
  })

  it('never refuses who is on an allow list, and counts them all the same', async () => {
    for (const allow of [
      { countries: ['IN'] },
      { prefixes: ['+919876'] },
      { networks: ['198.51.0.0/16'] },
    ] as const) {
      const { ask, passing, events } = guarded({ mode: 'refuse', allow })
      expect(await passing(30, (nth) => ({ to: number(nth) }))).toBe(30)
      expect(suspicions(events).map(({ verdict }) => verdict)).toEqual(Array(7).fill('allow'))
      const other = await ask({ to: number(50, '987655'), ip: '192.0.2.1' })
      expect(other).toMatchObject({ ok: true })
    }
  })

  it('takes no address for a number that is on an allow list', async () => {
    const { passing } = guarded({ mode: 'refuse', allow: { prefixes: ['+919876'] } })
    const mail = (nth: number) =>
      ({ to: `+919876${nth}@example.com`, channel: 'email', ip: '192.0.2.1' }) as const
    expect(await passing(30, mail)).toBe(18)
  })

  it('records what it would refuse, refuses nothing, and counts as if it had', async () => {
    const { passing, events } = guarded({ mode: 'record' })
    expect(await passing(60, (nth) => ({ to: number(nth) }))).toBe(60)
    const told = suspicions(events)
    expect(told).toHaveLength(37)
    expect(new Set(told.map(({ used, verdict }) => `${used} ${verdict}`))).toEqual(
      new Set(['24 allow']),
    )
  })

  it('says how long a message has to wait for it, exactly where one is refused', async () => {
    const asked = { to: number(90), channel: 'sms', purpose: 'login', ip: sender(999) } as const
    for (const [mode, allow] of [
      ['refuse', {}],
      ['record', {}],
      ['refuse', { countries: ['IN'] }],
    ] as const) {
      const { ask, use, passing, otp } = guarded({ mode, allow })
      const wait = async () => {
        const explained = await otp.explain(asked)
        const states = explained.ok ? explained.send.filter(({ level }) => level === 'block') : []
        return states.map(({ retryAfterMs }) => retryAfterMs)
      }
      await ask({ to: number(80) })
      await use(number(80))
      expect(await passing(25, (nth) => ({ to: number(nth) }))).toBe(25)
      expect(await wait()).toEqual([0])
      await ask({ to: number(30) })
      const isRefused = mode === 'refuse' && !('countries' in allow)
      expect(await wait()).toEqual([isRefused ? 86_400_000 : 0])
      expect((await ask(asked)).ok).toBe(!isRefused)
    }
  })

  it('needs no background', async () => {
    const { ask, use, passing, otp } = guarded({ mode: 'record' }, {}, false)
    await ask({ to: number(80) })
    expect(await use(number(80))).toMatchObject({ ok: true })
    expect(await passing(40, (nth) => ({ to: number(nth) }))).toBe(40)
    await new Promise((resolve) => setImmediate(resolve))
    const asked = { to: number(90), channel: 'sms', purpose: 'login', ip: null } as const
    const explained = await otp.explain(asked)
    const block = explained.ok && explained.send.find(({ level }) => level === 'block')
    expect(block).toMatchObject({ used: 26, max: 26 })
  })

  it('counts what no mode would refuse while it records', async () => {
    for (const [allow, known] of [
      [{ countries: ['IN'] }, false],
      [{}, true],
    ] as const) {
      const { passing, events } = guarded({ mode: 'record', allow })
      expect(await passing(30, (nth) => ({ to: number(nth), known }))).toBe(30)
      expect(suspicions(events).map(({ used }) => used)).toEqual([24, 25, 26, 27, 28, 29, 30])
    }
  })

  it('gives nothing back but its own count of what it would refuse', async () => {
    const prices = { currency: 'EUR', perMessage: { sms: 0.1, whatsapp: 0.1, email: 0 } }
    const limits = { ...noLimits, ip: [{ max: 30, per: '1h' }] }
    const { ask, passing, otp } = guarded(
      { mode: 'record' },
      { limits, spend: { perDay: 100, prices } },
    )
    const ip = '203.0.113.9'
    expect(await passing(30, (nth) => ({ to: number(nth), ip }))).toBe(30)
    expect(await ask({ to: number(30), ip })).toMatchObject({ ok: false, limit: 'ip' })
    const asked = { to: number(31), channel: 'sms', purpose: 'login', ip: null } as const
    const explained = await otp.explain(asked)
    const states = explained.ok ? explained.send.filter(({ used }) => used > 0) : []
    expect(states.map(({ level, cap, used }) => [level ?? cap, used])).toEqual([
      ['block', 18],
      ['wideBlock', 18],
      ['country', 18],
      ['burst', 18],
      ['country', 18],
      ['perDay', 3],
    ])
  })

  it('forgives nothing of a challenge from before there was one', async () => {
    const { store, rateLimiter } = createFixture()
    const unguarded = createFixture({ limits: noLimits, store, rateLimiter })
    const { otp, done } = guarded({ mode: 'refuse' }, { store, rateLimiter })
    await unguarded.send()
    const guess = { to: phone, purpose: 'login', ip: null } as const
    const code = unguarded.sms.lastCode()
    expect(await otp.verify({ ...guess, code })).toMatchObject({ ok: true })
    await done()
    const explained = await otp.explain({ ...guess, channel: 'sms' })
    const block = explained.ok && explained.send.find(({ level }) => level === 'block')
    expect(block).toMatchObject({ used: 0, max: 23 })
  })

  it('counts nothing where there is none any more', async () => {
    const { store, rateLimiter } = createFixture()
    const { otp, sms, done } = guarded({ mode: 'refuse' }, { store, rateLimiter })
    const unguarded = createFixture({ limits: noLimits, store, rateLimiter })
    await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
    await done()
    expect(await unguarded.verify(sms.lastCode())).toMatchObject({ ok: true })
    await new Promise(setImmediate)
    expect(unguarded.events.map(({ type }) => type)).toEqual(['verified'])
  })

  it('changes no answer where it cannot count, and tells of the fault', async () => {
    const { rateLimiter } = createFixture()
    const failing = (limits: readonly { readonly key: string; readonly cost?: number }[]) =>
      limits.some(({ key, cost = 1 }) => key.startsWith('y') && cost > 0)
    const { ask, use, passing, events } = guarded(
      { mode: 'record' },
      {
        rateLimiter: {
          ...rateLimiter,
          take: (limits) =>
            failing(limits) ? Promise.reject(new Error('full')) : rateLimiter.take(limits),
          refund: (keys, charge) =>
            keys.some((key) => key.startsWith('u'))
              ? Promise.reject(new Error('full'))
              : rateLimiter.refund(keys, charge),
        },
      },
    )
    const faults = () => events.flatMap((event) => (event.type === 'fault' ? [event.during] : []))
    await ask({ to: number(1) })
    expect(await use(number(1))).toMatchObject({ ok: true })
    expect(faults()).toEqual(['guard'])
    expect(await passing(23, (nth) => ({ to: number(nth + 10) }))).toBe(23)
    expect(faults()).toEqual(['guard', 'guard'])
  })

  it('a challenge that verifies takes all its messages off the count, and makes room once', async () => {
    const { ask, use, otp, passing, done } = guarded({ mode: 'refuse' })
    await ask({ to: number(1) })
    await ask({ to: number(1) })
    await otp.resend({ to: number(1), purpose: 'login', ip: sender(900) })
    await done()
    await use(number(1))
    const explained = await otp.explain({
      to: number(2),
      channel: 'sms',
      purpose: 'login',
      ip: null,
    })
    const block = explained.ok && explained.send.find(({ level }) => level === 'block')
    // 23, and some 3.42 for the challenge; not for each of its three messages.
    const left = 26
    expect(block).toMatchObject({ limit: 'guard', rule: 'conversion' })
    expect(Object(block).max - Object(block).used).toBe(left)
    expect(await passing(50, (nth) => ({ to: number(nth + 10) }))).toBe(left)
  })

  it.each([
    ['an account that comes to be', [false, false, true, true], 4],
    // Whoever verified before it was withheld has had the messages so far forgiven.
    ['an account that goes and comes back', [true, false, true, true], 1],
  ])('a challenge of %s takes its messages off the count', async (_, accounts, forgiven) => {
    const { ask, use, explained } = guarded({ mode: 'refuse' })
    for (const deliver of accounts)
      expect(await ask({ to: number(1), deliver })).toMatchObject({ ok: true })
    expect(await explained('block')).toMatchObject({ used: 4, max: 23 })
    expect(await use(number(1))).toMatchObject({ ok: true })
    // One verified, and the messages behind it that are off the count make up for themselves.
    const { used, max } = await explained('block')
    const room = 23 + Math.floor((4.42 * (3 + forgiven)) / 4) - 4
    expect(max - used).toBe(room)
  })

  it('forgives nothing for a wrong code, a used one, or a second time', async () => {
    const { ask, use, verify, sms, otp, done } = guarded({ mode: 'refuse' })
    await ask({ to: number(1) })
    const code = sms.lastCode()
    await verify(wrong(code), { to: number(1) })
    await use(number(1))
    await verify(code, { to: number(1) })
    await done()
    const explained = await otp.explain({
      to: number(2),
      channel: 'sms',
      purpose: 'login',
      ip: null,
    })
    const block = explained.ok && explained.send.find(({ level }) => level === 'block')
    expect(block).toMatchObject({ used: 0, max: 26 })
  })

  it('gives a message back that certainly nobody took, unless there is a background', async () => {
    for (const isBehind of [true, false]) {
      const { otp, ask, sms } = guarded({ mode: 'refuse' }, {}, isBehind)
      const refusal = { kind: 'opted_out', sent: 'no', provider: 'sms-provider' } as const
      for (let nth = 0; nth < 30; nth += 1) sms.failNext(new DeliveryError(refusal))
      for (let nth = 0; nth < 30; nth += 1) await ask({ to: number(nth) })
      const explained = await otp.explain({
        to: number(1),
        channel: 'sms',
        purpose: 'login',
        ip: null,
      })
      const block = explained.ok && explained.send.find(({ level }) => level === 'block')
      expect(block).toMatchObject({ used: isBehind ? 23 : 0 })
    }
  })

  it('treats a withheld message as one that was sent', async () => {
    const [loud, silent] = await Promise.all(
      [true, false].map(async (deliver) => {
        const { ask, events } = guarded({ mode: 'challenge' })
        const answers = []
        for (let nth = 0; nth < 30; nth += 1) answers.push(await ask({ to: number(nth), deliver }))
        return {
          answers: answers.map((answer) => ({ ...answer, messageId: undefined })),
          told: suspicions(events),
        }
      }),
    )
    expect(silent).toEqual(loud)
  })

  it('counts a relayed message for growth alone', async () => {
    const { otp, done } = guarded({ mode: 'refuse', growth: { floor: 25 } })
    let passed = 0
    for (let nth = 0; nth < 40; nth += 1) {
      const relayed = { to: number(nth), channel: 'sms', purpose: 'login', code: '123456' } as const
      if ((await otp.relay({ ...relayed, ip: '203.0.113.9' })).ok) passed += 1
    }
    await done()
    expect(passed).toBe(25)
  })

  it('does not tell who is last to wait a day', async () => {
    const { passing, ask } = guarded(
      { mode: 'challenge' },
      { limits: { ...noLimits, cooldown: '30s' } },
    )
    await passing(22, (nth) => ({ to: number(nth) }))
    expect(await ask({ to: number(30) })).toMatchObject({ ok: true, resendInMs: 30_000 })
  })
})

describe('a host', () => {
  it('whose `background` throws gets its answers all the same, and is told', async () => {
    const background = () => {
      throw new Error('there is no request any more')
    }
    const { send, verify, sms, events } = createFixture({ guard: { mode: 'refuse' }, background })
    expect(await send()).toMatchObject({ ok: true })
    await vi.waitFor(() => expect(sms.messages).toHaveLength(1), 30_000)
    expect(await verify(sms.lastCode())).toMatchObject({ ok: true })
    const faults = events.flatMap((event) => (event.type === 'fault' ? [event.during] : []))
    expect(faults).toEqual(['background', 'background'])
  })
})

describe('the calls of a guard', () => {
  it('are none for a send, and one behind a verification', async () => {
    const counts = []
    for (const guard of [undefined, { mode: 'refuse' }] as const) {
      const calls: string[] = []
      const database = counting(memory({ clock: testClock().now }), calls)
      const works: Promise<void>[] = []
      const mail = capturedDelivery({ name: 'mail', reaches: ['email'] })
      const otp = new OtpManager({
        secret,
        database,
        deliveries: { email: mail },
        purposes: ['login'],
        background: (work) => void works.push(work),
        ...(guard && { guard }),
      })
      const ask = { to: email, purpose: 'login', ip: '203.0.113.9' } as const
      await otp.send({ ...ask, channel: 'email' })
      await Promise.all(works.splice(0))
      const sent = calls.splice(0)
      await otp.verify({ ...ask, code: mail.lastCode() })
      await Promise.all(works.splice(0))
      counts.push([sent, calls.splice(0)])
      // A mail to an address that nobody asked from has no subject of the guard.
      await otp.send({ ...ask, to: 'other@example.com', channel: 'email', ip: null })
      await Promise.all(works.splice(0))
      calls.splice(0)
      await otp.verify({ ...ask, to: 'other@example.com', code: mail.lastCode() })
      await Promise.all(works.splice(0))
      expect(calls.splice(0)).toEqual(['settle'])
    }
    expect(counts).toEqual([
      [['begin'], ['settle']],
      [['begin'], ['settle', 'take']],
    ])
  })
})

function counting(database: OtpDatabase, calls: string[]): OtpDatabase {
  return {
    ...database,
    begin: (beginning) => {
      calls.push('begin')
      return database.begin(beginning)
    },
    settle: (submission) => {
      calls.push('settle')
      return database.settle(submission)
    },
    take: (limits) => {
      calls.push('take')
      return database.take(limits)
    },
    refund: (keys, charge) => {
      calls.push('refund')
      return database.refund(keys, charge)
    },
  }
}
