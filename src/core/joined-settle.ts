import type { Settled, Submission } from '../database'
import { equal } from '../internal/equal'
import type { Limit } from '../rate-limiter'
import { type AttemptOutcome, type StoredChallenge, usedMs } from '../store'
import { ask, keyOf, type Pair, quietly, refusalBy } from './joined-steps'

// As long as any challenge lives, and is known as used afterwards.
const placesMs = 600_000 + usedMs

/** Looks, charges the address, then ledger and place together, and only then compares. */
export async function settleJoined(pair: Pair, submission: Submission): Promise<Settled> {
  const { store, rateLimiter } = pair
  const { policy, keys, id, digests, mostUsed } = submission
  const firstKey = keyOf(policy.limits[0], keys)
  const [limits, found] = await Promise.all([ask(rateLimiter, policy, keys), store.get(id)])
  const refusal = await refusalBy(rateLimiter, limits)
  if (refusal !== null) return { taken: refusal }

  const own = limits.filter(({ key }) => key === firstKey)
  const others = limits.filter(({ key }) => key !== firstKey)
  const seen = limits.map((limit) => limit.seen)
  const address = await rateLimiter.take(others)
  if (!address.ok) {
    const limit = others[address.index]
    const index = limit === undefined ? -1 : limits.indexOf(limit)
    return { taken: { ...address, index, used: seen } }
  }
  const settled = (ofOwn: readonly number[], attempt: AttemptOutcome): Settled => {
    const used = limits.map((limit) => {
      const { key } = limit
      return key === firstKey ? ofOwn[own.indexOf(limit)] : address.used[others.indexOf(limit)]
    })
    return { taken: { ok: true, used: used.map((units) => units ?? 0) }, attempt }
  }
  const asSeen = own.map((limit) => limit.seen)

  const isNothing = found === null || (seen[0] ?? 0) + 1 > mostUsed
  if (isNothing) return settled(asSeen, { outcome: 'gone' })
  if (found.used) return settled(asSeen, await guessAtUsed(pair, found, digests))
  if (found.attemptsLeft === 0) return settled(asSeen, { outcome: 'gone' })

  // The place comes first: where a limiter has to charge its keys one after another, as in a cluster,
  // who finds no place must never be seen in the ledger.
  const place = placeOf(found)
  const charged = await rateLimiter.take([place, ...own])
  const ownUsed = charged.used.slice(1)
  if (!charged.ok) {
    const limit = own[charged.index - 1]
    if (limit === undefined) return settled(asSeen, { outcome: 'gone' })
    const addressKeys = [...new Set(others.map(({ key }) => key))]
    await quietly(pair, firstKey, () => rateLimiter.refund(addressKeys, address.charge))
    const index = limits.indexOf(limit)
    return { taken: { ...charged, index, used: seen } }
  }
  const isCompared = (ownUsed[0] ?? 0) <= mostUsed
  const attempt = isCompared ? await store.attempt(id, digests) : ({ outcome: 'gone' } as const)
  if (attempt.outcome === 'incorrect') return settled(ownUsed, attempt)
  // A guess that was not compared has used no place either.
  const unused = isCompared ? [firstKey] : [firstKey, place.key]
  await quietly(pair, firstKey, () => rateLimiter.refund(unused, charged.charge))
  if (attempt.outcome === 'verified' && attempt.attemptsUsed > 1) {
    await quietly(pair, firstKey, () => forgive(pair, submission, attempt.attemptsUsed - 1))
  }
  return settled(asSeen, attempt)
}

/**
 * Compared here and not by the store: a challenge put meanwhile would be tried by a guess that no
 * ledger knows.
 */
async function guessAtUsed(
  { rateLimiter }: Pair,
  found: StoredChallenge,
  digests: readonly string[],
): Promise<AttemptOutcome> {
  const place = await rateLimiter.take([placeOf(found)])
  const matches = digests.filter((digest) => equal(found.digest, digest)).length > 0
  return { outcome: place.ok && matches ? 'used' : 'gone' }
}

/** One of as many guesses as a challenge has attempts. */
function placeOf({ digest, attempts }: StoredChallenge): Limit {
  return { key: `x${digest}`, max: attempts, windowMs: placesMs }
}

async function forgive(
  { rateLimiter }: Pair,
  { policy, keys }: Submission,
  failures: number,
): Promise<void> {
  const { forgiveness, limits } = policy
  if (forgiveness !== undefined) {
    const { max, windowMs } = forgiveness
    const limit = { key: keyOf(forgiveness, keys), max, windowMs, cost: failures }
    const granted = await rateLimiter.take([limit])
    if (!granted.ok) return
  }
  await rateLimiter.clear([keyOf(limits[0], keys)], failures)
}
