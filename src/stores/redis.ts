import {
  type RedisClient,
  type RedisOptions,
  type RedisScript,
  redisScripts,
  texts,
} from '../internal/redis/client'
import { attemptScript, deleteScript, getScript, putScript } from '../internal/redis/store-scripts'
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
 * later). It is used as it is: its timeouts and retries hold too, and its errors are passed on.
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
 * export const store = redisStore(await client.connect())
 * ```
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): OtpStore {
  const scripts = redisScripts(client, 'store_unavailable', options)
  const run = (script: RedisScript, id: string, ...args: readonly string[]) =>
    scripts.run(script, [id], args)

  return {
    put: async ({ id, digest, attempts, ttlMs, data }) => {
      await run(putScript, id, digest, String(attempts), String(ttlMs), data)
    },

    get: async (id) => {
      const reply = await run(getScript, id)
      if (reply === null) return null
      const [digest, attemptsLeft, remainingMs, data] = texts(reply)
      if (digest === undefined || data === undefined) throw scripts.strangeReply()
      return {
        id,
        digest,
        attemptsLeft: Number(attemptsLeft),
        remainingMs: Number(remainingMs),
        data,
      }
    },

    attempt: async (id, digests) => {
      const [outcome, count, data] = texts(await run(attemptScript, id, ...digests))
      if (outcome === 'gone') return { outcome }
      if (outcome === 'incorrect') return { outcome, attemptsLeft: Number(count) }
      if (outcome === 'verified' && data !== undefined) {
        return { outcome, data, attemptsUsed: Number(count) }
      }
      throw scripts.strangeReply()
    },

    delete: async (id, digest) => {
      await run(deleteScript, id, digest)
    },
  }
}
