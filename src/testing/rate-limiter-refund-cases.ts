import { type Checks, expectSame, expectThat, together } from './conformance'
import { opaque } from './random'
import { accepted, charge, expectTaken, look, newLimit } from './rate-limiter-samples'
import type { RateLimiterUnderTest } from './subjects'

/** What a refund takes back, and when it takes back nothing. */
export const rateLimiterRefundCases: Checks<RateLimiterUnderTest> = {
  'a refund makes room for what it takes back': async ({ rateLimiter }) => {
    const limit = newLimit({ max: 6, cost: 3 })
    await charge(rateLimiter, limit)
    const taken = await charge(rateLimiter, limit)
    expectThat(!(await rateLimiter.take([limit])).ok, '9 of 6 were accepted')
    await rateLimiter.refund([limit.key], taken)
    expectSame(await look(rateLimiter, limit), [3], 'units after the refund')
    await charge(rateLimiter, limit)
    expectThat(!(await rateLimiter.take([limit])).ok, '9 of 6 were accepted after a refund')
  },

  'a refund takes back its own charge, not the newest or the oldest': async ({
    rateLimiter,
    advance,
  }) => {
    for (const place of [0, 1, 2]) {
      const limit = newLimit({ max: 3, windowMs: 10_000 })
      const charges: string[] = []
      for (const _ of [1, 2, 3]) {
        charges.push(await charge(rateLimiter, limit))
        await advance(1_000)
      }
      for (const taken of charges.slice(place, place + 1)) {
        await rateLimiter.refund([limit.key], taken)
      }
      expectTaken(
        await rateLimiter.take([{ ...limit, cost: 2 }]),
        { ok: false, index: 0, retryAfterMs: place === 0 ? 8_000 : 7_000, used: [2] },
        `the wait after charge ${place + 1} of 3 was taken back`,
      )
      await advance(8_000)
      expectSame(
        await look(rateLimiter, limit),
        [place === 2 ? 0 : 1],
        `units when charges 1 and 2 have aged out and ${place + 1} was taken back`,
      )
    }
  },

  'a late refund, after other charges, takes back one charge': async ({ rateLimiter, advance }) => {
    for (const cost of [1, 2]) {
      const limit = newLimit({ max: 20, cost })
      const taken = await charge(rateLimiter, limit)
      for (const _ of [1, 2, 3, 4]) {
        await advance(10_000)
        await charge(rateLimiter, limit)
      }
      await rateLimiter.refund([limit.key], taken)
      expectSame(await look(rateLimiter, limit), [4 * cost], 'units after the refund')
      await advance(30_000)
      const left = await look(rateLimiter, limit)
      expectSame(left, [3 * cost], 'units when the next charge has aged out')
    }
  },

  'a charge is taken back once, however often and at once it is asked': async ({ rateLimiter }) => {
    const limit = newLimit({ max: 9 })
    await charge(rateLimiter, limit)
    const taken = await charge(rateLimiter, limit)
    await charge(rateLimiter, limit)
    await together(50, () => rateLimiter.refund([limit.key], taken))
    expectSame(await look(rateLimiter, limit), [2], 'units after 50 refunds at once')
    await rateLimiter.refund([limit.key], taken)
    expectSame(await look(rateLimiter, limit), [2], 'units after one more')
  },

  'refunds of many charges at once are all counted': async ({ rateLimiter }) => {
    const limit = newLimit({ max: 60 })
    const charges = await together(60, () => charge(rateLimiter, limit))
    expectSame(new Set(charges).size, 60, 'different names of 60 charges')
    const some = charges.slice(0, 50)
    await Promise.all([...some, ...some].map((taken) => rateLimiter.refund([limit.key], taken)))
    expectSame(await look(rateLimiter, limit), [10], 'units after 50 of 60 were taken back')
  },

  'a refund after the charge has aged out frees no other': async ({ rateLimiter, advance }) => {
    const limit = newLimit({ max: 2, windowMs: 10_000 })
    const taken = await charge(rateLimiter, limit)
    await advance(9_000)
    await charge(rateLimiter, limit)
    await advance(1_000)
    await charge(rateLimiter, limit)
    await rateLimiter.refund([limit.key], taken)
    expectSame(await look(rateLimiter, limit), [2], 'units after the refund')
    expectThat(!(await rateLimiter.take([limit])).ok, '3 of 2 were accepted')
    await advance(60_000)
    await charge(rateLimiter, limit)
    await rateLimiter.refund([limit.key], taken)
    expectSame(await look(rateLimiter, limit), [1], 'units after a refund much later')
  },

  'a refund of some of the limits leaves the others charged': async ({ rateLimiter }) => {
    const [one, other] = [newLimit(), newLimit()]
    const taken = await charge(rateLimiter, one, other)
    await rateLimiter.refund([one.key], taken)
    expectSame(await look(rateLimiter, one, other), [0, 1], 'units after the first refund')
    await rateLimiter.refund([one.key, other.key], taken)
    expectSame(await look(rateLimiter, one, other), [0, 0], 'units after the second refund')
  },

  'windows over one key are refunded once': async ({ rateLimiter, advance }) => {
    const key = opaque()
    const limits = [
      { key, max: 3, windowMs: 10_000 },
      { key, max: 9, windowMs: 60_000 },
    ]
    await charge(rateLimiter, ...limits)
    await charge(rateLimiter, ...limits)
    await advance(1_000)
    const taken = await charge(rateLimiter, ...limits)
    await rateLimiter.refund([key], taken)
    expectSame(await look(rateLimiter, ...limits), [2, 2], 'units after the refund')
    const late = await charge(rateLimiter, ...limits)
    await advance(10_000)
    await rateLimiter.refund([key], late)
    expectSame(
      await look(rateLimiter, ...limits),
      [0, 2],
      'units when the charge had left the shorter window alone',
    )
  },

  'a charge that this key never had refunds nothing': async ({ rateLimiter }) => {
    const [one, other] = [newLimit(), newLimit()]
    const taken = await charge(rateLimiter, one)
    const foreign = await charge(rateLimiter, other)
    for (const name of [foreign, `${taken}0`, taken.slice(0, -1), opaque(), '-1', '*', '']) {
      await rateLimiter.refund([one.key], name)
      expectSame(await look(rateLimiter, one, other), [1, 1], 'units after such a refund')
    }
  },

  'a refund after a clear does nothing': async ({ rateLimiter }) => {
    const limit = newLimit()
    const taken = await charge(rateLimiter, limit)
    await rateLimiter.clear([limit.key])
    await charge(rateLimiter, limit)
    await rateLimiter.refund([limit.key], taken)
    expectSame(await look(rateLimiter, limit), [1], 'units of the charge made after the clear')
  },

  'refunds racing takes let no more in than they free': async ({ rateLimiter }) => {
    const limit = newLimit({ max: 40 })
    const charges = await together(40, () => charge(rateLimiter, limit))
    const [, taken] = await Promise.all([
      Promise.all(charges.slice(0, 20).map((taken) => rateLimiter.refund([limit.key], taken))),
      together(100, () => rateLimiter.take([limit])),
    ])
    const count = accepted(taken)
    expectThat(count <= 20, `${count} takes were accepted where 20 were refunded`)
    expectSame(await look(rateLimiter, limit), [20 + count], 'units afterwards')
  },
}
