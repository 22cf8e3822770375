import { type Checks, expectSame, expectThat } from './conformance'
import { charge, expectTaken, look, newLimit } from './rate-limiter-samples'
import type { RateLimiterUnderTest } from './subjects'

/** What costs other than 1 do, and what clearing forgets. */
export const rateLimiterCostCases: Checks<RateLimiterUnderTest> = {
  'a cost of 0 looks, charges nothing and never refuses': async ({ rateLimiter, advance }) => {
    const limit = newLimit({ max: 2, windowMs: 1_000 })
    const glance = { ...limit, cost: 0 }
    const expectLook = async (used: number, retryAfterMs: number) =>
      expectTaken(
        await rateLimiter.take([glance]),
        { ok: true, retryAfterMs, used: [used] },
        `a look at ${used} of 2`,
      )
    for (const _ of [1, 2, 3, 4]) await expectLook(0, 0)
    await charge(rateLimiter, limit)
    await advance(100)
    for (const _ of [1, 2, 3, 4]) await expectLook(1, 0)
    await charge(rateLimiter, limit)
    for (const _ of [1, 2, 3, 4]) await expectLook(2, 900)
    await advance(900)
    await expectLook(1, 0)
  },

  'a look beside limits that charge changes nothing but the wait': async ({ rateLimiter }) => {
    const [full, one] = [newLimit({ max: 1, windowMs: 90_000 }), newLimit({ max: 1 })]
    await charge(rateLimiter, full)
    const limits = [{ ...full, cost: 0 }, one]
    expectTaken(
      await rateLimiter.take(limits),
      { ok: true, retryAfterMs: 90_000, used: [1, 1] },
      'a take beside a look at a full limit',
    )
    expectTaken(
      await rateLimiter.take(limits),
      { ok: false, index: 1, retryAfterMs: 60_000, used: [1, 1] },
      'a refused take beside a look at a full limit',
    )
  },

  "a look's charge has nothing to refund": async ({ rateLimiter }) => {
    const limit = newLimit()
    await charge(rateLimiter, limit)
    const looked = await charge(rateLimiter, { ...limit, cost: 0 })
    await rateLimiter.refund([limit.key], looked)
    expectSame(await look(rateLimiter, limit), [1], 'units after the refund')
  },

  'a cost of several units is charged whole or not at all': async ({ rateLimiter, advance }) => {
    const limit = newLimit({ max: 10, windowMs: 10_000 })
    const costing = (cost: number) => rateLimiter.take([{ ...limit, cost }])
    expectTaken(await costing(4), { ok: true, retryAfterMs: 0, used: [4] }, '4 of 10')
    await advance(1_000)
    expectTaken(await costing(5), { ok: true, retryAfterMs: 9_000, used: [9] }, '4 + 5 of 10')
    expectTaken(
      await costing(3),
      { ok: false, index: 0, retryAfterMs: 9_000, used: [9] },
      '4 + 5 + 3 of 10',
    )
    expectTaken(
      await costing(6),
      { ok: false, index: 0, retryAfterMs: 10_000, used: [9] },
      '4 + 5 + 6 of 10',
    )
    expectTaken(await costing(1), { ok: true, retryAfterMs: 9_000, used: [10] }, '4 + 5 + 1 of 10')
    await advance(9_000)
    expectTaken(await costing(4), { ok: true, retryAfterMs: 1_000, used: [10] }, '5 + 1 + 4 of 10')
  },

  'a cost above max never fits': async ({ rateLimiter, advance }) => {
    const [small, other] = [newLimit({ max: 2, cost: 3 }), newLimit()]
    const refused = { ok: false, index: 1, retryAfterMs: 60_000, used: [0, 0] }
    expectTaken(await rateLimiter.take([other, small]), refused, '3 of 2')
    await advance(60_000)
    expectTaken(await rateLimiter.take([other, small]), refused, '3 of 2 a window later')
  },

  'clear forgets all charges of the keys it names': async ({ rateLimiter }) => {
    const [one, two, three] = [newLimit({ max: 2 }), newLimit({ max: 2 }), newLimit({ max: 2 })]
    await charge(rateLimiter, one, two, three)
    await charge(rateLimiter, one, two, three)
    await rateLimiter.clear([one.key, newLimit().key, three.key])
    expectSame(await look(rateLimiter, one, two, three), [0, 2, 0], 'units afterwards')
    expectTaken(
      await rateLimiter.take([one, three]),
      { ok: true, retryAfterMs: 0, used: [1, 1] },
      'a take afterwards',
    )
  },

  'clear with a number forgets so many of the newest charges of each key': async ({
    rateLimiter,
    advance,
  }) => {
    const [limit, other] = [newLimit({ windowMs: 10_000 }), newLimit({ windowMs: 10_000 })]
    for (const cost of [1, 1, 2]) {
      await charge(rateLimiter, { ...limit, cost })
      await advance(1_000)
    }
    await charge(rateLimiter, other)
    await rateLimiter.clear([limit.key], 0)
    expectSame(await look(rateLimiter, limit, other), [4, 1], 'units when none was forgotten')
    await rateLimiter.clear([limit.key, other.key], 1)
    expectSame(await look(rateLimiter, limit, other), [2, 0], 'units less the newest charge')
    await rateLimiter.clear([limit.key], 1)
    await advance(6_999)
    expectSame(await look(rateLimiter, limit), [1], 'units of the oldest charge before its end')
    await advance(1)
    expectSame(await look(rateLimiter, limit), [0], 'units of the oldest charge at its end')
    await charge(rateLimiter, limit)
    await rateLimiter.clear([limit.key], 9)
    expectSame(await look(rateLimiter, limit), [0], 'units when more are forgotten than were made')
    for (const _ of [1, 2, 3, 4, 5]) await charge(rateLimiter, limit)
    expectThat(!(await rateLimiter.take([limit])).ok, '6 of 5 were accepted after a clear')
  },
}
