import { testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'

describe('testClock', () => {
  it('stands still, moves on when told, and works detached', () => {
    const { now, advance } = testClock(1_000)
    expect([now(), now()]).toEqual([1_000, 1_000])
    advance(0)
    advance(1)
    expect(now()).toBe(1_001)
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses to advance by %d',
    (milliseconds) => {
      expect(() => testClock().advance(milliseconds)).toThrow(TypeError)
    },
  )
})
