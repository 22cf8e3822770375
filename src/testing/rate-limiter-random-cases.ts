import type { Limit, RateLimiter } from '../rate-limiter'
import { type Checks, expectSame, expectThat } from './conformance'
import { opaque, withSeed } from './random'
import { type RateLimiterModel, rateLimiterModel } from './rate-limiter-model'
import { charge, expectTaken, look, newLimit } from './rate-limiter-samples'
import type { RateLimiterUnderTest } from './subjects'

/** Schedules that nobody thought of, beside a model that recounts everything. */
export function rateLimiterRandomCases(seed: number): Checks<RateLimiterUnderTest> {
  return {
    'a random schedule is answered as the model answers it': async (subject) => {
      await withSeed(seed, async (below) => {
        const keys = [opaque(), opaque(), opaque()]
        const windows = keys.map((key, index) => [
          { key, max: 3 + index, windowMs: 1_000 },
          { key, max: 8 + 4 * index, windowMs: 5_000 + 700 * index },
        ])
        const model = rateLimiterModel()
        const charges: Charge[] = []
        for (let step = 0; step < 400; step += 1) {
          const limits = windows.flatMap((ofKey) => {
            const cost = [1, 1, 1, 1, 0, 2, 3, 6][below(8)] ?? 1
            return below(3) === 0 ? [] : ofKey.map((limit) => ({ ...limit, cost }))
          })
          await randomStep({ ...subject, model, charges, limits, below }, `step ${step}`)
        }
      })
    },

    'a window of more than 128 is never exceeded, and early by at most 1/32': async (subject) => {
      await withSeed(seed, async (below) => {
        const { rateLimiter, advance } = subject
        const limit = newLimit({ max: 1_000, windowMs: 32_000 })
        const model = rateLimiterModel()
        for (let step = 0; step < 400; step += 1) {
          const cost = 1 + below(step % 100 < 50 ? 60 : 12)
          await expectWithin(rateLimiter, model, { ...limit, cost }, `step ${step}`)
          const pauseMs = below(10) === 0 ? below(4_000) : below(500)
          await advance(pauseMs)
          model.advance(pauseMs)
        }
      })
    },

    'a charge in a large window is taken back once, however old': async (subject) => {
      const { rateLimiter, advance } = subject
      const limit = newLimit({ max: 600, windowMs: 64_000 })
      const charges: string[] = []
      for (let count = 0; count < 300; count += 1) {
        charges.push(await charge(rateLimiter, limit))
        await advance(100)
      }
      const old = charges.slice(0, 20)
      await Promise.all([...old, ...old].map((taken) => rateLimiter.refund([limit.key], taken)))
      for (const taken of old) await rateLimiter.refund([limit.key], taken)
      expectSame(await look(rateLimiter, limit), [280], 'units after 20 of 300 were taken back')
      await advance(66_000)
      await charge(rateLimiter, limit)
      for (const taken of charges.slice(20, 60)) await rateLimiter.refund([limit.key], taken)
      expectSame(await look(rateLimiter, limit), [1], 'units once all of the 300 have aged out')
    },
  }
}

interface Charge {
  readonly keys: readonly string[]
  readonly ours: string
  readonly models: string
}

interface Schedule extends RateLimiterUnderTest {
  readonly model: RateLimiterModel
  readonly charges: Charge[]
  /** What a take of this step would take. */
  readonly limits: readonly Limit[]
  below(bound: number): number
}

async function randomStep(schedule: Schedule, what: string): Promise<void> {
  const { rateLimiter, advance, model, charges, limits, below } = schedule
  const each = [...new Set(limits.map(({ key }) => key))]
  const action = below(20)
  if (action < 12) {
    const expected = model.take(limits)
    const taken = await rateLimiter.take(limits)
    if (expected.ok && taken.ok) {
      charges.push({ keys: each, ours: taken.charge, models: expected.charge })
    }
    const { retryAfterMs, used } = expected
    // Two limits may have equally long waits, so of a refusal the index is compared by its wait.
    const index = taken.ok ? {} : { index: taken.index }
    expectTaken(taken, { ok: expected.ok, ...index, retryAfterMs, used }, `a take in ${what}`)
    if (taken.ok) return
    const waits = limits.map(model.waitFor)
    expectSame(waits[taken.index], retryAfterMs, `the wait of the limit that refuses in ${what}`)
  } else if (action < 16) {
    const taken = charges[below(charges.length)]
    if (taken === undefined) return
    const some = taken.keys.filter(() => below(4) > 0)
    model.refund(some, taken.models)
    await rateLimiter.refund(some, taken.ours)
  } else if (action === 16) {
    const newest = below(3) === 0 ? undefined : below(3)
    model.clear(each, newest)
    await rateLimiter.clear(each, newest)
  } else {
    const pauseMs = [1, 137, 500, 999, 1_000, 2_600][below(6)] ?? 1
    model.advance(pauseMs)
    await advance(pauseMs)
  }
}

/** Takes, and expects what a limiter that counts charges up to 1/32 of the window too long may say. */
async function expectWithin(
  rateLimiter: RateLimiter,
  model: RateLimiterModel,
  limit: Limit,
  what: string,
): Promise<void> {
  const { key, max, windowMs, cost = 1 } = limit
  const least = model.units(key, windowMs)
  const most = model.units(key, windowMs + windowMs / 32)
  const taken = await rateLimiter.take([limit])
  if (taken.ok) {
    expectThat(least + cost <= max, `${least} + ${cost} units of ${max} were accepted in ${what}`)
    model.take([limit])
  } else {
    expectThat(most + cost > max, `${most} + ${cost} units of ${max} were refused in ${what}`)
    const waitMs = model.waitFor(limit)
    const early = taken.retryAfterMs >= waitMs && taken.retryAfterMs <= waitMs + windowMs / 32
    expectThat(early, `${what} says to wait ${taken.retryAfterMs} ms, and ${waitMs} ms would do`)
  }
  const units = (taken.used[0] ?? 0) - (taken.ok ? cost : 0)
  expectThat(
    units >= least && units <= most,
    `${what} counts ${units} units where there are ${least} to ${most}`,
  )
}
