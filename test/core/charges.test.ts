import { describe, expect, it } from 'vitest'
import { createCharges, limitsOf } from '../../src/core/charges'
import { createKeyring } from '../../src/core/keyring'
import { type LimitSettings, suspicion } from '../../src/core/limits'
import { lastIndex } from '../../src/core/logs'
import type { Recipient } from '../../src/input/recipient'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const bytes = (fill: number) => new Uint8Array(32).map((_, at) => fill + at)
const keys = createKeyring([{ id: 'a', bytes: bytes(1) }], bytes(99), 'test')

const recipient: Recipient = {
  kind: 'phone',
  identity: '+919876543210',
  envelope: '+919876543210',
  abuseKey: '+919876543210',
  country: 'IN',
}
const facts = { label: 'LABEL', ip: '2001:db8:1:2::/64', recipient }
const few: LimitSettings = {
  cooldown: [{ max: 1, windowMs: minute }],
  recipient: [{ max: 5, windowMs: hour }],
  ip: [{ max: 2, windowMs: minute }],
  country: [{ max: 30, windowMs: hour }],
  prefix: [
    { max: 40, windowMs: hour },
    { max: 50, windowMs: day },
  ],
  global: [{ max: 60, windowMs: hour }],
  verifyIp: [{ max: 3, windowMs: minute }],
}
const none: LimitSettings = {
  cooldown: [],
  recipient: [],
  ip: [],
  country: [],
  prefix: [],
  global: [],
  verifyIp: [],
}

function chargesOf(
  more: Partial<Parameters<typeof createCharges>[0]> = {},
  others: readonly LimitSettings[] = [],
) {
  const { limits = few } = more
  const purpose = {
    codeLength: 6,
    lifetimeMs: 5 * minute,
    resend: 'same',
    bind: 'recipient',
  } as const
  return createCharges({ ...purpose, limits, ...more }, [limits, ...others])
}

describe('a charge', () => {
  it('of a message has the keys of all that it is about, each of its own kind', async () => {
    const { keys: found, own, names, policy } = await chargesOf().send(keys, facts)
    const budget = (name: string, value: string, windowMs: number) =>
      keys.index(name, value, String(windowMs))
    expect(found).toEqual([
      'fLABEL',
      'mLABEL',
      `i${await keys.index('ip', facts.ip)}`,
      `j${await keys.index('ip', '2001:db8:1::/48')}`,
      `n${await budget('country', 'IN', hour)}`,
      `p${await budget('prefix', '+91987654', hour)}`,
      `p${await budget('prefix', '+91987654', day)}`,
      `g${await budget('global', '', hour)}`,
    ])
    expect(own).toEqual(['mLABEL'])
    expect(policy.mostUsed).toBe(4)
    const rows = policy.limits.map((limit, index) => ({ name: names[index], ...limit }))
    expect(rows).toEqual([
      { name: 'ledger', key: 0, max: 100, windowMs: 180 * day, cost: 0, refuses: true },
      { name: 'cooldown', key: 1, max: 1, windowMs: minute },
      { name: 'recipient', key: 1, max: 5, windowMs: hour },
      ...suspicion.map((window) => ({ name: 'recipient', key: 1, ...window })),
      { name: 'recipient', key: 1, max: 2 ** 40, windowMs: day },
      { name: 'ip', key: 2, max: 2, windowMs: minute },
      { name: 'ip', key: 3, max: 20, windowMs: minute },
      { name: 'country', key: 4, max: 30, windowMs: hour },
      { name: 'prefix', key: 5, max: 40, windowMs: hour },
      { name: 'prefix', key: 6, max: 50, windowMs: day },
      { name: 'global', key: 7, max: 60, windowMs: hour },
    ])
  })

  it('leaves out what a request is not about, and has one policy for each such set', async () => {
    const { send } = chargesOf()
    const kinds = async (more: object) => {
      const charge = await send(keys, { ...facts, ...more })
      return { kinds: charge.keys.map((key) => key.charAt(0)).join(''), policy: charge.policy }
    }
    const wide = await kinds({})
    const narrow = await kinds({ ip: '203.0.113.7' })
    const mail = { kind: 'email', identity: 'a@b.in', abuseKey: 'a@b.in' }
    const toMail = await kinds({ recipient: mail })
    expect([
      wide.kinds,
      narrow.kinds,
      toMail.kinds,
      (await kinds({ recipient: undefined })).kinds,
    ]).toEqual(['fmijnppg', 'fminppg', 'fmijg', 'fmij'])
    expect([narrow, toMail].map(({ policy }) => policy.limits.length)).toEqual([
      wide.policy.limits.length - 1,
      wide.policy.limits.length - 3,
    ])
    expect((await kinds({ ip: '203.0.113.8' })).policy).toBe(narrow.policy)
    expect((await kinds({ ip: '2001:db8:9:9::/64' })).policy).toBe(wide.policy)
  })

  it('tells sets of as many subjects apart', async () => {
    const { send } = chargesOf({ limits: { ...none, ip: few.ip, country: few.country } })
    const mail = {
      kind: 'email',
      identity: 'a@b.in',
      envelope: 'a@b.in',
      abuseKey: 'a@b.in',
    } as const
    const toPhone = await send(keys, { ...facts, ip: '203.0.113.7' })
    const toMail = await send(keys, { ...facts, recipient: mail })
    expect([toPhone.names.at(-1), toMail.names.at(-1)]).toEqual(['country', 'ip'])
    expect([toPhone.keys.length, toMail.keys.length]).toEqual([4, 4])
  })

  it('of a guess forgives in a log of its own where strangers share the challenge', async () => {
    for (const [bind, kinds, forgiveness] of [
      ['recipient', 'fovw', { key: 1, max: 10, windowMs: 180 * day }],
      ['challenge', 'fvw', undefined],
    ] as const) {
      const { policy, keys: found } = await chargesOf({ bind }).verify(keys, facts)
      expect(found.map((key) => key.charAt(0)).join('')).toBe(kinds)
      expect(policy.forgiveness).toEqual(forgiveness)
      expect(policy).not.toHaveProperty('mostUsed')
      const last = kinds.length - 1
      expect(policy.limits).toEqual([
        { key: 0, max: 100, windowMs: 180 * day },
        { key: last - 1, max: 3, windowMs: minute },
        { key: last, max: 30, windowMs: minute },
      ])
      expect(new Set(found).size).toBe(kinds.length)
      if (forgiveness !== undefined) expect(found[1]).toBe('oLABEL')
    }
  })

  it('of a repeat is counted under its challenge, unless every message is a new one', async () => {
    const counted = { ...facts, countedAs: 'FIRST' }
    for (const [resend, end] of [
      ['same', ['cFIRST']],
      ['new', []],
    ] as const) {
      const charge = await chargesOf({ resend }).resend(keys, counted)
      expect(charge.keys.filter((key) => key.startsWith('c'))).toEqual(end)
      expect(charge.own).toEqual(['mLABEL', ...end])
      expect(charge.policy.mostUsed).toBe(-1)
    }
    const { repeat } = chargesOf()
    const charge = await repeat(keys, counted, 6)
    expect(charge.keys).toEqual(['fLABEL', 'cFIRST'])
    expect(charge.names).toEqual(['ledger', 'challenge'])
    expect(limitsOf(charge)[1]).toEqual({ key: 'cFIRST', max: 3, windowMs: 5 * minute, cost: 1 })
    expect((await repeat(keys, facts, 6)).keys).toEqual(['fLABEL'])
  })

  it('puts a code only where the ledger is no fuller than its length allows', async () => {
    const { put, repeat } = chargesOf()
    const most = [put, repeat].map(async (make) => [
      (await make(keys, facts, 6)).policy.mostUsed,
      (await make(keys, facts, 8)).policy.mostUsed,
    ])
    expect(await Promise.all(most)).toEqual([
      [4, 100],
      [4, 100],
    ])
  })

  it('of a question about nothing looks at the ledger and charges the address', async () => {
    const charge = await chargesOf().nothing(keys, facts)
    expect(charge.names).toEqual(['ledger', 'ip', 'ip'])
    expect(limitsOf(charge).map(({ cost, max, windowMs }) => [cost, max, windowMs])).toEqual([
      [0, 100, 180 * day],
      [1, 2, minute],
      [1, 20, minute],
    ])
  })

  it('has no log of an address without a limit of it', async () => {
    const charges = chargesOf({ limits: none }, [few])
    expect((await charges.send(keys, facts)).keys).toEqual(['fLABEL', 'mLABEL'])
    expect((await charges.verify(keys, facts)).keys).toEqual(['fLABEL', 'oLABEL'])
  })
})

