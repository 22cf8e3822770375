import { type Delivery, DeliveryError } from 'otpkit'
import { fallback } from 'otpkit/deliveries/fallback'
import { type RetryOptions, withRetry } from 'otpkit/deliveries/with-retry'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { testMessage } from './delivery-suite'
import { everyFailure, useRouteProvider } from './route-provider'

const provider = useRouteProvider('shaky', ['phone', 'email'])
const other = useRouteProvider('other')

/** Waits that take no time, and a clock that they move on. */
function stoppedClock() {
  let now = 0
  const waits: number[] = []
  const clock = () => now
  const sleep = async (durationMs: number) => {
    waits.push(durationMs)
    now += durationMs
  }
  return { waits, options: { clock, sleep, random: () => 0.5 } satisfies RetryOptions }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('withRetry', () => {
  it('calls a provider that works once', async () => {
    const route = withRetry(provider.delivery)
    expect([route.name, route.reaches]).toEqual(['shaky', ['phone', 'email']])
    await expect(route.deliver(testMessage())).resolves.toMatchObject({ provider: 'shaky' })
    expect(provider.requests()).toBe(1)
  })

  it.each(everyFailure)(
    'S74 after $kind, sent $sent: repeats $repeats',
    async ({ kind, sent, repeats }) => {
      const { options } = stoppedClock()
      provider.fail({ kind, sent })
      const delivered = withRetry(provider.delivery, options).deliver(testMessage())
      await expect(delivered).rejects.toMatchObject({ kind, sent, provider: 'shaky' })
      expect(provider.requests()).toBe(repeats ? 3 : 1)
    },
  )

  it('ends with the first success', async () => {
    const { waits, options } = stoppedClock()
    provider.fail({ kind: 'unavailable', sent: 'no' })
    const sleep = async (durationMs: number) => {
      await options.sleep(durationMs)
      provider.recover()
    }
    const route = withRetry(provider.delivery, { ...options, sleep })
    await expect(route.deliver(testMessage())).resolves.toMatchObject({ provider: 'shaky' })
    expect([provider.requests(), waits]).toEqual([2, [125]])
  })

  it('S74 never repeats an error that is no DeliveryError', async () => {
    const crash = new Error('socket hang up')
    const deliver = vi.fn(() => Promise.reject(crash))
    const route = withRetry({ ...provider.delivery, deliver }, stoppedClock().options)
    await expect(route.deliver(testMessage())).rejects.toBe(crash)
    expect(deliver).toHaveBeenCalledTimes(1)
  })

  it('waits at random up to a bound that doubles, and no longer than the longest wait', async () => {
    const { waits, options } = stoppedClock()
    provider.fail({ kind: 'unavailable', sent: 'no' })
    const bounds = { attempts: 6, firstWait: '1s', longestWait: '5s' }
    const first = withRetry(provider.delivery, { ...options, ...bounds })
    await expect(first.deliver(testMessage())).rejects.toMatchObject({ kind: 'unavailable' })
    expect(waits).toEqual([500, 1_000, 2_000, 2_500, 2_500])
    waits.length = 0
    const none = withRetry(provider.delivery, { ...options, ...bounds, random: () => 0 })
    await expect(none.deliver(testMessage())).rejects.toMatchObject({ kind: 'unavailable' })
    expect(waits).toEqual([0, 0, 0, 0, 0])
  })

  it('waits at least as long as the provider asks for', async () => {
    const { waits, options } = stoppedClock()
    provider.fail({ kind: 'rate_limited', sent: 'no', retryAfterMs: 3_000 })
    const delivered = withRetry(provider.delivery, options).deliver(testMessage())
    await expect(delivered).rejects.toMatchObject({ retryAfterMs: 3_000 })
    expect([provider.requests(), waits]).toEqual([3, [3_000, 3_000]])
  })

  it('leaves a provider that asks for more than the longest wait to the next route', async () => {
    const { waits, options } = stoppedClock()
    provider.fail({ kind: 'rate_limited', sent: 'no', retryAfterMs: 5_001 })
    const route = fallback(withRetry(provider.delivery, options), other.delivery)
    await expect(route.deliver(testMessage())).resolves.toMatchObject({ provider: 'other' })
    expect([provider.requests(), other.requests(), waits]).toEqual([1, 1, []])
  })

  it('ends before the code dies', async () => {
    const { waits, options } = stoppedClock()
    provider.fail({ kind: 'rate_limited', sent: 'no', retryAfterMs: 1_000 })
    const route = withRetry(provider.delivery, { ...options, attempts: 10 })
    const delivered = route.deliver(testMessage({ expiresInMs: 3_000 }))
    await expect(delivered).rejects.toMatchObject({ kind: 'rate_limited' })
    expect([provider.requests(), waits]).toEqual([3, [1_000, 1_000]])
  })

  it('ends when a wait took longer than the code lives', async () => {
    let now = 0
    const sleep = async () => {
      now = 300_000
    }
    provider.fail({ kind: 'unavailable', sent: 'no' })
    const route = withRetry(provider.delivery, { clock: () => now, sleep })
    await expect(route.deliver(testMessage())).rejects.toMatchObject({ kind: 'unavailable' })
    expect(provider.requests()).toBe(1)
  })

  it('ends with the signal, in the middle of a wait', async () => {
    const call = new AbortController()
    const failure = new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'shaky' })
    const deliver = vi.fn<Delivery['deliver']>(() => Promise.reject(failure))
    vi.useFakeTimers()
    const route = withRetry(
      { ...provider.delivery, deliver },
      { firstWait: '5s', random: () => 0.9 },
    )
    const delivered = route.deliver(testMessage(), call).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(4_499)
    expect(vi.getTimerCount()).toBe(1)
    call.abort()
    expect(await delivered).toBe(failure)
    expect(vi.getTimerCount()).toBe(0)
    expect(deliver).toHaveBeenCalledTimes(1)
    expect(deliver.mock.lastCall?.[1]?.signal).toBe(call.signal)
    expect(await route.deliver(testMessage(), call).catch((error: unknown) => error)).toBe(failure)
    expect(deliver).toHaveBeenCalledTimes(2)
  })

  it('really waits without a clock of its own', async () => {
    vi.useFakeTimers()
    const failure = new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'shaky' })
    const deliver = vi
      .fn<Delivery['deliver']>()
      .mockRejectedValueOnce(failure)
      .mockResolvedValue({ provider: 'shaky' })
    const delivered = withRetry({ ...provider.delivery, deliver }).deliver(testMessage())
    await vi.advanceTimersByTimeAsync(250)
    await expect(delivered).resolves.toEqual({ provider: 'shaky' })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('refuses wrong options', () => {
    for (const attempts of [0, 1, 11, 2.5, Number.NaN]) {
      expect(() => withRetry(provider.delivery, { attempts })).toThrow(
        'otpkit: withRetry: option `attempts` must',
      )
    }
    for (const name of ['firstWait', 'longestWait']) {
      expect(() => withRetry(provider.delivery, { [name]: 'soon' })).toThrow(
        `otpkit: withRetry: option \`${name}\` must`,
      )
      // Meant in seconds.
      expect(() => withRetry(provider.delivery, { [name]: 5 })).toThrow("did you mean '5s'")
    }
    expect(() => Reflect.apply(withRetry, undefined, [undefined])).toThrow(
      'otpkit: withRetry: option `delivery` must be a delivery',
    )
  })
})
