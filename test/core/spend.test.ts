import type { OtpEvent } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { DeliveryError } from '../../src/errors'
import { createFixture, noLimits } from '../fixture'

const prices = {
  currency: 'EUR',
  perMessage: { sms: { IN: 0.1, others: 0.25 }, whatsapp: 0.05, email: 0 },
}
const number = (nth: number) => `+91987654${String(nth).padStart(4, '0')}`
const american = (nth: number) => `+1212456${String(nth).padStart(4, '0')}`
const spends = (events: readonly OtpEvent[]) =>
  events.flatMap((event) => (event.type === 'spend' ? [event] : []))

function spending(spend: object, more = {}) {
  return createFixture({ limits: noLimits, spend: { perDay: 1, prices, ...spend }, ...more })
}

/** What of the cap of all messages is spent. */
async function spent(otp: ReturnType<typeof createFixture>['otp'], to = number(2)) {
  const explained = await otp.explain({ to, channel: 'sms', purpose: 'login', ip: null })
  return explained.ok && explained.send.find(({ cap }) => cap === 'perDay')?.used
}

describe('caps on money', () => {
  it('refuse what would go above, and say which cap and until when', async () => {
    const { send, clock, events } = spending({ perCountryPerDay: 0.6 })
    for (let nth = 0; nth < 6; nth += 1) {
      expect(await send({ to: number(nth) })).toMatchObject({ ok: true })
      clock.advance(60_000)
    }
    expect(await send({ to: number(7) })).toEqual({
      ok: false,
      reason: 'rate_limited',
      limit: 'budget',
      cap: 'perCountryPerDay',
      retryAfterMs: 86_400_000 - 360_000,
    })
    // 0.6 are spent, of 1.
    expect(await send({ to: american(1) })).toMatchObject({ ok: true })
    expect(await send({ to: american(2) })).toMatchObject({ limit: 'budget', cap: 'perDay' })
    clock.advance(86_400_000)
    expect(await send({ to: number(7) })).toMatchObject({ ok: true })
    const told = spends(events).map(({ cap, percent, used, max }) => [cap, percent, used, max])
    expect(told).toEqual([
      ['perCountryPerDay', 50, 0.3, 0.6],
      ['perDay', 50, 0.5, 1],
      ['perCountryPerDay', 80, 0.5, 0.6],
      ['perCountryPerDay', 100, 0.6, 0.6],
      ['perDay', 80, 0.85, 1],
      ['perDay', 100, 0.85, 1],
    ])
    expect(spends(events)[0]).toMatchObject({ currency: 'EUR', country: 'IN' })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'refused', limit: 'budget', cap: 'perDay' }),
    )
  })

  it('charge the dearest channel of a list, every segment of an SMS, and nothing for nothing', async () => {
    const used = async (more: object, options = {}) => {
      const { otp } = spending({ perDay: 100 }, options)
      await otp.send({ to: number(1), channel: 'sms', purpose: 'login', ip: null, ...more })
      const asked = { to: number(2), channel: 'sms', purpose: 'login', ip: null } as const
      const explained = await otp.explain(asked)
      return explained.ok && explained.send.find(({ cap }) => cap === 'perDay')?.used
    }
    expect(await used({ channel: ['whatsapp', 'sms'] })).toBe(0.1)
    expect(await used({ channel: 'whatsapp' })).toBe(0.05)
    expect(await used({ channel: 'email', to: 'person@example.com' })).toBe(0)
    const text = `{code} ${'long '.repeat(40)}`
    const messages = { templates: { en: { text } } }
    expect(await used({}, { messages })).toBe(0.2)
    expect(await used({ deliver: false }, { messages })).toBe(0.2)
  })

  it('charge a relayed code what a text with that very code costs', async () => {
    const messages = { templates: { en: { text: `{code} ${'x'.repeat(150)}` } } }
    for (const [code, cost] of [
      ['1234', 0.1],
      ['ABCDEF123456', 0.2],
    ] as const) {
      const { otp, sms } = spending({ perDay: 100 }, { messages })
      await otp.relay({ to: number(1), channel: 'sms', purpose: 'login', ip: null, code })
      expect(sms.messages[0]?.content.text.startsWith(code)).toBe(true)
      const asked = { to: number(2), channel: 'sms', purpose: 'login', ip: null } as const
      const explained = await otp.explain(asked)
      expect(explained.ok && explained.send.find(({ cap }) => cap === 'perDay')?.used).toBe(cost)
    }
  })

  it('have room for the longer code that a message may come to hold', async () => {
    for (const [codeLength, room] of [
      [6, 160 - 8],
      [8, 160 - 10],
      [10, 160 - 10],
    ] as const) {
      for (const [length, cost] of [
        [room, 0.1],
        [room + 1, 0.2],
      ] as const) {
        const messages = { templates: { en: { text: `{code}${'x'.repeat(length)}` } } }
        const { send, otp } = spending({ perDay: 100 }, { messages, codeLength })
        await send()
        expect(await spent(otp), `${codeLength} ${length}`).toBe(cost)
      }
    }
  })

  it('charge a relayed text by its segments, over SMS alone', async () => {
    const text = 'x'.repeat(161)
    for (const [channel, cost] of [
      ['sms', 0.2],
      ['whatsapp', 0.05],
    ] as const) {
      const { otp } = spending({ perDay: 100 })
      await otp.relay({ to: number(1), channel, purpose: 'login', ip: null, text })
      expect(await spent(otp)).toBe(cost)
    }
  })

  it('charge a territory without a price of its own the dearest one that there is', async () => {
    for (const [perMessage, cost] of [
      [{ sms: { GB: 0.1, FR: 0.3 } }, 0.3],
      [{ 'sms-provider': { GB: 0.1 } }, 0.1],
      [{ 'sms-provider': { GB: 0.1 }, sms: { GB: 0.2 } }, 0.2],
      [{ 'sms-provider': { GB: 0.1 }, sms: 0.05 }, 0.05],
      [{ 'sms-provider': { GB: 0.1 }, sms: { others: 0 } }, 0],
    ] as const) {
      const { otp, send } = spending(
        {
          perDay: 100,
          prices: { currency: 'GBP', perMessage: { whatsapp: 1, email: 0, ...perMessage } },
        },
        { countries: ['GB', 'FR'].slice(0, 'FR' in Object(perMessage.sms) ? 2 : 1) },
      )
      // Guernsey is reached by the numbers of the United Kingdom.
      expect(await send({ to: '+447781123456' })).toMatchObject({ ok: true })
      expect(await spent(otp, '+447400123456')).toBe(cost)
    }
  })

  it('charge a repeat what the language of its challenge costs', async () => {
    const messages = { templates: { fa: { text: `{code} ${'سلام '.repeat(30)}` } } }
    const { otp, send } = spending({ perDay: 100 }, { messages })
    await send({ locale: 'fa' })
    await send()
    const explained = await otp.explain({
      to: number(2),
      channel: 'sms',
      purpose: 'login',
      ip: null,
    })
    // Three segments each: 157 characters of UCS-2.
    expect(explained.ok && explained.send.find(({ cap }) => cap === 'perDay')?.used).toBe(0.6)
  })

  it('are told of what a repeat spends or has no room for', async () => {
    const messages = { templates: { fa: { text: `{code} ${'سلام '.repeat(30)}` } } }
    const { send, events } = spending({}, { messages })
    await send({ locale: 'fa' })
    await send()
    await send()
    expect(await send()).toMatchObject({ ok: false, limit: 'budget' })
    const told = spends(events).map(({ percent, used }) => [percent, used])
    expect(told).toEqual([
      [50, 0.6],
      [80, 0.9],
      [100, 1],
    ])
  })

  it('are told as full by the message that fills them, and of no part that was spent before', async () => {
    const { send, clock, events } = spending({})
    const told = () => spends(events).map(({ percent, used }) => [percent, used])
    for (let nth = 0; nth < 5; nth += 1) await send({ to: number(nth) })
    expect(told()).toEqual([[50, 0.5]])
    clock.advance(3_600_000)
    for (let nth = 5; nth < 9; nth += 1) await send({ to: number(nth) })
    clock.advance(3_600_000)
    expect(await send({ to: number(9) })).toMatchObject({ ok: true })
    expect(told()).toEqual([
      [50, 0.5],
      [80, 0.8],
      [100, 1],
    ])
  })

  it.each([
    ['are as good as empty', 1, 0, { used: 0, retryAfterMs: 0 }],
    ['have room for just one more', 1, 9, { used: 0.9, retryAfterMs: 0 }],
    ['lack a unit for one more', 0.99999, 9, { used: 0.9, retryAfterMs: 82_800_000 }],
    ['are full', 1, 10, { used: 1, retryAfterMs: 82_800_000 }],
    ['have room for a single message', 0.1, 0, { used: 0, retryAfterMs: 0 }],
    ['have never room for one', 0.09, 0, { used: 0, retryAfterMs: 86_400_000 }],
  ])('explain how long a message waits where they %s', async (_, perDay, count, expected) => {
    const { otp, send, clock } = spending({ perDay })
    for (let nth = 0; nth < count; nth += 1) await send({ to: number(nth) })
    clock.advance(3_600_000)
    const asked = { to: number(20), channel: 'sms', purpose: 'login', ip: null } as const
    const explained = await otp.explain(asked)
    const day = 86_400_000
    expect(explained.ok && explained.send).toEqual([
      { limit: 'budget', cap: 'perDay', max: perDay, windowMs: day, ...expected },
    ])
    expect(await send(asked)).toMatchObject({ ok: expected.retryAfterMs === 0 })
  })

  it('are told once an hour of the same part, each country of its own', async () => {
    const { send, sms, clock, events } = spending({ perCountryPerDay: 0.9 })
    const told = async (to: string, isTaken: boolean) => {
      const before = spends(events).length
      const kind = 'opted_out'
      if (!isTaken) sms.failNext(new DeliveryError({ kind, sent: 'no', provider: 'sms-provider' }))
      await send({ to })
      const news = spends(events).slice(before)
      return news.map(({ cap, percent, country }) => `${cap} ${percent} ${country}`)
    }
    for (let nth = 0; nth < 4; nth += 1) expect(await told(number(nth), true)).toEqual([])
    // Half of both is spent, given back, and spent once more.
    const half = ['perDay 50 IN', 'perCountryPerDay 50 IN']
    expect(await told(number(5), false)).toEqual(half)
    clock.advance(3_600_000 - 1)
    expect(await told(number(6), false)).toEqual([])
    clock.advance(1)
    expect(await told(number(7), false)).toEqual(half)
    expect(await told(american(1), true)).toEqual([])
    expect(await told(american(2), true)).toEqual(['perDay 80 US', 'perCountryPerDay 50 US'])
  })

  it('are told again by a host whose clock was set back', async () => {
    const host = { now: 10 * 86_400_000 }
    const { send, clock, events } = spending({}, { clock: () => host.now })
    const spendAll = async () => {
      for (let nth = 0; nth < 10; nth += 1) await send({ to: number(nth) })
      return spends(events).map(({ percent }) => percent)
    }
    expect(await spendAll()).toEqual([50, 80, 100])
    clock.advance(86_400_000)
    host.now -= 86_400_000
    expect(await spendAll()).toEqual([50, 80, 100, 50, 80, 100])
  })

  it('get back what certainly nobody took', async () => {
    const { send, sms, otp } = spending({})
    for (let nth = 0; nth < 20; nth += 1) {
      sms.failNext(new DeliveryError({ kind: 'opted_out', sent: 'no', provider: 'sms-provider' }))
      expect(await send({ to: number(nth) })).toMatchObject({ reason: 'undeliverable' })
    }
    const explained = await otp.explain({
      to: number(2),
      channel: 'sms',
      purpose: 'login',
      ip: null,
    })
    expect(explained.ok && explained.send.find(({ cap }) => cap === 'perDay')?.used).toBe(0)
  })

  it('hold for relayed messages, and in the mode that records', async () => {
    const { otp } = spending({}, { guard: { mode: 'record' } })
    let passed = 0
    for (let nth = 0; nth < 15; nth += 1) {
      const relayed = { to: number(nth), channel: 'sms', purpose: 'login', ip: null } as const
      if ((await otp.relay({ ...relayed, code: '123456' })).ok) passed += 1
    }
    expect(passed).toBe(10)
  })
})

