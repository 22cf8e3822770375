import type { OtpDatabase } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import {
  databaseConformance,
  lagging,
  rateLimiterConformance,
  storeConformance,
  testClock,
} from 'otpkit/testing'
import { describe, expect, it } from 'vitest'

const challenge = { id: 'an-id', digest: 'a-digest', attempts: 100, ttlMs: 60_000, data: '' }
const limit = { key: 'a-key', max: 100, windowMs: 60_000 }

/** In which order ten calls made at once are decided, and in which they are answered. */
async function orders(seed: number, turns?: number) {
  const rateLimiter = lagging(memoryRateLimiter(), turns === undefined ? { seed } : { seed, turns })
  const answered: number[] = []
  const decided = await Promise.all(
    Array.from({ length: 10 }, async (_, call) => {
      const { used } = await rateLimiter.take([limit])
      answered.push(call)
      return used[0]
    }),
  )
  return { decided, answered }
}

const inOrder = {
  decided: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  answered: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
}

describe('lagging', () => {
  it('lets calls in flight overtake each other, on the way there and back', async () => {
    const { decided, answered } = await orders(1)
    expect(decided).not.toEqual(inOrder.decided)
    expect([...decided].sort((a = 0, b = 0) => a - b)).toEqual(inOrder.decided)
    expect(answered).not.toEqual(inOrder.answered)
    expect(answered).not.toEqual(decided.map((_, place) => decided.indexOf(place + 1)))
    expect(await orders(1, 0)).toEqual(inOrder)
  })

  it('repeats an order by its seed', async () => {
    expect(await orders(1)).toEqual(await orders(1))
    expect(await orders(1)).not.toEqual(await orders(2))
  })

  it('cuts before the step, when nothing happens, or after it, when all of it has', async () => {
    const store = memoryStore()
    const cut = (at: 'before' | 'after') =>
      lagging(store, { seed: 1, cut: (method) => (method === 'put' ? at : undefined) })
    await expect(cut('before').put(challenge)).rejects.toThrow('the connection was cut before put')
    expect(await cut('before').get(challenge.id)).toBeNull()
    await expect(cut('after').put(challenge)).rejects.toThrow('the connection was cut after put')
    expect(await cut('after').get(challenge.id)).toMatchObject({ digest: challenge.digest })
  })

  it('may be spread, and wraps what is frozen and what has methods of a class', async () => {
    class Wrapped implements Pick<OtpDatabase, 'take' | 'refund' | 'clear'> {
      readonly #inner = memoryRateLimiter()
      take: OtpDatabase['take'] = (limits) => this.#inner.take(limits)
      refund(keys: readonly string[], charge: string) {
        return this.#inner.refund(keys, charge)
      }
      clear(keys: readonly string[]) {
        return this.#inner.clear(keys)
      }
    }
    const frozen = lagging(Object.freeze(memoryRateLimiter()), { seed: 1 })
    for (const rateLimiter of [{ ...frozen }, lagging(new Wrapped(), { seed: 1 })]) {
      const taken = await rateLimiter.take([limit])
      await rateLimiter.refund([limit.key], taken.ok ? taken.charge : '')
      expect((await rateLimiter.take([limit])).used).toEqual([1])
    }
  })

  const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
  const clocked = <Subject>(create: (clock: () => number) => Subject) => {
    return async () => {
      const clock = testClock()
      return { ...create(clock.now), advance: clock.advance }
    }
  }
  const cases = [
    ...storeConformance(
      clocked((clock) => ({ store: lagging(memoryStore({ clock }), { seed }) })),
    ).map((kit) => ({ ...kit, name: `store: ${kit.name}` })),
    ...rateLimiterConformance(
      clocked((clock) => ({ rateLimiter: lagging(memoryRateLimiter({ clock }), { seed }) })),
    ).map((kit) => ({ ...kit, name: `limiter: ${kit.name}` })),
    ...databaseConformance(
      clocked((clock) => ({ database: lagging(memory({ clock }), { seed }) })),
    ).map((kit) => ({ ...kit, name: `database: ${kit.name}` })),
  ]
  it(`makes no sound adapter fail its kit (seed ${seed})`, async () => {
    for (const { name, run } of cases) {
      await run().catch((cause: unknown) => {
        throw new Error(`${name}: ${cause}`, { cause })
      })
    }
  })
})
