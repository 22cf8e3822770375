import type { Redis } from 'ioredis'
import type { OtpDatabase, OtpStore, RateLimiter } from 'otpkit'

/** Attempts in separate steps: GET, compare in the application, then DEL or SET. */
export function getCompareDelete(sound: OtpStore): OtpStore {
  return {
    ...sound,
    attempt: async (id, digests) => {
      const found = await sound.get(id)
      if (found === null || found.attemptsLeft === 0) return { outcome: 'gone' }
      const { digest, data, attempts, remainingMs } = found
      if (digests.includes(digest)) {
        await sound.delete(id, digest)
        const attemptsUsed = attempts - found.attemptsLeft + 1
        return { outcome: 'verified', data, attemptsUsed, remainingMs }
      }
      const attemptsLeft = found.attemptsLeft - 1
      await sound.put({ id, digest, data, attempts: attemptsLeft, ttlMs: remainingMs })
      return { outcome: 'incorrect', data, attemptsLeft, remainingMs }
    },
  }
}

/** A guess in three scripts: charge everything, compare, give back what a wrong guess alone pays. */
export function chargeThenGiveBack(sound: OtpDatabase): OtpDatabase {
  return {
    ...sound,
    settle: async ({ policy, keys, id, digests, mostUsed }) => {
      const keyAt = (index: number) => keys[index] ?? ''
      const taken = await sound.take(
        policy.limits.map(({ key, max, windowMs }) => ({ key: keyAt(key), max, windowMs })),
      )
      if (!taken.ok) return { taken }
      const [failures = 0] = taken.used
      const attempt = await sound.attempt(id, failures > mostUsed ? [] : digests)
      if (attempt.outcome === 'incorrect') return { taken, attempt }
      await sound.refund([keyAt(policy.limits[0].key)], taken.charge)
      return { taken: { ...taken, used: [failures - 1, ...taken.used.slice(1)] }, attempt }
    },
  }
}

/** What everybody writes first: INCR, and EXPIRE in a call of its own when the key was new. */
export function incrementThenExpire(client: Redis, prefix: string): RateLimiter {
  return {
    take: async (limits) => {
      const used: number[] = []
      for (const { key, windowMs } of limits) {
        const units = await client.incr(`${prefix}:${key}`)
        if (units === 1) await client.pexpire(`${prefix}:${key}`, windowMs)
        used.push(units)
      }
      const index = limits.findIndex(({ max }, place) => (used[place] ?? 0) > max)
      const retryAfterMs = limits[index]?.windowMs ?? 0
      if (index >= 0) return { ok: false, index, retryAfterMs, used }
      return { ok: true, charge: '', retryAfterMs, used }
    },
    refund: async (keys) => {
      for (const key of keys) await client.decr(`${prefix}:${key}`)
    },
    clear: async (keys) => {
      for (const key of keys) await client.del(`${prefix}:${key}`)
    },
  }
}

/** The counter is read first, and counted up once the application has found room. */
export function getThenIncrement(client: Redis, prefix: string): RateLimiter {
  const sound = incrementThenExpire(client, prefix)
  return {
    ...sound,
    take: async (limits) => {
      const read = limits.map(async ({ key }) => Number(await client.get(`${prefix}:${key}`)))
      const used = await Promise.all(read)
      const index = limits.findIndex(({ max, cost = 1 }, place) => (used[place] ?? 0) + cost > max)
      const retryAfterMs = limits[index]?.windowMs ?? 0
      if (index >= 0) return { ok: false, index, retryAfterMs, used }
      for (const [key, limit] of new Map(limits.map((limit) => [limit.key, limit]))) {
        await client.incrby(`${prefix}:${key}`, limit.cost ?? 1)
        await client.pexpire(`${prefix}:${key}`, limit.windowMs, 'NX')
      }
      const charged = limits.map(({ cost = 1 }, place) => (used[place] ?? 0) + cost)
      return { ok: true, charge: crypto.randomUUID(), retryAfterMs, used: charged }
    },
  }
}
