import type { Limit } from 'otpkit'
import { expect, it } from 'vitest'
import { chargesInTurn } from '../../src/core/charges-in-turn'

const limits: readonly Limit[] = [{ key: 'country', max: 1, windowMs: 1_000, cost: 4 }]

/** Charges so many at once, of which the calls in this list are never answered. */
async function charged(count: number, unanswered: readonly number[]) {
  const costs: number[] = []
  let done = 0
  const charge = chargesInTurn(async (of) => {
    costs.push(of[0]?.cost ?? 0)
    if (unanswered.includes(costs.length)) await new Promise(() => {})
  })
  for (let nth = 0; nth < count; nth += 1) void charge(limits).then(() => (done += 1))
  await new Promise((resolve) => setImmediate(resolve))
  return { costs, done }
}

it('what comes while a call is under way goes together', async () => {
  expect(await charged(16, [])).toEqual({ costs: [4, 60], done: 16 })
})

it('a call that is never answered keeps only its own from being charged', async () => {
  const { costs, done } = await charged(161, [1, 3])
  expect([costs.length, costs.reduce((sum, cost) => sum + cost, 0)]).toEqual([11, 161 * 4])
  expect(done).toBe(161 - 17)
})
