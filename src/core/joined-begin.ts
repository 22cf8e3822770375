import type { Beginning, Begun } from '../database'
import { ask, keyOf, type Pair, quietly, refusalBy } from './joined-steps'

/** Looks, takes, and puts where nothing stands. */
export async function beginJoined(pair: Pair, beginning: Beginning): Promise<Begun> {
  const { store, rateLimiter } = pair
  const { policy, keys, costs, challenge, replaces } = beginning
  const limits = await ask(rateLimiter, policy, keys, costs)
  const refusal = await refusalBy(rateLimiter, limits)
  if (refusal !== null) return { taken: refusal, standing: null, put: false }

  const taken = await rateLimiter.take(limits)
  if (!taken.ok) return { taken, standing: null, put: false }
  try {
    const found = await store.get(challenge.id)
    if (found !== null && found.attemptsLeft > 0 && found.digest !== replaces) {
      return { taken, standing: found, put: false }
    }
    const [first] = limits
    const before = (taken.used[0] ?? 0) - (first?.cost ?? 0)
    const put = before <= (policy.mostUsed ?? Number.POSITIVE_INFINITY)
    if (put) await store.put(challenge)
    return { taken, standing: null, put }
  } catch (error) {
    const firstKey = keyOf(policy.limits[0], keys)
    await quietly(pair, firstKey, () => rateLimiter.refund(keys, taken.charge))
    throw error
  }
}
