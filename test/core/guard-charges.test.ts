import { describe, expect, it } from 'vitest'
import { createCharges } from '../../src/core/charges'
import { verifiedLimits } from '../../src/core/guard-logs'
import { guardSettings } from '../../src/core/guard-settings'
import { createKeyring } from '../../src/core/keyring'
import type { LimitSettings } from '../../src/core/limits'
import type { ChargeFacts, Judgement } from '../../src/core/logs'
import { spendSettings } from '../../src/core/spend-settings'
import { unknownIp } from '../../src/input/ip'
import type { Recipient } from '../../src/input/recipient'

const [tenMinutes, day] = [600_000, 86_400_000]
const fortnight = 14 * day
const noBound = 2 ** 40
const bytes = (fill: number) => new Uint8Array(32).map((_, at) => fill + at)
const keys = createKeyring([{ id: 'a', bytes: bytes(1) }], bytes(99), 'test')
const named = (name: string, value: string) => keys.index('guard', name, value)

const recipient: Recipient = {
  kind: 'phone',
  identity: '+919876543210',
  envelope: '+919876543210',
  abuseKey: '+919876543210',
  country: 'IN',
}
const mail: Recipient = {
  kind: 'email',
  identity: 'person@example.com',
  envelope: 'person@example.com',
  abuseKey: 'person@example.com',
}
const facts: ChargeFacts = { label: 'LABEL', ip: '203.0.113.7', recipient, judged: 'all' }
const limits: LimitSettings = {
  cooldown: [],
  recipient: [],
  ip: [],
  country: [],
  prefix: [],
  global: [],
  verifyIp: [],
}
const purpose = {
  limits,
  codeLength: 6,
  lifetimeMs: 300_000,
  resend: 'same',
  bind: 'recipient',
} as const
type Options = Parameters<typeof guardSettings>[0]

function chargesOf(options: Options = { mode: 'refuse' }) {
  return createCharges(purpose, [limits], { guard: guardSettings(options) })
}

/** The guard's part of what a message is charged, each limit as the test of its level. */
function sent(more: Partial<ChargeFacts> = {}, options?: Options) {
  const charge = chargesOf(options).send(keys, { ...facts, ...more })
  const { policy, tests } = charge
  const first = charge.keys.findIndex((key) => /^[uyk]/.test(key))
  const levels = tests.map(({ level, rule, place }) => {
    const { key, max, plus, windowMs } = policy.limits[place] ?? policy.limits[0]
    return { level, rule, kind: charge.keys[key]?.charAt(0), max, plus, windowMs }
  })
  const guarded = first < 0 ? [] : charge.keys.slice(first)
  return { ...charge, guarded, kinds: guarded.map((key) => key.charAt(0)).join(''), levels }
}

// 1 + the ratio of Wald's test in 64ths, a quarter of it for each quarter of a verified message.
const clear = (1 + 219 / 64) / 4
const diluted = (1 + 154 / 64) / 4

