import { metrics } from '@opentelemetry/api'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { DeliveryError } from 'otpkit'
import { otelMetrics } from 'otpkit/opentelemetry'
import { afterEach, describe, expect, it } from 'vitest'
import { createFixture, email, noLimits, phone, wrong } from '../fixture'
import { createMeters } from './sdk'

afterEach(() => metrics.disable())

function createMeasured(options: Parameters<typeof createFixture>[0] = {}) {
  const meters = createMeters()
  const fixture = createFixture({ limits: noLimits, ...options })
  fixture.otp.subscribe(otelMetrics({ meterProvider: meters.provider }))
  return { ...fixture, ...meters }
}

const sms = { 'otpkit.channel': 'sms', 'otpkit.provider': 'sms-provider' }

describe('instruments', () => {
  it('count messages by what became of them, and how long providers took', async () => {
    const { sms: delivery, send, clock, series } = createMeasured()
    const slow = (error?: DeliveryError) => ({
      ...delivery,
      deliver: async () => {
        clock.advance(250)
        if (error !== undefined) throw error
        return { provider: 'sms-provider', segments: 2 }
      },
    })
    // A challenge has four messages at most.
    const other = '+919876543211'
    await send()
    await send({ to: other, deliver: false })
    await send({ to: email, channel: 'email' })
    delivery.deliver = slow().deliver
    await send()
    const lost = { provider: 'sms-provider', kind: 'unavailable' } as const
    delivery.deliver = slow(new DeliveryError({ ...lost, sent: 'unknown' })).deliver
    await send()
    delivery.deliver = slow(new DeliveryError({ ...lost, sent: 'no' })).deliver
    await send({ channel: ['sms', 'whatsapp'] })
    await send({ to: '+919876543212' }).catch(() => {})

    const inIndia = { ...sms, 'otpkit.country': 'IN' }
    const name = 'otpkit.messages'
    const messages = await series(name)
    expect(messages).toHaveLength(6)
    expect(messages).toEqual(
      expect.arrayContaining([
        { name, attributes: { ...inIndia, 'otpkit.outcome': 'accepted' }, value: 2 },
        { name, attributes: { ...inIndia, 'otpkit.outcome': 'withheld' }, value: 1 },
        { name, attributes: { ...inIndia, 'otpkit.outcome': 'unknown' }, value: 1 },
        // Once, whoever was tried; and one that another channel took is none.
        {
          name,
          attributes: {
            'otpkit.channel': 'sms',
            'otpkit.country': 'IN',
            'otpkit.outcome': 'unsent',
          },
          value: 1,
        },
        expect.objectContaining({
          attributes: {
            'otpkit.channel': 'email',
            'otpkit.provider': 'mail-provider',
            'otpkit.outcome': 'accepted',
          },
        }),
        expect.objectContaining({
          attributes: expect.objectContaining({ 'otpkit.channel': 'whatsapp' }),
        }),
      ]),
    )
    expect(await series('otpkit.segments')).toEqual([
      { name: 'otpkit.segments', attributes: inIndia, value: 2 },
    ])
    const durations = await series('otpkit.delivery.duration')
    expect(durations.filter(({ attributes }) => attributes['otpkit.channel'] === 'sms')).toEqual([
      { name: 'otpkit.delivery.duration', attributes: sms, value: { count: 2, sum: 0.25 } },
      {
        name: 'otpkit.delivery.duration',
        attributes: { ...sms, 'error.type': 'unavailable' },
        value: { count: 3, sum: 0.75 },
      },
    ])
  })

  it('count guesses by what came of them, and how long a person took', async () => {
    const { otp, receive, verify, clock, series } = createMeasured()
    const { code } = await receive()
    clock.advance(12_000)
    await verify(wrong(code))
    await verify(code)
    await verify(code)
    clock.advance(600_000)
    await verify(code)
    await otp.cancel({ to: phone, purpose: 'login' })
    const name = 'otpkit.attempts'
    const login = { 'otpkit.purpose': 'login' }
    const compared = { ...login, 'otpkit.channel': 'sms' }
    expect(await series(name)).toEqual([
      { name, attributes: { ...compared, 'otpkit.outcome': 'incorrect' }, value: 1 },
      { name, attributes: { ...compared, 'otpkit.outcome': 'verified' }, value: 1 },
      { name, attributes: { ...login, 'otpkit.outcome': 'used' }, value: 1 },
      { name, attributes: { ...login, 'otpkit.outcome': 'expired' }, value: 1 },
    ])
    expect(await series('otpkit.verification.delay')).toEqual([
      { name: 'otpkit.verification.delay', attributes: compared, value: { count: 1, sum: 12 } },
    ])
  })

  it('count refusals by limit, receipts by status, and faults', async () => {
    const { otp, send, series } = createMeasured({
      limits: { ...noLimits, cooldown: '30s', verifyIp: [{ max: 1, per: '1m' }] },
    })
    otp.subscribe(() => {
      throw new Error('a listener that is broken')
    })
    await send()
    await send()
    for (const ip of ['203.0.113.1', '203.0.113.1']) {
      await otp.verify({ to: phone, purpose: 'login', code: '123456', ip })
    }
    otp.receipt({ provider: 'twilio', messageId: 'SM1', status: 'delivered' })
    otp.receipt({ provider: 'twilio', messageId: 'SM2', status: 'failed', kind: 'opted_out' })
    const login = { 'otpkit.purpose': 'login' }
    expect(await series('otpkit.refusals')).toEqual([
      {
        name: 'otpkit.refusals',
        attributes: { ...login, 'otpkit.action': 'send', 'otpkit.limit': 'cooldown' },
        value: 1,
      },
      {
        name: 'otpkit.refusals',
        attributes: { ...login, 'otpkit.action': 'verify', 'otpkit.limit': 'ip' },
        value: 1,
      },
    ])
    const receipts = { name: 'otpkit.receipts', value: 1 }
    expect(await series('otpkit.receipts')).toEqual([
      { ...receipts, attributes: { 'otpkit.provider': 'twilio', 'otpkit.status': 'delivered' } },
      {
        ...receipts,
        attributes: {
          'otpkit.provider': 'twilio',
          'otpkit.status': 'failed',
          'error.type': 'opted_out',
        },
      },
    ])
    const [faults] = await series('otpkit.faults')
    expect(faults?.attributes).toEqual({ 'otpkit.during': 'listener' })
  })

  it('a lock counts as a refusal of the ledger', async () => {
    const { otp, receive, series, clock } = createMeasured()
    for (let failures = 0; failures < 100; ) {
      clock.advance(24 * 3_600_000)
      const { code } = await receive()
      for (let guess = 0; guess < 3; guess += 1, failures += 1) {
        await otp.verify({ to: phone, purpose: 'login', code: wrong(code), ip: null })
      }
    }
    await otp.verify({ to: phone, purpose: 'login', code: '12345678', ip: null })
    const refusals = await series('otpkit.refusals')
    expect(refusals.at(-1)?.attributes).toMatchObject({ 'otpkit.limit': 'ledger' })
  })

  it('have names, units and descriptions of the conventions, and never a country beside a purpose', async () => {
    const { receive, verify, otp, read, series } = createMeasured()
    const { code } = await receive()
    await verify(wrong(code))
    await verify(code)
    otp.receipt({ provider: 'twilio', messageId: 'SM1', status: 'delivered' })
    const described = (await read()).map(({ descriptor }) => [descriptor.name, descriptor.unit])
    expect(Object.fromEntries(described)).toEqual({
      'otpkit.messages': '{message}',
      'otpkit.attempts': '{attempt}',
      'otpkit.receipts': '{receipt}',
      'otpkit.delivery.duration': 's',
      'otpkit.verification.delay': 's',
    })
    for (const { descriptor } of await read()) expect(descriptor.description).not.toBe('')
    for (const { attributes } of await series()) {
      expect('otpkit.country' in attributes && 'otpkit.purpose' in attributes).toBe(false)
    }
  })

  it('count no country where it is switched off', async () => {
    const meters = createMeters()
    const { otp, send, sms: delivery } = createFixture({ limits: noLimits })
    otp.subscribe(otelMetrics({ meterProvider: meters.provider, country: false }))
    await send()
    delivery.failNext(new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'p' }))
    await send().catch(() => {})
    const series = await meters.series()
    expect(series).not.toHaveLength(0)
    for (const { attributes } of series) expect(attributes).not.toHaveProperty('otpkit.country')
  })
})

