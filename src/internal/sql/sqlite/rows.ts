import { type ChallengeRow, challengeColumns, challengeOf, challengeValues } from '../challenges'
import { type ChargeLogs, chargeRow, logsOf } from '../charge-rows'
import type { SqliteDatabase } from '../client'
import type { SqlSettings } from '../settings'
import { statementsOf } from './connection'

/** What transactions do with the rows of both tables. */
export interface SqliteRows {
  now(): number
  challenge(id: string): ChallengeRow | null
  keepChallenge(challenge: ChallengeRow): void
  removeChallenge(id: string, digest: string): void
  /** The logs of these keys that exist. */
  logs(keys: readonly string[]): ChargeLogs
  /** Writes logs; those without entries are removed. */
  keepLogs(logs: ChargeLogs): void
}

/** Those rows. */
export function sqliteRows(database: SqliteDatabase, { name, instant }: SqlSettings): SqliteRows {
  const statements = statementsOf(database)
  const challenges = name('challenges')
  const charges = name('charges')
  const columns = challengeColumns.map((column) => `"${column}"`)
  const selectChallenge = `SELECT ${columns.join(', ')} FROM ${challenges} WHERE "id" = ?`
  const writeChallenge = `INSERT INTO ${challenges} (${columns.join(', ')})
    VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT ("id") DO UPDATE SET
    ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`
  const removeChallenge = `DELETE FROM ${challenges} WHERE "id" = ? AND "digest" = ?`
  const selectLog = `SELECT "key", "entries", "next_unit", "kept_ms" FROM ${charges} WHERE "key" = ?`
  const writeLog = `INSERT INTO ${charges} ("key", "next_unit", "kept_ms", "expires_at", "entries")
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT ("key") DO UPDATE SET "next_unit" = excluded."next_unit",
      "kept_ms" = excluded."kept_ms", "expires_at" = excluded."expires_at",
      "entries" = excluded."entries"`
  const removeLog = `DELETE FROM ${charges} WHERE "key" = ?`

  return {
    now: () => instant() ?? statements.now(),
    challenge: (id) => {
      const row = statements.rowOf(selectChallenge, [id])
      return row === null ? null : challengeOf(row)
    },
    keepChallenge: (challenge) => {
      statements.run(writeChallenge, challengeValues(challenge))
    },
    removeChallenge: (id, digest) => {
      statements.run(removeChallenge, [id, digest])
    },
    logs: (keys) => {
      const rows = keys.map((key) => statements.rowOf(selectLog, [key]))
      return logsOf(rows.filter((row) => row !== null))
    },
    keepLogs: (logs) => {
      for (const [key, log] of logs) {
        if (log.entries.length === 0) statements.run(removeLog, [key])
        else statements.run(writeLog, chargeRow(key, log))
      }
    },
  }
}
