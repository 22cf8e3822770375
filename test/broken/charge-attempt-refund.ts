import type { Limit, OtpDatabase, OtpStore, Policy, RateLimiter } from 'otpkit'

/**
 * A store beside a limiter, one step after the other: every limit is charged, the store is asked,
 * and what was charged too much is given back. In between everybody sees it.
 */
export function chargeAttemptRefund(store: OtpStore, rateLimiter: RateLimiter): OtpDatabase {
  return {
    ...store,
    ...rateLimiter,
    begin: async ({ policy, keys, challenge, replaces }) => {
      const taken = await rateLimiter.take(limitsOf(policy, keys))
      if (!taken.ok) return { taken, standing: null, put: false }
      const found = await store.get(challenge.id)
      const isStanding = found !== null && found.attemptsLeft > 0 && found.digest !== replaces
      if (isStanding) return { taken, standing: found, put: false }
      const put = (taken.used[0] ?? 0) <= (policy.mostUsed ?? Number.POSITIVE_INFINITY)
      if (put) await store.put(challenge)
      return { taken, standing: null, put }
    },
    settle: async ({ policy, keys, id, digests, mostUsed }) => {
      const limits = limitsOf(policy, keys)
      const taken = await rateLimiter.take(limits)
      if (!taken.ok) return { taken }
      const isCompared = (taken.used[0] ?? 0) <= mostUsed
      const attempt = await store.attempt(id, isCompared ? digests : [])
      const ledger = limits.slice(0, 1).map(({ key }) => key)
      if (attempt.outcome !== 'incorrect') await rateLimiter.refund(ledger, taken.charge)
      if (attempt.outcome === 'verified' && attempt.attemptsUsed > 1) {
        await rateLimiter.clear(ledger, attempt.attemptsUsed - 1)
      }
      return { taken, attempt }
    },
  }
}

/** The limits that always apply. */
function limitsOf({ limits }: Policy, keys: readonly string[]): Limit[] {
  return limits
    .filter(({ from }) => from === undefined)
    .map(({ key, max, windowMs, cost = 1 }) => ({ key: keys[key] ?? '', max, windowMs, cost }))
}
