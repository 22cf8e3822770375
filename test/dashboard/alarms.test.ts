import type { History } from 'otpkit'
import { type Alarm, alarms } from 'otpkit/dashboard'
import { memoryHistory } from 'otpkit/histories/memory'
import { testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { alarmOf } from '../../src/dashboard/bands'
import type { Vitals } from '../../src/dashboard/data'

const usual: Vitals = { messages: 400, delivered: 0.96, verified: 0.8, medianMs: 15_000 }

describe('the bands', () => {
  it.each<[string, Partial<Vitals>, readonly (Partial<Vitals> | null)[], string | null]>([
    ['all as usual', {}, [{}, {}], null],
    ['nothing to compare with', { messages: 0, verified: 0 }, [null, null], null],
    ['half as many messages', { messages: 200 }, [{}], null],
    ['fewer than half', { messages: 199 }, [{}, null], 'messages low'],
    ['few of few', { messages: 3 }, [{ messages: 10 }], null],
    ['none of ten', { messages: 0 }, [{ messages: 10 }], 'messages low'],
    ['none of nine', { messages: 0, verified: null }, [{ messages: 9 }], null],
    ['twice as many', { messages: 800 }, [{}], null],
    ['more than twice as many', { messages: 801 }, [{}], 'messages high'],
    ['twenty where there were none', { messages: 20 }, [{ messages: 0 }], null],
    ['more where there were none', { messages: 21 }, [{ messages: 0 }], 'messages high'],
    ['a Sunday like the last one', { messages: 100 }, [{ messages: 400 }, { messages: 110 }], null],
    ['ten points fewer delivered', { delivered: 0.865 }, [{}], null],
    ['more than that', { delivered: 0.855 }, [{}], 'delivered low'],
    ['no receipts now', { delivered: null }, [{}], null],
    ['the worse of two days', { delivered: 0.855 }, [{}, { delivered: 0.9 }], null],
    ['fewer verified', { verified: 0.69 }, [{}], 'verified low'],
    ['fewer of few, as chance has it', { messages: 20, verified: 0.6 }, [{ messages: 20 }], null],
    ['none of twenty', { messages: 20, verified: 0 }, [{ messages: 20 }], 'verified low'],
    ['twice as slow', { medianMs: 30_000 }, [{}], null],
    ['slower than that', { medianMs: 30_001 }, [{}], 'medianMs high'],
    ['slower by seconds', { medianMs: 14_000 }, [{ medianMs: 5_000 }], null],
    ['slow for a few', { messages: 12, medianMs: 90_000 }, [{ messages: 12 }], null],
    ['several at once', { messages: 100, delivered: 0.1, verified: 0 }, [{}], 'messages low'],
  ])('%s', (_, now, others, wanted) => {
    const alarm = alarmOf(
      { ...usual, ...now },
      others.map((other) => other && { ...usual, ...other }),
    )
    expect(alarm && `${alarm.what} ${alarm.isTooLow ? 'low' : 'high'}`).toBe(wanted)
  })

  it('say one sentence', () => {
    expect(alarmOf({ ...usual, delivered: 0.41 }, [usual])?.sentence).toBe(
      'Delivered messages fell to 41 % in the last hour, from 96 % at this hour.',
    )
    expect(alarmOf({ ...usual, messages: 10 }, [usual, null])?.sentence).toBe(
      'Messages fell to 10 in the last hour, from 400 at this hour.',
    )
    expect(alarmOf({ ...usual, medianMs: 61_000 }, [usual])?.sentence).toBe(
      'The time to verify rose to 61 s in the last hour, from 15 s at this hour.',
    )
  })
})

const day = 86_400_000

/** A history of so many messages yesterday at this hour, and none since. */
function quietAfter(messages: number) {
  const clock = testClock()
  const history = memoryHistory({ clock: clock.now })
  for (let index = 0; index < messages; index += 1) {
    const country = index % 2 === 0 ? 'IN' : 'IR'
    const sent = { type: 'sent', at: clock.now(), delivery: 'accepted', channel: 'sms', country }
    history.record({ ...sent })
  }
  clock.advance(day)
  return { clock, history }
}

describe('alarms', () => {
  it('tell once in their quiet period, and again after it', async () => {
    const { clock, history } = quietAfter(100)
    const told: Alarm[] = []
    const { check } = alarms(history, { quiet: '10m', clock: clock.now }, (alarm) => {
      told.push(alarm)
    })
    expect(await check()).toMatchObject({ what: 'messages', isTooLow: true, value: 0, usual: 100 })
    clock.advance(9 * 60_000)
    expect(await check()).not.toBeNull()
    expect(told).toHaveLength(1)
    clock.advance(60_000)
    await check()
    expect(told).toHaveLength(2)
    clock.advance(day)
    expect(await check()).toBeNull()
    expect(told).toHaveLength(2)
  })

  it('tell again after a clock was set back', async () => {
    const { clock, history } = quietAfter(100)
    let now = clock.now() + 30 * 60_000
    let told = 0
    const { check } = alarms(history, { quiet: '10m', clock: () => now }, () => {
      told += 1
    })
    await check()
    now -= 60_000
    await check()
    expect(told).toBe(2)
    now += 60_000
    await check()
    expect(told).toBe(2)
  })

  it('tell again what could not be told, and throw what the history throws', async () => {
    const { clock, history } = quietAfter(100)
    let tries = 0
    const { check } = alarms(history, { clock: clock.now }, async () => {
      tries += 1
      if (tries === 1) throw new Error('the pager is down')
    })
    await expect(check()).rejects.toThrow('the pager is down')
    await check()
    await check()
    expect(tries).toBe(2)
    const down = { counts: () => Promise.reject(new Error('connection refused')) }
    await expect(alarms(down, {}, () => {}).check()).rejects.toThrow('connection refused')
  })

  it('look at one country alone', async () => {
    const { clock, history } = quietAfter(100)
    const where = { country: 'IR' }
    const { check } = alarms(history, { clock: clock.now, where }, () => {})
    expect(await check()).toMatchObject({ usual: 50 })
  })

  it.each([
    ['quiet', [{ quiet: 'soon' }, () => {}]],
    // Meant in seconds.
    ['quiet` must be 10s or more', [{ quiet: 3600 }, () => {}]],
    ['where', [{ where: { limit: 'ip' } }, () => {}]],
    ['where.country', [{ where: { country: 98 } }, () => {}]],
    ['where.country', [{ where: { country: null } }, () => {}]],
    ['where.purpose', [{ where: { purpose: ['login', 'signup'] } }, () => {}]],
    ['clock', [{ clock: 1 }, () => {}]],
    ['callback', [{}]],
    ['every', [{ every: '1m' }, () => {}]],
  ])('name the wrong option %s', (name, given) => {
    const history: History = memoryHistory()
    expect(() => Reflect.apply(alarms, undefined, [history, ...given])).toThrow(
      new RegExp(`^otpkit: alarms: option \`${name}`),
    )
  })
})
