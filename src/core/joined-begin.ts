import type { Beginning, Begun } from '../database'
import type { RateLimiter, Taken } from '../rate-limiter'
import { type AskedLimit, ask, type Pair, quietly, refusalBy } from './joined-steps'

/** Looks, takes, and puts where nothing stands. */
export async function beginJoined(pair: Pair, beginning: Beginning): Promise<Begun> {
  const { store, rateLimiter } = pair
  const { policy, keys, costs, challenge, replaces } = beginning
  const limits = await ask(rateLimiter, policy, keys, costs)
  const refusal = await refusalBy(rateLimiter, limits)
  if (refusal !== null) return { taken: refusal, standing: null, put: false }

  const taken = await takeInReverse(rateLimiter, limits)
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
    await quietly(pair, limits[0]?.key ?? '', () => rateLimiter.refund(keys, taken.charge))
    throw error
  }
}

/**
 * Charges in the reverse of the order in which was looked. Where a limiter has to charge subject after
 * subject, as in a cluster, nothing of the first limit's is then seen before all else had room, and who
 * sees any charge of a call while looking sees the last limit's too.
 */
async function takeInReverse(
  rateLimiter: RateLimiter,
  limits: readonly AskedLimit[],
): Promise<Taken> {
  const taken = await rateLimiter.take([...limits].reverse())
  const used = [...taken.used].reverse()
  return taken.ok ? { ...taken, used } : { ...taken, used, index: limits.length - 1 - taken.index }
}
