import { redisStore } from 'otpkit/stores/redis'
import { describe, expect, it } from 'vitest'
import { checkClock } from '../../src/internal/check-function'

describe('a clock', () => {
  const read = (value: unknown) => Reflect.apply(checkClock, undefined, ['a', () => value])?.()
  const text = 'otpkit: a: option `clock` must return milliseconds'

  it('tells milliseconds, whatever they are', () => {
    expect([0, -1, 1.5, 1e15].map(read)).toEqual([0, -1, 1.5, 1e15])
    expect(checkClock('a', undefined)).toBeUndefined()
  })

  it.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, new Date(0), {}])(
    'does not tell %s',
    (value) => {
      expect(() => read(value)).toThrow(new TypeError(text))
    },
  )

  it('that takes its time tells none, where a script would go by it', async () => {
    const asked: unknown[] = []
    const client = { eval: async () => asked.push('eval'), evalSha: async () => asked.push('sha') }
    const store = Reflect.apply(redisStore, undefined, [client, { clock: async () => 1 }])
    const put = async () => store.get('an-id')
    await expect(put()).rejects.toThrow(
      'otpkit: redisStore: option `clock` must return milliseconds',
    )
    expect(asked).toEqual([])
  })
})