describe('a message under a guard', () => {
  it('is counted by blocks, country and address, beside what was verified of them', () => {
    const { guarded, policy, names, unsent, own } = sent()
    expect(guarded).toEqual([
      `u${named('block', '+91987654')}`,
      `y${named('block', '+91987654')}`,
      `u${named('wide block', '+919876')}`,
      `y${named('wide block', '+919876')}`,
      `u${named('country', 'IN')}`,
      `y${named('country', 'IN')}`,
      `k${named('country', 'IN')}`,
      `u${named('ip', '203.0.113.7')}`,
      `y${named('ip', '203.0.113.7')}`,
    ])
    const verified = (key: number, windowMs: number) => ({
      key,
      max: noBound,
      windowMs,
      cost: 0,
    })
    const counted = (key: number, max: number, times: number, windowMs = day) => ({
      key,
      max,
      windowMs,
      plus: { key: key + 1, times, windowMs },
    })
    // The ledger and the recipient's messages come first.
    expect(policy.limits.filter(({ key }) => key > 1)).toEqual([
      counted(2, 23, clear),
      verified(3, day),
      counted(4, 40, clear),
      verified(5, day),
      counted(6, 73, diluted),
      counted(6, 73, diluted, tenMinutes),
      verified(7, day),
      verified(7, tenMinutes),
      verified(7, fortnight),
      {
        key: 8,
        max: 200,
        windowMs: day,
        plus: { key: 7, times: 3 / 14 / 4, windowMs: fortnight },
      },
      counted(9, 18, clear),
      verified(10, day),
    ])
    expect(new Set(names.slice(-12))).toEqual(new Set(['guard']))
    expect(policy).not.toHaveProperty('gate')
    // What nobody took was not sent; what verified before it did.
    expect(unsent.map((key) => key.charAt(0)).join('')).toBe('uuuku')
    expect(own).toEqual(['mLABEL'])
  })

  it('finds beside each test what was verified in the same time', () => {
    const { tests, policy } = sent()
    const placed = tests.map(({ level, rule, place, verified }) => {
      const [limit, other] = [policy.limits[place], policy.limits[verified]]
      return [
        rule,
        level,
        limit?.windowMs,
        other?.windowMs,
        other?.cost,
        other?.key === limit?.plus?.key,
      ]
    })
    expect(placed).toEqual([
      ['conversion', 'block', day, day, 0, true],
      ['conversion', 'wideBlock', day, day, 0, true],
      ['conversion', 'country', day, day, 0, true],
      ['conversion', 'burst', tenMinutes, tenMinutes, 0, true],
      ['growth', 'country', day, fortnight, 0, true],
      ['conversion', 'ip', day, day, 0, true],
    ])
  })

  it.each<[Judgement | undefined, string]>([
    ['all', 'block wideBlock country burst growth ip'],
    ['local', 'block wideBlock growth ip'],
    ['none', ''],
    [undefined, ''],
  ])('judged by %s is refused by the levels %j, and counted by all', (judged, expected) => {
    const { levels, kinds } = sent(judged === undefined ? { judged: 'none' } : { judged })
    expect(kinds).toBe('uyuyuykuy')
    const refusing = levels.filter(({ plus }) => plus !== undefined)
    expect(refusing.map(({ rule, level }) => (rule === 'growth' ? rule : level)).join(' ')).toBe(
      expected,
    )
    const counting = levels.filter(({ plus }) => plus === undefined)
    expect(counting.every(({ max }) => max === noBound)).toBe(true)
  })

  it('to somebody who verified before is no growth', () => {
    expect(sent({ isKnown: true }).kinds).toBe('uyuyuyuy')
    expect(sent({ isKnown: false }).kinds).toBe('uyuyuykuy')
  })

  it('has the levels that it is about', () => {
    expect(sent({ recipient: mail }).guarded).toEqual([
      `u${named('ip', '203.0.113.7')}`,
      `y${named('ip', '203.0.113.7')}`,
    ])
    for (const ip of ['', unknownIp]) expect(sent({ ip }).kinds).toBe('uyuyuyk')
    // A test recipient comes as nobody, and counts nowhere.
    expect(sent({ recipient: undefined }).kinds).toBe('')
  })

  it.each<[Omit<Options, 'mode'>, string, string]>([
    [{ levels: { ip: false } }, 'uyuyuyk', 'block wideBlock country burst country'],
    [{ levels: { block: false } }, 'uyuykuy', 'wideBlock country burst country ip'],
    [{ levels: { wideBlock: false } }, 'uyuykuy', 'block country burst country ip'],
    [{ levels: { country: false } }, 'uyuyuykuy', 'block wideBlock burst country ip'],
    [{ levels: { burst: false } }, 'uyuyuykuy', 'block wideBlock country country ip'],
    [{ levels: { country: false, burst: false } }, 'uyuyykuy', 'block wideBlock country ip'],
    [{ growth: false }, 'uyuyuyuy', 'block wideBlock country burst ip'],
    [{ growth: false, levels: { country: false, burst: false } }, 'uyuyuy', 'block wideBlock ip'],
  ])('keeps nothing for what is switched off: %j', (options, kinds, levels) => {
    const found = sent({}, { mode: 'refuse', ...options })
    expect(found.kinds).toBe(kinds)
    expect(found.levels.map(({ level }) => level).join(' ')).toBe(levels)
  })

  it('that is relayed counts for growth alone, before its mark', () => {
    const relayed = (options?: Options) =>
      chargesOf(options).relay(keys, { ...facts, mark: 'dMARK' })
    const { keys: found, policy, unsent } = relayed()
    expect(found.slice(2)).toEqual([
      `y${named('country', 'IN')}`,
      `k${named('country', 'IN')}`,
      'dMARK',
    ])
    expect(policy.limits.slice(-3)).toEqual([
      { key: 2, max: noBound, windowMs: fortnight, cost: 0 },
      { key: 3, max: 200, windowMs: day, plus: { key: 2, times: 3 / 14 / 4, windowMs: fortnight } },
      { key: 4, max: 1, windowMs: 120_000 },
    ])
    expect(unsent).toEqual([`k${named('country', 'IN')}`])
    // The mark is asked before all others.
    expect(policy.gate).toBe(4)
    expect(relayed({ mode: 'refuse', growth: false }).keys.slice(2)).toEqual(['dMARK'])
  })
})

