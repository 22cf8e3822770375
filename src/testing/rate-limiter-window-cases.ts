import { type Checks, expectSame, expectThat } from './conformance'
import { opaque } from './random'
import { charge, expectTaken, look, newLimit } from './rate-limiter-samples'
import type { RateLimiterUnderTest } from './subjects'

/** What fits into which window, and when. */
export const rateLimiterWindowCases: Checks<RateLimiterUnderTest> = {
  'S45 a charge counts until 1 ms before its window has passed': async ({
    rateLimiter,
    advance,
  }) => {
    const limit = newLimit({ max: 1, windowMs: 60_000 })
    const retry = { retryAfterMs: 60_000, used: [1] }
    expectTaken(await rateLimiter.take([limit]), { ok: true, ...retry }, 'the first take')
    expectTaken(
      await rateLimiter.take([limit]),
      { ok: false, index: 0, ...retry },
      'a second one at once',
    )
    await advance(59_999)
    expectTaken(
      await rateLimiter.take([limit]),
      { ok: false, index: 0, retryAfterMs: 1, used: [1] },
      'a take 1 ms before the window has passed',
    )
    await advance(1)
    expectTaken(
      await rateLimiter.take([limit]),
      { ok: true, ...retry },
      'a take once the window has passed',
    )
  },

  'S39 no burst across the border of two windows, wherever the border is': async ({
    rateLimiter,
    advance,
  }) => {
    for (const offsetMs of [0, 13_000, 29_999, 30_001, 47_000]) {
      await advance(offsetMs)
      const limit = newLimit({ max: 5 })
      await charge(rateLimiter, limit)
      await advance(59_990)
      for (const _ of [1, 2, 3, 4]) await charge(rateLimiter, limit)
      await advance(10)
      await charge(rateLimiter, limit)
      for (const waitMs of [0, 1, 29_000, 30_988]) {
        await advance(waitMs)
        expectThat(!(await rateLimiter.take([limit])).ok, '6 of 5 were accepted within a minute')
      }
      await advance(1)
      await charge(rateLimiter, limit)
    }
  },

  'used and retryAfterMs are exact: 1 ms earlier is refused, on time is accepted': async ({
    rateLimiter,
    advance,
  }) => {
    const limit = newLimit({ max: 4, windowMs: 10_000 })
    for (const pauseMs of [1_000, 10, 2_000, 0]) {
      await charge(rateLimiter, limit)
      await advance(pauseMs)
    }
    for (const waitMs of [6_990, 1_000, 10, 2_000, 6_990]) {
      expectTaken(
        await rateLimiter.take([limit]),
        { ok: false, index: 0, retryAfterMs: waitMs, used: [4] },
        'a take without room',
      )
      await advance(waitMs - 1)
      expectTaken(
        await rateLimiter.take([limit]),
        { ok: false, index: 0, retryAfterMs: 1, used: [4] },
        'a take 1 ms early',
      )
      await advance(1)
      const taken = await rateLimiter.take([limit])
      expectSame([taken.ok, taken.used], [true, [4]], 'a take on time')
    }
  },

  'several windows over one key are charged once and all hold': async ({
    rateLimiter,
    advance,
  }) => {
    const key = opaque()
    const limits = [
      { key, max: 1, windowMs: 30_000 },
      { key, max: 3, windowMs: 120_000 },
      { key, max: 5, windowMs: 3_600_000 },
    ]
    const steps = [
      { ok: true, retryAfterMs: 30_000, used: [1, 1, 1] },
      { ok: true, retryAfterMs: 30_000, used: [1, 2, 2] },
      { ok: true, retryAfterMs: 60_000, used: [1, 3, 3] },
      { ok: true, retryAfterMs: 30_000, used: [1, 3, 4] },
      { ok: true, retryAfterMs: 3_450_000, used: [1, 3, 5] },
      { ok: true, retryAfterMs: 30_000, used: [1, 1, 5] },
    ]
    for (const expected of steps) {
      const { retryAfterMs } = expected
      expectTaken(await rateLimiter.take(limits), expected, 'a take on time')
      await advance(retryAfterMs - 1)
      const early = await rateLimiter.take(limits)
      expectSame([early.ok, early.retryAfterMs], [false, 1], 'a take 1 ms early')
      await advance(1)
    }
  },

  'the limit that refuses is named; of several, the one with the longest wait': async ({
    rateLimiter,
    advance,
  }) => {
    const [free, short, long] = [
      newLimit(),
      newLimit({ max: 1, windowMs: 1_000 }),
      newLimit({ max: 1, windowMs: 5_000 }),
    ]
    await charge(rateLimiter, short)
    await charge(rateLimiter, long)
    await advance(200)
    expectTaken(
      await rateLimiter.take([free, short]),
      { ok: false, index: 1, retryAfterMs: 800, used: [0, 1] },
      'one full limit',
    )
    for (const limits of [
      [short, free, long],
      [long, free, short],
    ]) {
      expectTaken(
        await rateLimiter.take(limits),
        { ok: false, index: limits.indexOf(long), retryAfterMs: 4_800, used: [1, 0, 1] },
        'two full limits',
      )
    }
  },

  'when one limit refuses, none is charged': async ({ rateLimiter, advance }) => {
    const [full, one, other] = [newLimit({ max: 1, windowMs: 90_000 }), newLimit(), newLimit()]
    await charge(rateLimiter, full)
    await charge(rateLimiter, one)
    for (const limits of [
      [full, one, other],
      [one, full, other],
      [one, other, full],
    ]) {
      expectThat(!(await rateLimiter.take(limits)).ok, 'a take over a full limit was accepted')
      expectSame(await look(rateLimiter, full, one, other), [1, 1, 0], 'units after the refusal')
    }
    await advance(90_000)
    await charge(rateLimiter, full, one, other)
    expectSame(await look(rateLimiter, full, one, other), [1, 1, 1], 'units once there was room')
  },

  'a charge under a short window is seen by a later long one whose length came with it': async ({
    rateLimiter,
    advance,
  }) => {
    for (const longFirst of [false, true]) {
      const key = opaque()
      const short = { key, max: 1, windowMs: 1_000 }
      const kept = { key, max: 1_000_000_000, windowMs: 60_000 }
      const limits = longFirst ? [kept, short] : [short, kept]
      for (const count of [1, 2, 3]) {
        const taken = await rateLimiter.take(limits)
        const used = longFirst ? [count, 1] : [1, count]
        expectTaken(taken, { ok: true, retryAfterMs: 1_000, used }, 'a take under a short window')
        await advance(10_000)
      }
      const long = { key, max: 3, windowMs: 60_000 }
      expectTaken(
        await rateLimiter.take([long]),
        { ok: false, index: 0, retryAfterMs: 30_000, used: [3] },
        'a take under a long window',
      )
      await advance(30_000)
      expectTaken(
        await rateLimiter.take([long]),
        { ok: true, retryAfterMs: 10_000, used: [3] },
        'a take once the first charge has aged out',
      )
    }
  },

  'keys do not touch each other, however alike they are': async ({ rateLimiter }) => {
    const key = `aB_${opaque().slice(3)}`
    const keys = [
      key,
      `AB${key.slice(2)}`,
      key.slice(0, -1),
      `${key}0`,
      `aB-${key.slice(3)}`,
      `b${key.slice(1)}`,
      `_${key.slice(1)}`,
    ]
    for (const [index, key] of keys.entries()) {
      const limit = newLimit({ key, max: index + 1 })
      for (let count = 1; count <= limit.max; count += 1) {
        expectSame((await rateLimiter.take([limit])).used, [count], 'used')
      }
      expectThat(!(await rateLimiter.take([limit])).ok, 'a full limit accepted')
    }
  },

  'nothing to take, refund or clear is no fault': async ({ rateLimiter }) => {
    expectTaken(await rateLimiter.take([]), { ok: true, retryAfterMs: 0, used: [] }, 'no limits')
    const limit = newLimit()
    const taken = await charge(rateLimiter, limit)
    await rateLimiter.refund([], taken)
    await rateLimiter.clear([])
    expectSame(await look(rateLimiter, limit), [1], 'units afterwards')
  },
}
