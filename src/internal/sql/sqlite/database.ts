import type { OtpDatabase } from '../../../database'
import { newChallenge } from '../challenges'
import type { SqliteDatabase } from '../client'
import { conclude, decideBeginning, weigh } from '../policies'
import type { SqlSettings } from '../settings'
import { sqliteChallenges } from './challenges'
import { sqliteCharges } from './charges'
import { transaction } from './connection'
import { sqliteRows } from './rows'

/** Both in SQLite, where `begin` and `settle` are a transaction each. */
export function sqliteDatabase(database: SqliteDatabase, settings: SqlSettings): OtpDatabase {
  const rows = sqliteRows(database, settings)
  return {
    ...sqliteChallenges(database, settings),
    ...sqliteCharges(database, settings),

    begin: (beginning) =>
      transaction(database, () => {
        const { keys, challenge } = beginning
        const now = rows.now()
        const found = rows.challenge(challenge.id)
        const { begun, changed } = decideBeginning(beginning, rows.logs(keys), found, now)
        rows.keepLogs(changed)
        if (begun.put) rows.keepChallenge(newChallenge(challenge, now))
        return begun
      }),

    settle: (submission) =>
      transaction(database, () => {
        const { keys, id } = submission
        const now = rows.now()
        const logs = rows.logs(keys)
        const weighed = weigh(submission, logs, rows.challenge(id), now)
        rows.keepLogs(weighed.changed)
        if (weighed.settled !== null) return weighed.settled
        rows.keepChallenge(weighed.challenge)
        const concluded = conclude(submission, weighed, logs, now)
        rows.keepLogs(concluded.changed)
        if (concluded.consumed !== null) rows.keepChallenge(concluded.consumed)
        return concluded.settled
      }),
  }
}
