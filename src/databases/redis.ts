import type { OtpDatabase } from '../database'
import { type RedisClient, type RedisOptions, redisScripts } from '../internal/redis/client'
import { redisSteps } from '../internal/redis/one-step'
import { redisCharges } from '../internal/redis/rate-limiter'
import { redisChallenges } from '../internal/redis/store'

/** Options of `redis`. */
export type RedisDatabaseOptions = RedisOptions

/**
 * Everything in Redis or Valkey, on one server or in a cluster: each challenge is one string that
 * expires by itself, and so are the logs about one recipient or one address. Every `begin` and
 * `settle` is one script and one round trip, whatever it comes to; those of one moment share it,
 * though not in a cluster.
 *
 * In a cluster all that is about one recipient shares a slot. Limits on others, such as an address,
 * are charged before it, in a round trip of their own, and given back in a third one after a
 * refusal; a concurrent call may meanwhile be refused by them, and a crash in between leaves a
 * charge standing.
 *
 * The server must not evict keys (`maxmemory-policy noeviction`), and forgets every challenge and
 * failure ledger with its memory unless it persists; see the guide on Redis.
 *
 * @param client - A connected client or cluster of node-redis (4 and later) or ioredis (5 and
 * later), of iovalkey, or a `Redis` of `@upstash/redis`. It is used as it is: its timeouts and retries
 * hold too, and its errors are passed on.
 * @throws `TypeError` when the client is neither, and for a wrong option; `OtpError` with code
 * `database_unavailable` from a method when the server answers too late, or anything but what the
 * script does.
 *
 * @example
 * ```ts
 * import { redis } from 'otpkit/databases/redis'
 * import { createClient } from 'redis'
 *
 * const client = createClient({ url: 'redis://127.0.0.1:6379' })
 * client.on('error', (error) => console.error(error.message))
 * export const database = redis(await client.connect())
 * ```
 */
export function redis(client: RedisClient, options: RedisDatabaseOptions = {}): OtpDatabase {
  const scripts = redisScripts('redis', client, 'database_unavailable', options)
  return { ...redisChallenges(scripts), ...redisCharges(scripts), ...redisSteps(scripts) }
}
