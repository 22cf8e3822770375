import { type RedisClient, type RedisOptions, redisScripts } from '../internal/redis/client'
import { redisCharges } from '../internal/redis/rate-limiter'
import type { RateLimiter } from '../rate-limiter'

/** Options of `redisRateLimiter`. */
export type RedisRateLimiterOptions = RedisOptions

/**
 * Charges in Redis or Valkey: the logs of keys that differ in their first character only are one
 * string that expires by itself, and each operation is one script and one round trip.
 *
 * In a cluster the keys of one recipient or address share a slot, and limits over several of them
 * take one round trip each. A refusal takes back what was charged before it, so that no limit is
 * ever exceeded; a concurrent take may meanwhile be refused, and a crash in between leaves a charge
 * standing.
 *
 * Windows are exact while a key holds no more than 512 charges. Of more, the older ones count up to
 * 1/32 of the window longer, can no longer be taken back, and a log takes at most some 40 kB.
 *
 * The server must not evict keys (`maxmemory-policy noeviction`), and forgets every failure ledger
 * with its memory unless it persists; see the guide on Redis.
 *
 * @param client - A connected client or cluster of node-redis (4 and later) or ioredis (5 and
 * later), of iovalkey, or a `Redis` of `@upstash/redis`. It is used as it is: its timeouts and retries
 * hold too, and its errors are passed on.
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
 * client.on('error', (error) => console.error(error.message))
 * export const rateLimiter = redisRateLimiter(await client.connect())
 * ```
 */
export function redisRateLimiter(
  client: RedisClient,
  options: RedisRateLimiterOptions = {},
): RateLimiter {
  return redisCharges(redisScripts('redisRateLimiter', client, 'rate_limiter_unavailable', options))
}
