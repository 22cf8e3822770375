import { type Accepted, type Delivery, DeliveryError } from 'otpkit'
import { fallback } from 'otpkit/deliveries/fallback'
import { withTimeout } from 'otpkit/deliveries/with-timeout'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { testMessage } from './delivery-suite'
import { everyFailure, useRouteProvider } from './route-provider'

const provider = useRouteProvider('slow', ['phone', 'email'])
const other = useRouteProvider('other')

// Only these, so that the connections to the providers go on as ever.
const stopTheClock = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

afterEach(() => {
  vi.useRealTimers()
})

describe('withTimeout', () => {
  it('changes nothing about a provider that answers in time', async () => {
    const route = withTimeout(provider.delivery, '5s')
    expect([route.name, route.reaches]).toEqual(['slow', ['phone', 'email']])
    await expect(route.deliver(testMessage())).resolves.toEqual({
      provider: 'slow',
      messageId: 'message-1',
    })
  })

  it.each(everyFailure)('passes $kind, sent $sent, on', async ({ kind, sent }) => {
    provider.fail({ kind, sent })
    const delivered = withTimeout(provider.delivery, 5_000).deliver(testMessage())
    await expect(delivered).rejects.toMatchObject({ kind, sent, provider: 'slow' })
    expect(provider.requests()).toBe(1)
  })

  it('S74 gives up at exactly the timeout, ends the call, and tries no other route', async () => {
    stopTheClock()
    const signals: AbortSignal[] = []
    const watched: Delivery = {
      ...provider.delivery,
      deliver: (message, options) => {
        if (options?.signal) signals.push(options.signal)
        return provider.delivery.deliver(message, options)
      },
    }
    const asked = new Promise<void>((resolve) => provider.hang(resolve))
    const route = fallback(withTimeout(watched, '5s'), other.delivery)
    const failure = route.deliver(testMessage()).catch((error: unknown) => error)
    await asked
    await vi.advanceTimersByTimeAsync(4_999)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await vi.advanceTimersByTimeAsync(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(await failure).toMatchObject({ kind: 'unknown', sent: 'unknown', provider: 'slow' })
    expect([provider.requests(), other.requests()]).toEqual([1, 0])
  })

  it('does not wait for a delivery that ignores its signal, nor for its late answer', async () => {
    stopTheClock()
    let answer = (_accepted: Accepted) => {}
    const deaf: Delivery = {
      ...provider.delivery,
      deliver: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    }
    const failure = withTimeout(deaf, '1s')
      .deliver(testMessage())
      .catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await failure).toMatchObject({ sent: 'unknown' })
    answer({ provider: 'slow' })
  })

  it('ends with the caller’s signal, and starts nothing after it', async () => {
    const call = new AbortController()
    const asked = new Promise<void>((resolve) => provider.hang(resolve))
    const route = withTimeout(provider.delivery, '5s')
    const failure = route.deliver(testMessage(), call).catch((error: unknown) => error)
    await asked
    call.abort()
    expect(await failure).toMatchObject({ kind: 'unknown', sent: 'unknown' })
    const late = route.deliver(testMessage(), call)
    await expect(late).rejects.toMatchObject({ kind: 'unavailable', sent: 'no' })
    expect(provider.requests()).toBe(1)
  })

  it('leaves no timer and no listener behind', async () => {
    stopTheClock()
    const { signal } = new AbortController()
    const listeners = new Set<unknown>()
    vi.spyOn(signal, 'addEventListener').mockImplementation((_type, listener) => {
      listeners.add(listener)
    })
    vi.spyOn(signal, 'removeEventListener').mockImplementation((_type, listener) => {
      expect(listeners.delete(listener)).toBe(true)
    })
    const failure = new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'slow' })
    for (const deliver of [
      () => Promise.resolve({ provider: 'slow' }),
      () => Promise.reject(failure),
    ]) {
      const route = withTimeout({ ...provider.delivery, deliver }, '5s')
      await Promise.allSettled([route.deliver(testMessage(), { signal })])
    }
    expect(listeners.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('passes on what a delivery throws before it returns a promise', async () => {
    const failure = new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'slow' })
    const deliver = () => {
      throw failure
    }
    const delivered = withTimeout({ ...provider.delivery, deliver }, '5s').deliver(testMessage())
    await expect(delivered).rejects.toBe(failure)
  })

  it('refuses wrong options', () => {
    for (const timeout of ['5', 0, -1, Number.NaN, '25d', 2 ** 31]) {
      expect(() => withTimeout(provider.delivery, timeout)).toThrow(TypeError)
      expect(() => withTimeout(provider.delivery, timeout)).toThrow(
        'otpkit: withTimeout: option `timeout` ',
      )
    }
    // Meant in seconds: the outcome of every message would be unknown.
    expect(() => withTimeout(provider.delivery, 5)).toThrow("did you mean '5s' or 5_000?")
    expect(() => withTimeout(provider.delivery, '100ms')).not.toThrow()
    expect(() => Reflect.apply(withTimeout, undefined, [undefined, '5s'])).toThrow(
      'otpkit: withTimeout: option `delivery` must be a delivery',
    )
  })
})
