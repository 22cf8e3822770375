import type { RateLimiter } from 'otpkit'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { rateLimiterConformance, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { brokenRateLimiters } from '../broken/rate-limiters'
import { byRule } from '../broken/rules'

const random = 'a random schedule is answered as the model answers it'

function casesFor(create: (clock: () => number) => RateLimiter, options?: { seed: number }) {
  return rateLimiterConformance(async () => {
    const clock = testClock()
    return { rateLimiter: create(clock.now), advance: clock.advance }
  }, options)
}

/** What this case says of the limiter. */
async function failure(
  name: string,
  create: (clock: () => number) => RateLimiter,
  options?: { seed: number },
): Promise<string> {
  const found = casesFor(create, options).find((named) => named.name === name)
  if (found === undefined) return 'there is no such case'
  return found.run().then(() => 'it passes', String)
}

describe('rateLimiterConformance', () => {
  it('passes sound limiters', async () => {
    for (const create of [(clock: () => number) => memoryRateLimiter({ clock }), byRule({})]) {
      for (const { run } of casesFor(create)) await run()
    }
  })

  it('names every case once', () => {
    const names = casesFor(byRule({})).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('repeats a random schedule when it is given the seed that the failure named', async () => {
    const create = byRule({ ages: (at, windowMs, now) => now - at > windowMs })
    const first = await failure(random, create)
    const seed = Number(/\(seed (\d+)\)$/.exec(first)?.[1])
    expect(await failure(random, create, { seed })).toBe(first)
  })

  it.each(brokenRateLimiters)('finds out: $name', async ({ create, failedBy, saying }) => {
    expect(await failure(failedBy, create)).toMatch(saying)
  })
})