describe('a challenge that was verified', () => {
  const about = { ip: '203.0.113.7', recipient }
  const limitsOf = (options: Options, messages = 1, of: Partial<ChargeFacts> = {}) =>
    verifiedLimits(guardSettings(options), keys, { ...about, ...of }, messages)

  it('is charged four quarters in each window that looks at it, and one more for each further message', () => {
    for (const [messages, cost] of [
      [1, 4],
      [3, 6],
    ] as const) {
      const charged = { max: noBound, cost }
      const country = { key: `y${named('country', 'IN')}`, ...charged }
      expect(limitsOf({ mode: 'refuse' }, messages)).toEqual([
        { key: `y${named('block', '+91987654')}`, ...charged, windowMs: day },
        { key: `y${named('wide block', '+919876')}`, ...charged, windowMs: day },
        { ...country, windowMs: day },
        { ...country, windowMs: tenMinutes },
        { ...country, windowMs: fortnight },
        { key: `y${named('ip', '203.0.113.7')}`, ...charged, windowMs: day },
      ])
    }
  })

  it('is charged where somebody looks', () => {
    const levels = { block: false, wideBlock: false, country: false, burst: false } as const
    const windows = (options: Options, of?: Partial<ChargeFacts>) =>
      limitsOf(options, 1, of).map(({ windowMs }) => windowMs)
    expect(windows({ mode: 'refuse', levels })).toEqual([fortnight, day])
    expect(windows({ mode: 'refuse', levels, growth: false })).toEqual([day])
    expect(windows({ mode: 'refuse', levels, growth: false }, { ip: '' })).toEqual([])
    expect(windows({ mode: 'refuse', levels }, { ip: unknownIp })).toEqual([fortnight])
    expect(windows({ mode: 'refuse' }, { recipient: mail })).toEqual([day])
  })
})

describe('a message under caps on money', () => {
  const prices = { currency: 'EUR', perMessage: { sms: 0.1, email: 0 } }
  const spend = spendSettings({ perDay: 2, perCountryPerDay: 1.5, prices }, [])
  const charged = (more: Partial<ChargeFacts>, settings = spend) =>
    createCharges(purpose, [limits], { spend: settings }).send(keys, { ...facts, ...more })

  it('costs its units in both of them, and one in every other log', () => {
    const { keys: found, policy, caps, names, costs, unsent, own } = charged({ cost: 10_000 })
    const money = [`s${keys.index('spend', '')}`, `s${keys.index('spend', 'IN')}`]
    expect(found).toEqual(['fLABEL', 'mLABEL', ...money])
    expect(costs).toEqual([1, 1, 10_000, 10_000])
    expect(policy.limits.slice(-2)).toEqual([
      { key: 2, max: 200_000, windowMs: day },
      { key: 3, max: 150_000, windowMs: day },
    ])
    expect(caps.slice(-2)).toEqual(['perDay', 'perCountryPerDay'])
    expect(names.slice(-2)).toEqual(['budget', 'budget'])
    expect([unsent, own]).toEqual([money, ['mLABEL']])
  })

  it('has the caps that it is about, and none where it costs nothing', () => {
    const toMail = charged({ recipient: mail, cost: 7 })
    expect(toMail.keys.slice(2)).toEqual([`s${keys.index('spend', '')}`])
    expect(toMail.costs).toEqual([1, 1, 7])
    for (const more of [{ cost: 0 }, {}]) {
      const free = charged(more)
      expect(free.keys).toEqual(['fLABEL', 'mLABEL'])
      expect(free).not.toHaveProperty('costs')
    }
    const whole = charged({ cost: 7 }, spendSettings({ perDay: 2, prices }, []))
    expect(whole.keys.slice(2)).toEqual([`s${keys.index('spend', '')}`])
  })
})