describe('wrong options of guard and spend', () => {
  const wrongly = (options: object) => () => createFixture(options)
  it.each([
    ['guard', { guard: true }, 'guard` must be an object with a mode'],
    ['no mode', { guard: {} }, "guard.mode` must be 'record', 'challenge' or 'refuse'"],
    [
      'a mode',
      { guard: { mode: 'block' } },
      "guard.mode` must be 'record', 'challenge' or 'refuse'",
    ],
    [
      'a level',
      { guard: { mode: 'record', levels: { prefix: false } } },
      'guard.levels.prefix` is not known',
    ],
    [
      'an impossible threshold',
      { guard: { mode: 'record', levels: { block: { honest: 0.1, attack: 0.4 } } } },
      'guard.levels.block.attack` must be less than `honest`',
    ],
    [
      'a threshold that tells nothing apart',
      { guard: { mode: 'record', levels: { block: { honest: 0.3, attack: 0.3 } } } },
      'guard.levels.block.attack` must be less than `honest`',
    ],
    [
      'parts so close that no count tells them apart',
      { guard: { mode: 'record', levels: { ip: { honest: 1e-9, attack: 0.999e-9 } } } },
      'guard.levels.ip.honest` must be larger',
    ],
    [
      'a rate of more messages than there are',
      {
        guard: {
          mode: 'record',
          levels: { ip: { honest: 1e-12, attack: 1e-300, error: 1 - 1e-12 } },
        },
      },
      'guard.levels.ip.honest` must be larger',
    ],
    [
      'parts that no number tells apart',
      { guard: { mode: 'record', levels: { ip: { honest: 1e-17, attack: 1e-18 } } } },
      'guard.levels.ip.honest` must be larger',
    ],
    [
      'parts of more messages than there are',
      { guard: { mode: 'record', levels: { country: { honest: 1e-12, attack: 1e-13 } } } },
      'guard.levels.country.honest` must be larger',
    ],
    [
      'an error of 1',
      { guard: { mode: 'record', levels: { ip: { error: 1 } } } },
      'guard.levels.ip.error` must be less than 1',
    ],
    [
      'a network',
      { guard: { mode: 'record', allow: { networks: ['10.0.0.0/33'] } } },
      'guard.allow.networks.0` must be an address',
    ],
    [
      'a prefix',
      { guard: { mode: 'record', allow: { prefixes: ['0044'] } } },
      'guard.allow.prefixes.0` must be +',
    ],
    [
      'a country',
      { guard: { mode: 'record', allow: { countries: ['UK'] } } },
      'guard.allow.countries.0` must be an ISO 3166 country code such as IN: did you mean GB?',
    ],
    [
      'growth',
      { guard: { mode: 'record', growth: { times: 0 } } },
      'guard.growth.times` must be more than 0',
    ],
    [
      'prices without a currency',
      { spend: { perDay: 1, prices: { perMessage: prices.perMessage } } },
      'spend.prices.currency` must be an ISO 4217 code such as EUR',
    ],
    [
      'a missing price',
      {
        spend: { perDay: 1, prices: { currency: 'EUR', perMessage: { sms: { IN: 1 }, email: 0 } } },
      },
      'spend.prices.perMessage.sms.US` is missing',
    ],
    [
      'a missing price of mail',
      { spend: { perDay: 1, prices: { currency: 'EUR', perMessage: { sms: 1, whatsapp: 1 } } } },
      'spend.prices.perMessage.email.others` is missing: what a message over email costs there',
    ],
    ['spend', { spend: 5 }, 'spend` must be { perDay, prices }'],
    [
      'a member of spend',
      { spend: { perDay: 1, perHour: 1, prices } },
      'spend.perHour` is not known',
    ],
    ['no cap', { spend: { prices } }, 'spend.perDay` must be a number'],
    [
      'a negative price',
      { spend: { perDay: 1, prices: { currency: 'EUR', perMessage: { sms: -1 } } } },
      'spend.prices.perMessage.sms` must be 0 or more',
    ],
  ])('name %s', (_, options, message) => {
    expect(wrongly(options)).toThrow(TypeError)
    expect(wrongly(options)).toThrow(message)
  })

  it.each<[string, string, object]>([
    ['guard.level', 'guard.levels', { guard: { level: {} } }],
    ['guard.levels.blok', 'guard.levels.block', { guard: { levels: { blok: false } } }],
    [
      'guard.levels.ip.honst',
      'guard.levels.ip.honest',
      { guard: { levels: { ip: { honst: 1 } } } },
    ],
    ['guard.growth.time', 'guard.growth.times', { guard: { growth: { time: 2 } } }],
    ['guard.allow.network', 'guard.allow.networks', { guard: { allow: { network: [] } } }],
    ['spend.perCountry', 'spend.perCountryPerDay', { spend: { perDay: 1, perCountry: 1, prices } }],
    [
      'spend.prices.perMesage',
      'spend.prices.perMessage',
      { spend: { perDay: 1, prices: { ...prices, perMesage: {} } } },
    ],
  ])('of `%s` say that `%s` is meant', (name, meant, options) => {
    expect(wrongly(options)).toThrow(
      `otpkit: OtpManager: option \`${name}\` is not known: did you mean \`${meant}\`?`,
    )
  })
})
