import type { Limit, RateLimiter, Taken } from '../rate-limiter'
import { expectSame, expectThat } from './conformance'
import { opaque } from './random'

/** A limit on a key of its own: 5 a minute, unless said otherwise. */
export function newLimit(overrides: Partial<Limit> = {}): Limit {
  return { key: opaque(), max: 5, windowMs: 60_000, ...overrides }
}

/** Units in each limit's window, without charging any. */
export async function look(
  rateLimiter: RateLimiter,
  ...limits: readonly Limit[]
): Promise<readonly number[]> {
  const taken = await rateLimiter.take(limits.map((limit) => ({ ...limit, cost: 0 })))
  expectThat(taken.ok, 'a take that costs nothing was refused')
  return taken.used
}

/** Takes and expects to be accepted; gives the charge. */
export async function charge(
  rateLimiter: RateLimiter,
  ...limits: readonly Limit[]
): Promise<string> {
  const taken = await rateLimiter.take(limits)
  expectThat(taken.ok, `a take that had room was refused: ${JSON.stringify(taken)}`)
  return taken.charge
}

/** Expects a take to come to this; of an accepted one, the charge's name is not compared. */
export function expectTaken(
  taken: Taken,
  expected: {
    readonly ok: boolean
    readonly index?: number
    readonly retryAfterMs: number
    readonly used: readonly number[]
  },
  what: string,
): void {
  const { ok, retryAfterMs, used } = taken
  expectSame(ok ? { ok, retryAfterMs, used } : { ...taken }, expected, what)
}

/** How many of these were accepted. */
export function accepted(taken: readonly Taken[]): number {
  return taken.filter(({ ok }) => ok).length
}
