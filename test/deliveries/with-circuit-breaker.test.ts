import type { Accepted, Delivery } from 'otpkit'
import { fallback } from 'otpkit/deliveries/fallback'
import { withCircuitBreaker } from 'otpkit/deliveries/with-circuit-breaker'
import { describe, expect, it } from 'vitest'
import { testMessage } from './delivery-suite'
import { everyFailure, useRouteProvider } from './route-provider'

const provider = useRouteProvider('shaky', ['phone', 'email'])
const other = useRouteProvider('other')

/** A breaker that opens after 3 failures for 30 seconds, and its clock. */
function createBreaker(delivery: Delivery = provider.delivery) {
  let now = 1_000
  const breaker = withCircuitBreaker(delivery, { failures: 3, cooldown: '30s', clock: () => now })
  const send = () =>
    breaker.deliver(testMessage()).then(
      () => 'taken',
      (error: unknown) => error,
    )
  const advance = (durationMs: number) => {
    now += durationMs
  }
  const open = async () => {
    provider.fail({ kind: 'unavailable', sent: 'unknown' })
    for (let failures = 0; failures < 3; failures += 1) await send()
  }
  return { breaker, send, advance, open }
}

const skipped = { kind: 'unavailable', sent: 'no', provider: 'shaky' }

describe('withCircuitBreaker', () => {
  it('changes nothing about a provider that works', async () => {
    const { breaker, send } = createBreaker()
    expect([breaker.name, breaker.reaches]).toEqual(['shaky', ['phone', 'email']])
    for (let messages = 0; messages < 5; messages += 1) expect(await send()).toBe('taken')
    expect(provider.requests()).toBe(5)
  })

  it.each(everyFailure)(
    'passes $kind, sent $sent, on; it opens the circuit: $counts',
    async ({ kind, sent, counts }) => {
      const { send } = createBreaker()
      provider.fail({ kind, sent })
      for (let failures = 0; failures < 3; failures += 1) {
        expect(await send()).toMatchObject({ kind, sent, provider: 'shaky' })
      }
      expect(await send()).toMatchObject(counts ? skipped : { kind, sent })
      expect(provider.requests()).toBe(counts ? 3 : 4)
    },
  )

  it('counts an error that is no DeliveryError', async () => {
    const crash = new Error('socket hang up')
    const { send } = createBreaker({ ...provider.delivery, deliver: () => Promise.reject(crash) })
    for (let failures = 0; failures < 3; failures += 1) expect(await send()).toBe(crash)
    expect(await send()).toMatchObject(skipped)
  })

  it('counts failures in a row only', async () => {
    const { send } = createBreaker()
    for (const answer of ['taken', 'invalid_recipient'] as const) {
      provider.fail({ kind: 'unavailable', sent: 'no' })
      await send()
      await send()
      if (answer === 'taken') provider.recover()
      else provider.fail({ kind: answer, sent: 'no' })
      await send()
    }
    provider.recover()
    expect(await send()).toBe('taken')
    expect(provider.requests()).toBe(7)
  })

  it('sends the next route what it skips, and says how long it will', async () => {
    const { breaker, open, send, advance } = createBreaker()
    await open()
    advance(10_000)
    expect(await send()).toMatchObject({ ...skipped, retryAfterMs: 20_000 })
    const route = fallback(breaker, other.delivery)
    await expect(route.deliver(testMessage())).resolves.toMatchObject({ provider: 'other' })
    expect([provider.requests(), other.requests()]).toEqual([3, 1])
  })

  it('probes with one message once the cooldown has passed, and closes on success', async () => {
    const { open, send, advance } = createBreaker()
    await open()
    advance(29_999)
    expect(await send()).toMatchObject(skipped)
    advance(1)
    provider.recover()
    const messages = await Promise.all([send(), send(), send()])
    expect(messages).toMatchObject(['taken', skipped, skipped])
    expect(provider.requests()).toBe(4)
    expect(await send()).toBe('taken')
  })

  it('cools down again after a probe that failed', async () => {
    const { open, send, advance } = createBreaker()
    await open()
    advance(30_000)
    expect(await send()).toMatchObject({ sent: 'unknown' })
    advance(29_999)
    expect(await send()).toMatchObject(skipped)
    advance(1)
    provider.fail({ kind: 'opted_out', sent: 'no' })
    expect(await send()).toMatchObject({ kind: 'opted_out' })
    provider.recover()
    expect(await send()).toBe('taken')
    expect(provider.requests()).toBe(6)
  })

  it('probes again when a probe never comes back', async () => {
    let hangs = false
    const { open, send, advance } = createBreaker({
      ...provider.delivery,
      deliver: (...call) =>
        hangs ? new Promise<Accepted>(() => {}) : provider.delivery.deliver(...call),
    })
    await open()
    advance(30_000)
    hangs = true
    send()
    hangs = false
    provider.recover()
    advance(29_999)
    expect(await send()).toMatchObject(skipped)
    advance(1)
    expect(await send()).toBe('taken')
  })

  it('refuses wrong options', () => {
    for (const failures of [0, -1, 1.5, Number.NaN]) {
      expect(() => withCircuitBreaker(provider.delivery, { failures })).toThrow(
        'otpkit: withCircuitBreaker: option `failures` must',
      )
    }
    expect(() => withCircuitBreaker(provider.delivery, { cooldown: 'a while' })).toThrow(
      'otpkit: withCircuitBreaker: option `cooldown` must',
    )
    // Meant in seconds.
    expect(() => withCircuitBreaker(provider.delivery, { cooldown: 30 })).toThrow(
      "did you mean '30s' or 30_000?",
    )
    expect(() => Reflect.apply(withCircuitBreaker, undefined, [{}])).toThrow(
      'otpkit: withCircuitBreaker: option `delivery` must be a delivery',
    )
  })

  it('has a clock of its own', async () => {
    const breaker = withCircuitBreaker(provider.delivery, { failures: 1 })
    provider.fail({ kind: 'insufficient_funds', sent: 'no' })
    const failure = await breaker.deliver(testMessage()).catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'insufficient_funds' })
    await expect(breaker.deliver(testMessage())).rejects.toMatchObject(skipped)
  })
})