describe('a log is told of the windows of other purposes', () => {
  const windowsOf = async (own: LimitSettings['ip'], ...others: LimitSettings['ip'][]) => {
    const { send } = chargesOf(
      { limits: { ...none, ip: own } },
      others.map((ip) => ({ ...none, ip })),
    )
    const { policy } = await send(keys, { ...facts, ip: '203.0.113.7' })
    const limits = policy.limits.filter(({ key }) => key === 2)
    return limits.map(({ max, windowMs }) => [max === 2 ** 40 ? 'any' : max, windowMs])
  }

  it('that are longer than its own, or coarse, once each', async () => {
    const own = [{ max: 5, windowMs: hour }]
    const long = [
      { max: 9, windowMs: 2 * hour },
      { max: 10, windowMs: day },
    ]
    expect(await windowsOf(own)).toEqual([[5, hour]])
    expect(await windowsOf(own, long, long)).toEqual([
      [5, hour],
      ['any', day],
    ])
    expect(await windowsOf(long, own)).toEqual([
      [9, 2 * hour],
      [10, day],
    ])
    const exact = [{ max: 128, windowMs: minute }]
    const coarse = [{ max: 129, windowMs: minute }]
    expect(await windowsOf(own, exact)).toEqual([[5, hour]])
    expect(await windowsOf(own, coarse, long)).toEqual([
      [5, hour],
      ['any', minute],
      ['any', day],
    ])
  })

  it('of a recipient, cooldowns and the windows of a grown ledger too', async () => {
    const patient = { ...none, cooldown: [{ max: 1, windowMs: 3 * day }] }
    const { policy, names } = await chargesOf({}, [patient]).send(keys, facts)
    const told = policy.limits.flatMap(({ max, windowMs }, index) =>
      max === 2 ** 40 ? [[names[index], windowMs]] : [],
    )
    expect(told).toEqual([['recipient', 3 * day]])
    const alone = (await chargesOf({ limits: none }).send(keys, facts)).policy.limits
    expect(alone.filter(({ max }) => max === 2 ** 40)).toEqual([
      { key: 1, max: 2 ** 40, windowMs: day },
    ])
  })
})

describe('an index that is kept', () => {
  const other = createKeyring([{ id: 'a', bytes: bytes(1) }], bytes(98), 'test')

  it('is of one value and one secret', () => {
    const index = lastIndex('guard', 'country')
    for (const keyring of [keys, other]) {
      for (const country of ['IN', 'IN', 'US', 'US']) {
        expect(index(keyring, country)).toBe(keyring.index('guard', 'country', country))
      }
      expect(index(keys, 'US')).toBe(keys.index('guard', 'country', 'US'))
    }
  })
})
