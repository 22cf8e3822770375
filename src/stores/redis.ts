import { type RedisClient, type RedisOptions, redisScripts } from '../internal/redis/client'
import { redisChallenges } from '../internal/redis/store'
import type { OtpStore } from '../store'

/** Options of `redisStore`. */
export type RedisStoreOptions = RedisOptions

/**
 * Challenges in Redis or Valkey, on one server or in a cluster: each is one key that expires by
 * itself, and each operation one script and one round trip.
 *
 * The server must not evict keys (`maxmemory-policy noeviction`), and forgets challenges with its
 * memory unless it persists; see the guide on Redis.
 *
 * @param client - A connected client or cluster of node-redis (4 and later) or ioredis (5 and
 * later), of iovalkey, or a `Redis` of `@upstash/redis`. It is used as it is: its timeouts and retries
 * hold too, and its errors are passed on.
 * @throws `TypeError` when the client is neither, or for a wrong option; `OtpError` with code
 * `store_unavailable` from a method when the server answers too late, or
 * anything but what the script does.
 *
 * @example
 * ```ts
 * import { redisStore } from 'otpkit/stores/redis'
 * import { createClient } from 'redis'
 *
 * const client = createClient({ url: 'redis://127.0.0.1:6379' })
 * client.on('error', (error) => console.error(error.message))
 * export const store = redisStore(await client.connect())
 * ```
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): OtpStore {
  return redisChallenges(redisScripts('redisStore', client, 'store_unavailable', options))
}
