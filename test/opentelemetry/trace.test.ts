import { trace } from '@opentelemetry/api'
import { type Delivery, DeliveryError, type OtpEvent, type Trace } from 'otpkit'
import { fallback } from 'otpkit/deliveries/fallback'
import { otelTrace } from 'otpkit/opentelemetry'
import { capturedDelivery } from 'otpkit/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { operation } from '../../src/core/trace'
import { createFixture, noLimits, phone, wrong } from '../fixture'
import { createSpans, useContexts } from './sdk'

useContexts()
afterEach(() => trace.disable())

const refused = (provider: string) =>
  new DeliveryError({ kind: 'misconfigured', sent: 'no', provider, providerCode: '20003' })

function createTraced(options: Parameters<typeof createFixture>[0] = {}) {
  const spans = createSpans()
  const tracing = otelTrace({ tracerProvider: spans.provider })
  return { ...createFixture({ limits: noLimits, trace: tracing, ...options }), ...spans }
}

describe('spans', () => {
  it('of a message and of its code', async () => {
    const { receive, verify, told, spans } = createTraced()
    const { code } = await receive()
    await verify(wrong(code))
    await verify(code)
    await verify(code)
    const asked = { purpose: 'login', channel: 'sms' }
    expect(told()).toEqual([
      {
        name: 'otpkit.deliver',
        parent: 'otpkit.send',
        channel: 'sms',
        country: 'IN',
        provider: 'sms-provider',
        outcome: 'accepted',
      },
      { name: 'otpkit.send', parent: undefined, ...asked, outcome: 'accepted' },
      // A code that is not right is an answer, and no error.
      { name: 'otpkit.verify', parent: undefined, purpose: 'login', outcome: 'incorrect' },
      { name: 'otpkit.verify', parent: undefined, purpose: 'login', outcome: 'verified' },
      { name: 'otpkit.verify', parent: undefined, purpose: 'login', outcome: 'used' },
    ])
    const [deliver, send] = spans()
    expect(deliver?.instrumentationScope).toMatchObject({ name: 'otpkit' })
    // CLIENT, and INTERNAL.
    expect([deliver?.kind, send?.kind]).toEqual([2, 0])
  })

  it('of resend and relay, and of a message that is relayed twice', async () => {
    const { otp, receive, told, reset } = createTraced()
    const { sent } = await receive()
    reset()
    await otp.resend({ challengeId: sent.challengeId, channel: 'whatsapp', ip: null })
    const relayed = {
      to: phone,
      code: '471193',
      channel: 'sms',
      purpose: 'login',
      ip: null,
    } as const
    await otp.relay(relayed)
    await otp.relay(relayed)
    expect(told()).toMatchObject([
      { name: 'otpkit.deliver', parent: 'otpkit.resend', provider: 'whatsapp-provider' },
      { name: 'otpkit.resend', channel: 'whatsapp', outcome: 'accepted' },
      { name: 'otpkit.deliver', parent: 'otpkit.relay', provider: 'sms-provider' },
      { name: 'otpkit.relay', channel: 'sms', outcome: 'accepted' },
      { name: 'otpkit.relay', channel: 'sms', outcome: 'duplicate' },
    ])
  })

  it('say what was refused, and call none of it an error', async () => {
    const { otp, send, told } = createTraced({ limits: { cooldown: '30s' } })
    await send()
    await send()
    await send({ to: '9876543210', channel: ['whatsapp', 'sms'], purpose: 'signup' })
    await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null, deliver: false })
    const outcomes = told().filter(({ name }) => name === 'otpkit.send')
    expect(outcomes).toMatchObject([
      { outcome: 'accepted' },
      { outcome: 'rate_limited', limit: 'cooldown', purpose: 'login', channel: 'sms' },
      {
        outcome: 'invalid',
        problem: 'country_code_missing',
        purpose: 'signup',
        channel: 'whatsapp',
      },
      { outcome: 'rate_limited', limit: 'cooldown' },
    ])
    expect(told().filter((span) => 'status' in span || 'error.type' in span)).toEqual([])
  })

  it('a failure of a provider is an error of its delivery, and not of the message', async () => {
    const { sms, send, told } = createTraced()
    sms.failNext(refused('sms-provider'))
    await send({ channel: ['sms', 'whatsapp'] })
    sms.failNext(refused('sms-provider'))
    await expect(send()).rejects.toThrow('no delivery took the message')
    const failed = {
      name: 'otpkit.deliver',
      status: 'error',
      'error.type': 'misconfigured',
      provider_code: '20003',
      outcome: 'failed',
    }
    const spans = told()
    expect(spans).toMatchObject([
      { ...failed, channel: 'sms' },
      { name: 'otpkit.deliver', channel: 'whatsapp', outcome: 'accepted' },
      { name: 'otpkit.send', channel: 'whatsapp', outcome: 'accepted' },
      failed,
      { name: 'otpkit.send', outcome: 'delivery_failed' },
    ])
    expect(
      spans.filter(({ name }) => name === 'otpkit.send').some((span) => 'status' in span),
    ).toBe(false)
  })

  it('each route of a fallback has its own', async () => {
    const first = capturedDelivery({ name: 'first', reaches: ['phone'] })
    const second = capturedDelivery({ name: 'second', reaches: ['phone'] })
    const { send, told } = createTraced({
      deliveries: { sms: fallback(first, second), whatsapp: first, email: noDelivery },
    })
    first.failNext(refused('first'))
    await send()
    expect(told()).toMatchObject([
      { provider: 'first', parent: 'otpkit.deliver', status: 'error', outcome: 'failed' },
      { provider: 'second', parent: 'otpkit.deliver', outcome: 'accepted' },
      { provider: 'second', parent: 'otpkit.send', outcome: 'accepted' },
      { name: 'otpkit.send' },
    ])
  })

  it('a message of unknown fate is an error of its delivery', async () => {
    const { sms, send, told } = createTraced()
    sms.failNext(new DeliveryError({ kind: 'unavailable', sent: 'unknown', provider: 'p' }))
    await send()
    expect(told()).toMatchObject([
      { name: 'otpkit.deliver', status: 'error', 'error.type': 'unavailable', outcome: 'unknown' },
      { name: 'otpkit.send', outcome: 'unknown' },
    ])
  })

  it('what is delivered behind the answer belongs to the send that it is of', async () => {
    const works: Promise<void>[] = []
    const { otp, told, spans } = createTraced({ background: (work) => void works.push(work) })
    const ask = { channel: 'sms', purpose: 'login', ip: null } as const
    await Promise.all(
      ['+919876543210', '+919876543211', '+919876543212'].map((to) => otp.send({ ...ask, to })),
    )
    expect(told().map(({ name }) => name)).toEqual(Array(3).fill('otpkit.send'))
    await Promise.all(works)
    const [deliveries, sends] = ['otpkit.deliver', 'otpkit.send'].map((name) =>
      spans().filter((span) => span.name === name),
    )
    expect(deliveries?.map((span) => span.parentSpanContext?.spanId).sort()).toEqual(
      sends?.map((span) => span.spanContext().spanId).sort(),
    )
    expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(3)
  })

  it('a span of the application is the parent of ours, and ours of what a delivery does', async () => {
    const spans = createSpans()
    const tracer = spans.provider.getTracer('application')
    const delivery: Delivery = {
      name: 'http',
      reaches: ['phone'],
      deliver: () =>
        tracer.startActiveSpan('GET', async (span) => {
          span.end()
          return { provider: 'http' }
        }),
    }
    const { send } = createFixture({
      trace: otelTrace({ tracerProvider: spans.provider }),
      deliveries: { sms: delivery, whatsapp: delivery, email: noDelivery },
    })
    await tracer.startActiveSpan('POST /login', async (span) => {
      await send()
      span.end()
    })
    expect(spans.told()).toMatchObject([
      { name: 'GET', parent: 'otpkit.deliver' },
      { name: 'otpkit.deliver', parent: 'otpkit.send' },
      { name: 'otpkit.send', parent: 'POST /login' },
      { name: 'POST /login' },
    ])
  })

  it('a database that is down is an error of what was asked for', async () => {
    const down = () => Promise.reject(new Error('connection refused'))
    const { store } = createFixture()
    const { send, verify, told } = createTraced({
      store: { ...store, put: down, attempt: down, get: down },
    })
    await expect(send()).rejects.toThrow('the store failed')
    await expect(verify('123456')).rejects.toThrow('the store failed')
    const fault = { status: 'error', 'error.type': 'store_unavailable' }
    expect(told()).toMatchObject([
      { name: 'otpkit.send', ...fault },
      { name: 'otpkit.verify', ...fault },
    ])
  })

  it('what the calling code did wrong is an error, of no name', async () => {
    const { otp, told } = createTraced()
    const guess = { to: phone, purpose: 'login', code: '123456', ip: null } as const
    await expect(otp.verify({ ...guess, proof: '2d' })).rejects.toThrow(TypeError)
    expect(told()).toMatchObject([
      { name: 'otpkit.verify', status: 'error', 'error.type': '_OTHER' },
    ])
  })

  it('begin with the provider that is set later, and go on with the next', async () => {
    const { send } = createFixture({ trace: otelTrace(), limits: noLimits })
    const [first, second] = [createSpans(), createSpans()]
    await send()
    trace.setGlobalTracerProvider(first.provider)
    await send()
    trace.disable()
    trace.setGlobalTracerProvider(second.provider)
    await send()
    const names = ['otpkit.deliver', 'otpkit.send']
    expect(first.told().map(({ name }) => name)).toEqual(names)
    expect(second.told().map(({ name }) => name)).toEqual(names)
  })
})

