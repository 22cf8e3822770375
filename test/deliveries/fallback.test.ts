import { type Delivery, DeliveryError } from 'otpkit'
import { fallback } from 'otpkit/deliveries/fallback'
import { describe, expect, it, vi } from 'vitest'
import { testMessage } from './delivery-suite'
import { everyFailure, useRouteProvider } from './route-provider'

const first = useRouteProvider('first')
const second = useRouteProvider('second')
const third = useRouteProvider('third', ['email'])
const route = fallback(first.delivery, third.delivery, second.delivery)
const requests = () => [first.requests(), second.requests(), third.requests()]

describe('fallback', () => {
  it('uses the first route while it works', async () => {
    await expect(route.deliver(testMessage())).resolves.toMatchObject({ provider: 'first' })
    expect(requests()).toEqual([1, 0, 0])
  })

  it.each(everyFailure)(
    'S73 S74 after $kind, sent $sent: moves on $movesOn',
    async ({ kind, sent, movesOn }) => {
      first.fail({ kind, sent })
      const delivered = route.deliver(testMessage())
      if (movesOn) await expect(delivered).resolves.toMatchObject({ provider: 'second' })
      else await expect(delivered).rejects.toMatchObject({ kind, sent, provider: 'first' })
      expect(requests()).toEqual([1, movesOn ? 1 : 0, 0])
    },
  )

  it('throws what the last route threw', async () => {
    first.fail({ kind: 'unavailable', sent: 'no' })
    second.fail({ kind: 'invalid_recipient', sent: 'no', retryAfterMs: 5 })
    await expect(route.deliver(testMessage())).rejects.toMatchObject({
      kind: 'invalid_recipient',
      sent: 'no',
      retryAfterMs: 5,
      provider: 'second',
    })
    expect(requests()).toEqual([1, 1, 0])
  })

  it('S74 stops at an error that is no DeliveryError: the message may be on its way', async () => {
    const crash = new Error('socket hang up')
    const crashing: Delivery = { ...first.delivery, deliver: () => Promise.reject(crash) }
    const delivered = fallback(crashing, second.delivery).deliver(testMessage())
    await expect(delivered).rejects.toBe(crash)
    expect(requests()).toEqual([0, 0, 0])
  })

  it('knows the errors of another copy of the library', async () => {
    vi.resetModules()
    const copy = await import('../../src/errors')
    expect(copy.DeliveryError).not.toBe(DeliveryError)
    const failure = { kind: 'unavailable', sent: 'no', provider: 'first' } as const
    const deliver = () => Promise.reject(new copy.DeliveryError(failure))
    const delivered = fallback({ ...first.delivery, deliver }, second.delivery)
    await expect(delivered.deliver(testMessage())).resolves.toMatchObject({ provider: 'second' })
  })

  it('passes over routes that do not reach the recipient', async () => {
    expect(route.reaches).toEqual(['phone', 'email'])
    const message = testMessage({ to: 'person@example.com', channel: 'email' })
    await expect(route.deliver(message)).resolves.toMatchObject({ provider: 'third' })
    expect(requests()).toEqual([0, 0, 1])
  })

  it('is misconfigured where no route reaches the recipient', async () => {
    const delivered = fallback(first.delivery).deliver(testMessage({ to: '+91@example.com' }))
    await expect(delivered).rejects.toMatchObject({ kind: 'misconfigured', sent: 'no' })
    expect(requests()).toEqual([0, 0, 0])
  })

  it('tries no other route once the call has been ended', async () => {
    const call = new AbortController()
    const failing: Delivery = {
      ...first.delivery,
      deliver: async () => {
        call.abort()
        throw new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'first' })
      },
    }
    const delivered = fallback(failing, second.delivery).deliver(testMessage(), call)
    await expect(delivered).rejects.toMatchObject({ provider: 'first' })
    expect(requests()).toEqual([0, 0, 0])
  })

  it('moves on inside routes of routes, each provider once', async () => {
    first.fail({ kind: 'rate_limited', sent: 'no' })
    second.fail({ kind: 'insufficient_funds', sent: 'no' })
    const inner = fallback(first.delivery, second.delivery)
    const delivered = fallback(inner, third.delivery).deliver(testMessage())
    await expect(delivered).rejects.toMatchObject({ provider: 'second' })
    expect(requests()).toEqual([1, 1, 0])
  })

  it('refuses what is no delivery', () => {
    const broken = Object.create(null)
    for (const value of [undefined, null, broken, { deliver: () => {} }]) {
      expect(() => Reflect.apply(fallback, undefined, [first.delivery, value])).toThrow(
        new TypeError('otpkit: fallback: option `routes.1` must be a delivery'),
      )
    }
  })
})