describe('the provider', () => {
  it('may be set after the listener, be taken away, and be another one later', async () => {
    const { otp, send } = createFixture({ limits: noLimits })
    const [first, second] = [createMeters(), createMeters()]
    otp.subscribe(otelMetrics())
    await send()
    metrics.setGlobalMeterProvider(first.provider)
    await send()
    await send()
    metrics.disable()
    await send()
    metrics.setGlobalMeterProvider(second.provider)
    await send({ to: email, channel: 'email' })
    const counted = async ({ series }: typeof first) => (await series('otpkit.messages'))[0]?.value
    expect(await counted(first)).toBe(2)
    expect(await counted(second)).toBe(1)
  })

  it('two listeners count for two of them', async () => {
    const { otp, send } = createFixture({ limits: noLimits })
    const [first, second] = [createMeters(), createMeters()]
    metrics.setGlobalMeterProvider(first.provider)
    otp.subscribe(otelMetrics())
    otp.subscribe(otelMetrics({ meterProvider: second.provider }))
    await send()
    for (const { series } of [first, second]) {
      expect(await series('otpkit.messages')).toMatchObject([{ value: 1 }])
    }
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('no collector')
      },
    ],
    ['never answers', () => {}],
  ])('whose exporter %s harms nothing', async (_, fail) => {
    const exporter = {
      export: fail,
      forceFlush: () => Promise.reject(new Error('no collector')),
      shutdown: async () => {},
    }
    const reader = new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: 1000,
      exportTimeoutMillis: 100,
    })
    const provider = new MeterProvider({ readers: [reader] })
    const { otp, receive, verify, events } = createFixture({ limits: noLimits })
    otp.subscribe(otelMetrics({ meterProvider: provider }))
    const { code } = await receive()
    await provider.forceFlush().catch(() => {})
    expect(await verify(code)).toMatchObject({ ok: true })
    expect(events.map(({ type }) => type)).toEqual(['sent', 'verified'])
    await provider.shutdown().catch(() => {})
  })

  it('that throws is a fault, and changes no answer', async () => {
    const meterProvider = {
      getMeter: () => {
        throw new Error('no meter')
      },
    }
    const { otp, receive, verify, events } = createFixture({ limits: noLimits })
    otp.subscribe(otelMetrics({ meterProvider }))
    const { code } = await receive()
    expect(await verify(code)).toMatchObject({ ok: true })
    expect(events.map(({ type }) => type)).toEqual(['sent', 'fault', 'verified', 'fault'])
  })
})

describe('options', () => {
  it.each([
    [{ meterProvider: {} }, '`meterProvider` must be an object with getMeter'],
    [{ meterProvider: null }, '`meterProvider` must be an object with getMeter'],
    [{ country: 'no' }, '`country` must be true or false'],
    [{ county: false }, '`county` is not known: did you mean `country`?'],
    [null, '`options` must be an object'],
  ])('%j are refused', (options, problem) => {
    expect(() => Reflect.apply(otelMetrics, undefined, [options])).toThrow(
      `otpkit: otelMetrics: option ${problem}`,
    )
  })
})