describe('a trace that is broken changes no answer', () => {
  const lost = new Error('no exporter')
  const faultsIn = (events: readonly OtpEvent[]) =>
    events.flatMap((event) =>
      event.type === 'fault' ? [{ during: event.during, error: event.error }] : [],
    )

  /** With how many faults it tells of a send and a verify, and how many where the send fails. */
  const broken: readonly (readonly [string, Trace, number, number])[] = [
    [
      'throws',
      () => {
        throw lost
      },
      3,
      3,
    ],
    ['rejects', () => Promise.reject(lost), 3, 3],
    ['never answers', () => new Promise(() => {}), 0, 0],
    ['runs the work twice', (_name, _attributes, run) => run().then(() => run()), 0, 0],
    [
      'rejects after the work',
      (_name, _attributes, run) => run().then(() => Promise.reject(lost)),
      3,
      1,
    ],
    [
      'makes another error of the one of the work',
      (_name, _attributes, run) =>
        run().catch(() => {
          throw lost
        }),
      0,
      2,
    ],
    [
      'throws when it hears what came of it',
      (_name, _attributes, run) =>
        run(() => {
          throw lost
        }),
      3,
      3,
    ],
    [
      'runs the work late',
      async (_name, _attributes, run) => {
        await null
        return run()
      },
      0,
      0,
    ],
  ]

  it.each(broken)('that %s', async (_, tracing, faults) => {
    const { sms, receive, verify, events } = createFixture({ trace: tracing, limits: noLimits })
    const { code } = await receive()
    expect(await verify(code)).toMatchObject({ ok: true })
    await new Promise(setImmediate)
    expect(sms.messages).toHaveLength(1)
    expect(faultsIn(events)).toEqual(Array(faults).fill({ during: 'listener', error: lost }))
  })

  it.each(broken)('that %s, where the work fails', async (_, tracing, _faults, faults) => {
    const { sms, send, verify, events } = createFixture({ trace: tracing, limits: noLimits })
    sms.failNext(refused('p'))
    await expect(send()).rejects.toMatchObject({ code: 'delivery_failed' })
    expect(await verify('123456')).toMatchObject({ ok: false, reason: 'incorrect' })
    await new Promise(setImmediate)
    expect(faultsIn(events)).toEqual(Array(faults).fill({ during: 'listener', error: lost }))
  })

  it('that passes the work on tells no fault of it', async () => {
    const { sms, send, events } = createFixture({ trace: (_name, _attributes, run) => run() })
    sms.failNext(refused('p'))
    await expect(send()).rejects.toMatchObject({ code: 'delivery_failed' })
    await new Promise(setImmediate)
    expect(events.map(({ type }) => type)).toEqual(['delivery_failed', 'unsent'])
  })

  it('of a request that nobody can read', async () => {
    const told: unknown[] = []
    const { otp } = createFixture({
      trace: (name, attributes, run) => run((more) => told.push([name, attributes, more])),
    })
    const unreadable = {
      get purpose(): string {
        throw new Error('nobody reads this')
      },
    }
    const requests: unknown[] = [null, 7, {}, { purpose: phone, channel: [phone] }, unreadable]
    const problems: unknown[] = []
    for (const request of requests) {
      const answer = await Reflect.apply(otp.send, otp, [request])
      expect(answer).toMatchObject({ ok: false, reason: 'invalid' })
      problems.push(answer.problem)
    }
    expect(told).toEqual(
      problems.map((problem) => {
        return ['otpkit.send', {}, { 'otpkit.outcome': 'invalid', 'otpkit.problem': problem }]
      }),
    )
  })
})

