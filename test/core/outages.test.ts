import { testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { verifiedLimits } from '../../src/core/guard-logs'
import { guardSettings } from '../../src/core/guard-settings'
import { createKeyring } from '../../src/core/keyring'
import { createOutages } from '../../src/core/outages'
import { phone, secret } from '../fixture'
import { guarded, number, scattered, sender, suspicions } from './guarded'

const tenMinutes = 600_000
// 40 in ten minutes, as all day long, of which 30 verify; and now none does.
const silent = { sent: 40, verified: 0, sentInDay: 40 * 144, verifiedInDay: 30 * 144 }

function watching() {
  const host = { now: testClock().now() }
  return { host, outages: createOutages(() => host.now) }
}

describe('what a process remembers of an outage', () => {
  it('is forgotten ten minutes after somebody has asked', () => {
    const { host, outages } = watching()
    expect(outages.read('IN', silent)).toBe(true)
    host.now += tenMinutes - 1
    expect(outages.isOut('IN')).toBe(true)
    host.now += 1
    expect(outages.isOut('IN')).toBe(false)
  })

  it('says nothing of a country of which messages were only suspected', () => {
    const { outages } = watching()
    outages.suspected('IN')
    expect(outages.isOut('IN')).toBe(false)
  })

  it.each([1, 3_600_000, 86_400_000])(
    'is not stuck when its clock is set back by %i ms',
    (back) => {
      const { host, outages } = watching()
      for (let asked = 0; asked < 500; asked += 1) outages.suspected('IN')
      // So many were suspected that it is an attack.
      expect(outages.read('IN', silent)).toBe(false)
      host.now -= back
      expect(outages.read('IN', silent)).toBe(true)
      host.now -= back
      expect(outages.isOut('IN')).toBe(false)
      expect(outages.read('IN', silent)).toBe(true)
      expect(outages.isOut('IN')).toBe(true)
    },
  )
})

describe('an outage', () => {
  const levels = { ip: false, block: false, wideBlock: false } as const
  const guard = { mode: 'refuse', levels, growth: false } as const

  /** A day of 40 messages in ten minutes, of which three in four verified, as it is in the logs. */
  async function aDay(options: Parameters<typeof guarded>[0] = guard) {
    const fixture = guarded(options)
    const { clock, rateLimiter } = fixture
    const bytes = new TextEncoder().encode(secret)
    const keys = createKeyring([{ id: '1', bytes }], bytes, 'otpkit')
    const recipient = {
      kind: 'phone',
      identity: phone,
      envelope: phone,
      abuseKey: phone,
      country: 'IN',
    } as const
    const verified = verifiedLimits(guardSettings(guard), keys, { ip: '', recipient }, 1)
    const sent = verified.map((limit) => ({ ...limit, key: limit.key.replace(/^y/, 'u') }))
    for (let minutes = 0; minutes < 24 * 60; minutes += 2) {
      await rateLimiter.take(sent.map((limit) => ({ ...limit, cost: 8 })))
      await rateLimiter.take(verified.map((limit) => ({ ...limit, cost: 4 * 6 })))
      clock.advance(120_000)
    }
    let person = 0
    /** How many of so many messages pass. */
    const tenMinutes = async (
      messages: number,
      verifies: boolean,
      perTenMinutes = messages,
      of = (nth: number) => number(nth, '987650'),
    ) => {
      let passed = 0
      for (let nth = 0; nth < messages; nth += 1) {
        person += 1
        const to = of(person)
        if ((await fixture.ask({ to })).ok) passed += 1
        if (verifies && nth % 4 > 0) await fixture.use(to)
        clock.advance(600_000 / perTenMinutes)
      }
      return passed
    }
    return { ...fixture, tenMinutes }
  }

  it('is told, and the country waits for it to end', async () => {
    const { tenMinutes, events, otp } = await aDay()
    expect(suspicions(events)).toEqual([])
    for (let round = 0; round < 6; round += 1) expect(await tenMinutes(80, false)).toBe(80)
    const told = suspicions(events)
    expect(new Set(told.map(({ rule }) => rule))).toEqual(new Set(['outage']))
    expect(told.length).toBeLessThanOrEqual(6)
    // So many of the last ten minutes were not verified.
    expect(told[0]).toMatchObject({ level: 'country', mode: 'refuse', verdict: 'allow', used: 51 })
    const asked = { to: number(1), channel: 'sms', purpose: 'login', ip: sender(1) } as const
    const explained = await otp.explain(asked)
    const states = explained.ok ? explained.send.filter(({ limit }) => limit === 'guard') : []
    expect(states.some(({ used, max }) => used >= max)).toBe(true)
    expect(states.map(({ retryAfterMs }) => retryAfterMs)).toEqual([0, 0])
    expect(await tenMinutes(80, true)).toBe(80)
  })

  it('leaves blocks, addresses and growth as they are', async () => {
    const levels = { ip: false, wideBlock: false } as const
    // Room for 23 messages and four times 80, beside what a hundredth of a fortnight allows.
    const growth = { floor: 340, times: 0.01 }
    const { tenMinutes, events, otp, ask } = await aDay({ mode: 'refuse', levels, growth })
    // What a block refuses is not asked of the country.
    const toOneBlock = (nth: number) => number(nth, '955555')
    expect(await tenMinutes(300, false, 60_000, toOneBlock)).toBe(23)
    for (let round = 0; round < 3; round += 1) {
      expect(await tenMinutes(80, false, 80, scattered)).toBe(80)
    }
    const rules = suspicions(events).map(({ rule, level }) => `${rule} ${level}`)
    expect(new Set(rules)).toEqual(new Set(['conversion block', 'outage country']))
    const before = suspicions(events).length
    expect(await ask({ to: toOneBlock(9_000), known: true })).toMatchObject({ ok: true })
    expect(suspicions(events).slice(before)).toMatchObject([{ level: 'block', verdict: 'allow' }])
    await tenMinutes(80, false, 80, scattered)
    const asked = { to: toOneBlock(1), channel: 'sms', purpose: 'login', ip: null } as const
    const explained = await otp.explain(asked)
    const states = explained.ok ? explained.send.filter(({ limit }) => limit === 'guard') : []
    const waiting = states.filter(({ retryAfterMs }) => retryAfterMs > 0)
    expect(waiting.map(({ rule, level }) => `${rule} ${level}`)).toEqual([
      'conversion block',
      'growth country',
    ])
  })

  it('is read by the two levels of a country together, or not at all', async () => {
    for (const off of [{ country: false }, { burst: false }] as const) {
      const levels = { ip: false, block: false, wideBlock: false, ...off } as const
      const { tenMinutes, events } = await aDay({ mode: 'refuse', levels, growth: { floor: 500 } })
      let passed = 0
      for (let round = 0; round < 3; round += 1) passed += await tenMinutes(120, false)
      expect(suspicions(events).some(({ rule }) => rule === 'outage')).toBe(false)
      expect(passed < 360).toBe('country' in off)
    }
  })

  it('is not what a flood looks like', async () => {
    const { tenMinutes, events } = await aDay()
    expect(await tenMinutes(500, false, 2_000)).toBeLessThan(200)
    expect(suspicions(events).some(({ rule }) => rule === 'outage')).toBe(false)
  })
})

describe('what says that there is an outage', () => {
  const minute = 60_000
  /** A country that sends 720 messages a day, 5 in ten minutes, of which so many verify. */
  const day = { sentInDay: 720, verifiedInDay: 720 }
  const silence = { ...day, sent: 20, verified: 0 }
  const create = () => {
    const clock = testClock()
    return { clock, ...createOutages(clock.now) }
  }

  it.each([
    ['20 are missing', { sent: 20, verified: 0 }, true],
    ['one in five of them has come', { sent: 20, verified: 4 }, true],
    ['more have come', { sent: 20, verified: 4.25 }, false],
    ['fewer are missing', { sent: 19, verified: 0 }, false],
    ['five times as many as ever are asked for', { sent: 25, verified: 0 }, true],
    ['more than that are', { sent: 26, verified: 0 }, false],
    ['half of them would have verified', { sent: 25, verified: 0, verifiedInDay: 360 }, false],
  ])('where %s', (_, reading, isOut) => {
    const outages = create()
    expect(outages.read('IN', { ...day, ...reading })).toBe(isOut)
    expect(outages.isOut('IN')).toBe(isOut)
    expect(outages.isOut('US')).toBe(false)
  })

  it('of a day without messages it says nothing', () => {
    const outages = create()
    expect(outages.read('IN', { sent: 0, verified: 0, sentInDay: 0, verifiedInDay: 0 })).toBe(false)
    expect(outages.read('IN', { sent: 90, verified: 0, sentInDay: 0, verifiedInDay: 9 })).toBe(
      false,
    )
    expect(outages.isOut('IN')).toBe(false)
  })

  it('it ends with the first reading that is none, and is told once in ten minutes', () => {
    const { clock, read, isOut } = create()
    expect([read('IN', silence), read('IN', silence)]).toEqual([true, false])
    expect(read('US', silence)).toBe(true)
    expect(read('IN', { ...silence, verified: 5 })).toBe(false)
    expect([isOut('IN'), isOut('US')]).toEqual([false, true])
    clock.advance(10 * minute - 1)
    expect([read('IN', silence), isOut('IN')]).toEqual([false, true])
    clock.advance(1)
    expect([read('IN', silence), read('IN', silence)]).toEqual([true, false])
  })

  it('what its levels refused was asked for too, for ten to twenty minutes', () => {
    const { clock, read, suspected } = create()
    const isOut = () => read('IN', silence)
    for (let nth = 0; nth < 6; nth += 1) suspected('IN')
    expect(isOut()).toBe(false)
    clock.advance(20 * minute - 1)
    expect(isOut()).toBe(false)
    clock.advance(10 * minute)
    expect(isOut()).toBe(true)
  })

  it('and not for longer', () => {
    const { clock, read, suspected } = create()
    for (let nth = 0; nth < 6; nth += 1) suspected('IN')
    clock.advance(20 * minute)
    expect(read('IN', silence)).toBe(true)
  })

  it('five of them are no more than ever, in this window and the one before together', () => {
    const { clock, read, suspected } = create()
    suspected('IN')
    suspected('IN')
    clock.advance(10 * minute)
    for (let nth = 0; nth < 3; nth += 1) suspected('IN')
    expect(read('IN', silence)).toBe(true)
    suspected('IN')
    expect(read('IN', silence)).toBe(false)
    clock.advance(20 * minute)
    expect(read('IN', silence)).toBe(true)
  })
})
