import { randomText } from '../internal/crypto'
import { expectEqualCosts } from '../internal/equal-costs'
import { type RedisClient, type RedisOptions, redisScripts } from '../internal/redis/client'
import {
  chargeLength,
  clearScript,
  refundScript,
  takeScript,
} from '../internal/redis/rate-limiter-scripts'
import type { Limit, RateLimiter } from '../rate-limiter'

/** Options of `redisRateLimiter`. */
export type RedisRateLimiterOptions = RedisOptions

/**
 * Charges in Redis or Valkey: the log of each key is one string that expires by itself, and each
 * operation is one script and one round trip.
 *
 * In a cluster the keys of one recipient or address share a slot, and limits over several of them
 * take one round trip each. A refusal takes back what was charged before it, so that no limit is
 * ever exceeded; a concurrent take may meanwhile be refused, and a crash in between leaves a charge
 * standing.
 *
 * Windows are exact while a key holds no more than 512 charges. Of more, the older ones count up to
 * 1/32 of the window longer, can no longer be taken back, and a key takes at most some 40 kB.
 *
 * The server must not evict keys (`maxmemory-policy noeviction`), and forgets every failure ledger
 * with its memory unless it persists; see the guide on Redis.
 *
 * @param client - A connected client or cluster of node-redis (4 and later) or ioredis (5 and
 * later). It is used as it is: its timeouts and retries hold too, and its errors are passed on.
 * @throws `TypeError` when the client is neither, for a wrong option, and from `take` when limits
 * share a key but not a cost; `OtpError` with code `rate_limiter_unavailable` from a method when the
 * server answers too late, or anything but what the script does.
 *
 * @example
 * ```ts
 * import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
 * import { createClient } from 'redis'
 *
 * const client = createClient({ url: 'redis://127.0.0.1:6379' })
 * export const rateLimiter = redisRateLimiter(await client.connect())
 * ```
 */
export function redisRateLimiter(
  client: RedisClient,
  options: RedisRateLimiterOptions = {},
): RateLimiter {
  const scripts = redisScripts(client, 'rate_limiter_unavailable', options)

  /** Items whose keys may meet in one script: all of them, but in a cluster those of one slot. */
  function groupBySlot<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
    if (!scripts.cluster) return items.length === 0 ? [] : [[...items]]
    const groups = new Map<string, Item[]>()
    for (const item of items) {
      const slot = tagOf(keyOf(item))
      const group = groups.get(slot)
      if (group === undefined) groups.set(slot, [item])
      else group.push(item)
    }
    return [...groups.values()]
  }

  /** Charges all limits of one slot or none of them; without a charge, says what it would come to. */
  async function takeGroup(group: readonly PlacedLimit[], charge: string): Promise<GroupTaken> {
    const keys = [...new Set(group.map(({ key }) => key))]
    const limits = group.map(({ key, max, windowMs, cost }) => [
      keys.indexOf(key) + 1,
      max,
      windowMs,
      cost,
    ])
    const args = [charge, JSON.stringify(limits)]
    const reply = await scripts.run(takeScript, keys.map(redisKey), args)
    const numbers = typeof reply === 'string' ? reply.split(' ').map(Number) : []
    const [refuser = 0, retryAfterMs = 0, ...used] = numbers
    if (used.length !== group.length || numbers.some(Number.isNaN)) {
      throw scripts.strangeReply()
    }
    return { fits: refuser === 0, refuser: group[refuser - 1]?.place ?? 0, retryAfterMs, used }
  }

  async function refund(limits: readonly Limit[], charge: string): Promise<void> {
    const keys = new Set(limits.map(({ key }) => key))
    const groups = groupBySlot([...keys], (key) => key)
    await Promise.all(
      groups.map((group) => scripts.run(refundScript, group.map(redisKey), [charge])),
    )
  }

  return {
    take: async (limits) => {
      expectEqualCosts(limits)
      const placed = limits.map(({ key, max, windowMs, cost = 1 }, place) => {
        return { key, max, windowMs, cost, place }
      })
      const charge = randomText().slice(0, chargeLength)
      const charged: PlacedLimit[] = []
      const used = limits.map(() => 0)
      let retryAfterMs = 0
      let refusal: GroupTaken | undefined
      try {
        for (const group of groupBySlot(placed, ({ key }) => key)) {
          // After a refusal the others are only asked, for the answer names the longest wait.
          const taken = await takeGroup(group, refusal === undefined ? charge : '')
          for (const [index, units] of taken.used.entries()) used[group[index]?.place ?? 0] = units
          if (taken.fits) {
            retryAfterMs = Math.max(retryAfterMs, taken.retryAfterMs)
            if (refusal === undefined) charged.push(...group)
          } else if (refusal === undefined || taken.retryAfterMs > refusal.retryAfterMs) {
            refusal = taken
          }
        }
      } catch (error) {
        // What cannot be taken back now stays charged; the fault matters more.
        await refund(charged, charge).catch(() => {})
        throw error
      }
      if (refusal === undefined) return { ok: true, charge, used, retryAfterMs }
      await refund(charged, charge)
      for (const { place, cost } of charged) used[place] = (used[place] ?? 0) - cost
      return { ok: false, index: refusal.refuser, retryAfterMs: refusal.retryAfterMs, used }
    },

    refund: async (limits, charge) => {
      if (isCharge(charge)) await refund(limits, charge)
    },

    clear: async (keys, newest) => {
      const args = [newest === undefined ? '' : String(newest)]
      const groups = groupBySlot(keys, (key) => key)
      await Promise.all(groups.map((group) => scripts.run(clearScript, group.map(redisKey), args)))
    },
  }
}

/** A limit, its cost spelled out, and where it stands among those of the take. */
interface PlacedLimit extends Required<Limit> {
  readonly place: number
}

interface GroupTaken {
  readonly fits: boolean
  /** The place of the limit that refuses, when they do not fit. */
  readonly refuser: number
  readonly retryAfterMs: number
  readonly used: readonly number[]
}

// Where braces stand, only what is between them chooses the slot.
function redisKey(key: string): string {
  return `{${tagOf(key)}}:${key.charAt(0)}`
}

// The first character of a key is its kind, the rest whom it is about: all about one recipient or
// address meet in one slot.
function tagOf(key: string): string {
  return key.length > 1 ? key.slice(1) : key
}

function isCharge(charge: string): boolean {
  return /^[\w-]+$/.test(charge) && charge.length === chargeLength
}