describe('without a trace', () => {
  it('the work is done as it is, and a delivery is handed over as it is', async () => {
    const given: unknown[] = []
    const delivery: Delivery = {
      name: 'plain',
      reaches: ['phone'],
      deliver: async (_message, options) => {
        given.push(Object.keys(options ?? {}))
        return { provider: 'plain' }
      },
    }
    const { send } = createFixture({
      deliveries: { sms: delivery, whatsapp: delivery, email: noDelivery },
    })
    await send()
    expect(given).toEqual([['onFailure']])
    const core = Object({ settings: {} })
    const answer = Promise.resolve({ ok: false, reason: 'expired' } as const)
    expect(operation(core, 'otpkit.verify', null, () => answer)).toBe(answer)
  })
})

describe('options', () => {
  it('that are wrong are named', () => {
    const make = (options: object) => () => Reflect.apply(otelTrace, undefined, [options])
    expect(make({ tracerProvider: {} })).toThrow(
      'otpkit: otelTrace: option `tracerProvider` must be an object with getTracer',
    )
    expect(make({ tracer: 1 })).toThrow('did you mean `tracerProvider`?')
    const wrongTrace = Object('yes')
    expect(() => createFixture({ trace: wrongTrace })).toThrow(
      'otpkit: OtpManager: option `trace` must be a function',
    )
  })
})

const noDelivery = capturedDelivery({ name: 'mail', reaches: ['email'] })
