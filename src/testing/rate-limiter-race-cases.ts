import type { Limit, RateLimiter } from '../rate-limiter'
import { type Checks, expectSame, expectThat, together } from './conformance'
import { opaque } from './random'
import { accepted, charge, look, newLimit } from './rate-limiter-samples'
import type { RateLimiterUnderTest } from './subjects'

/** What happens when takes meet on one key. */
export const rateLimiterRaceCases: Checks<RateLimiterUnderTest> = {
  'of 200 takes together on a key that does not exist, exactly max are accepted': async ({
    rateLimiter,
  }) => {
    for (const max of [1, 5]) {
      const limit = newLimit({ max })
      const taken = await together(200, () => rateLimiter.take([limit]))
      expectSame(accepted(taken), max, `takes accepted of max ${max}`)
      const counts = taken.filter(({ ok }) => ok).map(({ used }) => used[0] ?? 0)
      expectSame(
        counts.sort((a, b) => a - b),
        Array.from({ length: max }, (_, index) => index + 1),
        'used of those accepted',
      )
      expectSame(await look(rateLimiter, limit), [max], 'units afterwards')
    }
  },

  'of 200 takes together over several windows of one key, as many as fit all are accepted': async ({
    rateLimiter,
    advance,
  }) => {
    const key = opaque()
    const limits = [
      { key, max: 4, windowMs: 30_000 },
      { key, max: 6, windowMs: 120_000 },
    ]
    expectSame(accepted(await together(100, () => rateLimiter.take(limits))), 4, 'takes accepted')
    await advance(30_000)
    expectSame(accepted(await together(100, () => rateLimiter.take(limits))), 2, 'later takes')
    expectSame(await look(rateLimiter, ...limits), [2, 6], 'units afterwards')
  },

  'of 200 takes together over two keys, each charges both or neither': async ({ rateLimiter }) => {
    const [wide, narrow] = [newLimit({ max: 128 }), newLimit({ max: 50 })]
    await charge(rateLimiter, { ...narrow, cost: 45 })
    const count = accepted(await together(200, () => rateLimiter.take([wide, narrow])))
    expectThat(count <= 5, `${count} takes were accepted where 5 had room`)
    expectSame(await look(rateLimiter, wide, narrow), [count, 45 + count], 'units afterwards')
    await fillUp(rateLimiter, [wide, narrow], 5 - count)
    expectSame(await look(rateLimiter, wide, narrow), [5, 50], 'units once full')
  },

  'takes that name their keys in opposite order neither block nor overrun each other': async ({
    rateLimiter,
  }) => {
    const limits = [newLimit({ max: 20 }), newLimit({ max: 30 }), newLimit({ max: 40 })]
    const reversed = [...limits].reverse()
    const taken = await together(200, (index) =>
      rateLimiter.take(index % 2 === 0 ? limits : reversed),
    )
    const count = accepted(taken)
    expectThat(count <= 20, `${count} takes were accepted where 20 had room`)
    expectSame(await look(rateLimiter, ...limits), [count, count, count], 'units afterwards')
    await fillUp(rateLimiter, limits, 20 - count)
  },

  'one shared key among 200 others is never exceeded': async ({ rateLimiter }) => {
    const shared = newLimit({ max: 10 })
    const others = Array.from({ length: 200 }, () => newLimit({ max: 1 }))
    const taken = await Promise.all(others.map((other) => rateLimiter.take([other, shared])))
    const count = accepted(taken)
    expectThat(count <= 10, `${count} takes were accepted where 10 had room`)
    const units = await Promise.all(others.map((other) => look(rateLimiter, other)))
    expectSame(
      units.flat(),
      taken.map(({ ok }) => (ok ? 1 : 0)),
      'units of the keys beside the shared one',
    )
    expectSame(await look(rateLimiter, shared), [count], 'units of the shared key')
  },

  'looks among takes charge nothing and are never refused': async ({ rateLimiter }) => {
    const limit = newLimit({ max: 7 })
    const glance = { ...limit, cost: 0 }
    const taken = await together(200, (index) =>
      rateLimiter.take([index % 2 === 0 ? limit : glance]),
    )
    expectSame(accepted(taken), 107, 'looks and takes accepted')
    expectSame(await look(rateLimiter, limit), [7], 'units afterwards')
  },
}

/** One after another, so that nothing is refused without need: `room` fit, one more does not. */
async function fillUp(
  rateLimiter: RateLimiter,
  limits: readonly Limit[],
  room: number,
): Promise<void> {
  for (let count = 0; count < room; count += 1) await charge(rateLimiter, ...limits)
  expectThat(!(await rateLimiter.take(limits)).ok, 'a full limit accepted')
}
