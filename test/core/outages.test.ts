import { testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { createOutages } from '../../src/core/outages'
import { guarded, number, sender, suspicions } from './guarded'

describe('an outage', () => {
  /** 10 messages in ten minutes for a day, of which three in four verify. */
  async function aDay() {
    const fixture = guarded({
      mode: 'refuse',
      // The burst of so small a country is judged after as few.
      levels: { ip: false, block: false, wideBlock: false, burst: { error: 1e-3 } },
      growth: false,
    })
    let person = 0
    const tenMinutes = async (messages: number, verifies: boolean, perTenMinutes = messages) => {
      let passed = 0
      for (let nth = 0; nth < messages; nth += 1) {
        person += 1
        const to = number(person % 10_000, String(987_600 + Math.floor(person / 10_000)))
        if ((await fixture.ask({ to })).ok) passed += 1
        if (verifies && nth % 4 > 0) await fixture.use(to)
        fixture.clock.advance(600_000 / perTenMinutes)
      }
      return passed
    }
    for (let round = 0; round < 144; round += 1) await tenMinutes(10, true)
    return { ...fixture, tenMinutes }
  }

  it('is told, and the country waits for it to end', async () => {
    const { tenMinutes, events, otp } = await aDay()
    expect(suspicions(events)).toEqual([])
    for (let round = 0; round < 6; round += 1) expect(await tenMinutes(40, false)).toBe(40)
    const told = suspicions(events)
    expect(new Set(told.map(({ rule }) => rule))).toEqual(new Set(['outage']))
    expect(told.length).toBeLessThanOrEqual(6)
    const asked = { to: number(1), channel: 'sms', purpose: 'login', ip: sender(1) } as const
    const explained = await otp.explain(asked)
    const states = explained.ok ? explained.send.filter(({ limit }) => limit === 'guard') : []
    expect(states.some(({ used, max }) => used >= max)).toBe(true)
    expect(states.map(({ retryAfterMs }) => retryAfterMs)).toEqual([0, 0])
    expect(await tenMinutes(40, true)).toBe(40)
  })

  it('is not what a flood looks like', async () => {
    const { tenMinutes, events } = await aDay()
    expect(await tenMinutes(250, false, 4_000)).toBeLessThan(60)
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
