import type { RateLimiter } from 'otpkit'
import type { Pool } from 'pg'

/**
 * A locked read, then an upsert, in one transaction. It is right on keys that exist. A row that
 * does not exist cannot be locked, so everybody who comes first finds room.
 */
export function lockedReadThenUpsertLimiter(
  pool: Pool,
  table: string,
  sound: RateLimiter,
): RateLimiter {
  return {
    ...sound,
    take: async (limits) => {
      const [limit] = limits
      if (limit === undefined || limits.length > 1 || limit.cost === 0) return sound.take(limits)
      const { key, max, windowMs } = limit
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        const { rows } = await client.query(
          `SELECT "times" FROM ${table} WHERE "key" = $1 FOR UPDATE`,
          [key],
        )
        const used = rows[0]?.times.length ?? 0
        const ok = used < max
        if (ok) {
          // The same row as the sound limiter writes, so that the sound one can count it.
          const at = 'ARRAY[1700000000000]::bigint[]'
          const entry = `ARRAY[${used + 1}, ${used + 1}, 1, ${used}]::bigint[]`
          await client.query(
            `INSERT INTO ${table} AS c ("expires_at", "kept_ms", "next_unit", "key", "times",
              "entries")
            VALUES ($2, $2, 1, $1, ${at}, ${entry})
            ON CONFLICT ("key") DO UPDATE SET "times" = c."times" || ${at},
              "entries" = c."entries" || ${entry}`,
            [key, windowMs],
          )
        }
        await client.query('COMMIT')
        return ok
          ? { ok, charge: String(used), used: [used + 1], retryAfterMs: windowMs }
          : { ok, index: 0, used: [used], retryAfterMs: windowMs }
      } finally {
        client.release()
      }
    },
  }
}
