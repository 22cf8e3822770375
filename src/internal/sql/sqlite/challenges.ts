import type { OtpStore } from '../../../store'
import { attempted, compared, consumed, newChallenge, shown } from '../challenges'
import type { SqliteDatabase } from '../client'
import type { SqlSettings } from '../settings'
import { transaction, whenFree } from './connection'
import { sqliteRows } from './rows'

/** Challenges in SQLite. Every operation is over within one turn of the event loop. */
export function sqliteChallenges(database: SqliteDatabase, settings: SqlSettings): OtpStore {
  const rows = sqliteRows(database, settings)
  return {
    put: (challenge) =>
      transaction(database, () => rows.keepChallenge(newChallenge(challenge, rows.now()))),

    get: (id) => whenFree(() => shown(rows.challenge(id), rows.now())),

    attempt: (id, digests) =>
      transaction(database, () => {
        const now = rows.now()
        const left = attempted(rows.challenge(id), now)
        if (left === null) return { outcome: 'gone' }
        // First, since what could not be charged must not be compared.
        rows.keepChallenge(left)
        const outcome = compared(left, digests, now)
        if (outcome.outcome === 'verified') rows.keepChallenge(consumed(left, outcome, now))
        return outcome
      }),

    delete: (id, digest) => transaction(database, () => rows.removeChallenge(id, digest)),
  }
}
