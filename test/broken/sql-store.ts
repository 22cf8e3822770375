import type { OtpStore } from 'otpkit'
import type { Pool } from 'pg'

/**
 * SELECT, then UPDATE, as most applications write it: between the two statements everybody else
 * reads the same number of attempts.
 */
export function selectThenUpdateStore(pool: Pool, table: string, sound: OtpStore): OtpStore {
  return {
    ...sound,
    attempt: async (id, digests) => {
      const { rows } = await pool.query(`SELECT * FROM ${table} WHERE id = $1`, [id])
      const challenge = rows[0]
      if (challenge === undefined || challenge.attempts_left === 0) return { outcome: 'gone' }
      const attemptsLeft = challenge.attempts_left - 1
      const { data } = challenge
      const remainingMs = challenge.expires_at - Date.now()
      if (digests.includes(challenge.digest)) {
        await pool.query(`DELETE FROM ${table} WHERE id = $1`, [id])
        const attemptsUsed = challenge.attempts - attemptsLeft
        return { outcome: 'verified', data, attemptsUsed, remainingMs }
      }
      await pool.query(`UPDATE ${table} SET attempts_left = $2 WHERE id = $1`, [id, attemptsLeft])
      return { outcome: 'incorrect', data, attemptsLeft, remainingMs }
    },
  }
}

/**
 * Counts the attempt in one statement, as it should be, but compares before that: a right code is
 * found right by everybody who reads in time.
 */
export function compareThenChargeStore(pool: Pool, table: string, sound: OtpStore): OtpStore {
  return {
    ...sound,
    attempt: async (id, digests) => {
      const { rows } = await pool.query(`SELECT * FROM ${table} WHERE id = $1`, [id])
      const matches = digests.includes(rows[0]?.digest)
      const charged = await pool.query(
        `UPDATE ${table} SET attempts_left = attempts_left - 1
        WHERE id = $1 AND attempts_left > 0 RETURNING *`,
        [id],
      )
      const challenge = charged.rows[0]
      if (challenge === undefined) return { outcome: 'gone' }
      const { attempts, attempts_left: attemptsLeft, data } = challenge
      const remainingMs = challenge.expires_at - Date.now()
      if (!matches) return { outcome: 'incorrect', data, attemptsLeft, remainingMs }
      await pool.query(`DELETE FROM ${table} WHERE id = $1`, [id])
      return { outcome: 'verified', data, attemptsUsed: attempts - attemptsLeft, remainingMs }
    },
  }
}
