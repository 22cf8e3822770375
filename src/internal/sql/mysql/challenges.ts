import type { AttemptOutcome, OtpStore } from '../../../store'
import {
  attempted,
  type ChallengeRow,
  challengeColumns,
  challengeOf,
  challengeValues,
  compared,
  consumed,
  newChallenge,
  shown,
} from '../challenges'
import type { MysqlClient, MysqlConnection } from '../client'
import { integerOf } from '../rows'
import type { SqlSettings } from '../settings'
import { list, present, rowsOf, transaction, write } from './connection'

/** What transactions do with the rows of challenges. */
export interface MysqlChallenges {
  /** The challenge and the present. With `locked` nobody else changes it until the commit. */
  read(
    connection: MysqlConnection,
    id: string,
    how?: 'locked',
  ): Promise<{ readonly challenge: ChallengeRow; readonly now: number } | null>
  /** Locks the row of this id, and creates one that has no attempts where there is none. */
  lock(connection: MysqlConnection, id: string): Promise<void>
  keep(connection: MysqlConnection, challenge: ChallengeRow): Promise<void>
  /** Removes the row that `lock` created. */
  unlock(connection: MysqlConnection, id: string): Promise<void>
}

/** Those rows. */
export function mysqlChallengeRows({ name, instant }: SqlSettings): MysqlChallenges {
  const table = name('challenges')
  const columns = challengeColumns.map((column) => `\`${column}\``)
  const select = `SELECT ${columns.join(', ')}, ${present} AS now FROM ${table}
    WHERE \`id\` = ? LIMIT 1`
  const insert = `INSERT INTO ${table} (${columns.join(', ')})
    VALUES (${list('?', columns.length)}) ON DUPLICATE KEY UPDATE`
  const replace = columns.map((column) => `${column} = VALUES(${column})`).join(', ')
  return {
    read: async (connection, id, how) => {
      const statement = how === 'locked' ? `${select} FOR UPDATE` : select
      const [row] = await rowsOf(connection, statement, [instant(), id])
      return row === undefined ? null : { challenge: challengeOf(row), now: integerOf(row, 'now') }
    },
    lock: async (connection, id) => {
      const nothing = { id, digest: '', attempts: 0, ttlMs: 0, data: '' }
      // A locking read of what does not exist would lock the gap, and those of others deadlock in it.
      await connection.execute(
        `${insert} \`id\` = VALUES(\`id\`)`,
        challengeValues(newChallenge(nothing, 0)),
      )
    },
    keep: async (connection, challenge) => {
      await connection.execute(`${insert} ${replace}`, challengeValues(challenge))
    },
    unlock: async (connection, id) => {
      await connection.execute(`DELETE FROM ${table} WHERE \`id\` = ? AND \`attempts\` = 0`, [id])
    },
  }
}

/** Challenges in MySQL or MariaDB: a short transaction an operation. */
export function mysqlChallenges(client: MysqlClient, settings: SqlSettings): OtpStore {
  const rows = mysqlChallengeRows(settings)
  const table = settings.name('challenges')
  const charge = `UPDATE ${table} SET \`attempts_left\` = ? WHERE \`id\` = ?`

  async function outcomeOf(
    connection: MysqlConnection,
    id: string,
    digests: readonly string[],
  ): Promise<AttemptOutcome | null> {
    const found = await rows.read(connection, id, 'locked')
    const left = found === null ? null : attempted(found.challenge, found.now)
    if (found === null || left === null) return null
    // First, since what could not be charged must not be compared.
    await connection.execute(charge, [left.attemptsLeft, id])
    const outcome = compared(left, digests, found.now)
    if (outcome.outcome === 'verified') {
      await rows.keep(connection, consumed(left, outcome, found.now))
    }
    return outcome
  }

  return {
    put: async (challenge) => {
      const { id, digest, attempts, ttlMs, data } = challenge
      await write(
        client,
        `INSERT INTO ${table}
        (\`id\`, \`digest\`, \`attempts\`, \`attempts_left\`, \`expires_at\`, \`data\`)
        VALUES (?, ?, ?, ?, ${present} + ?, ?)
        ON DUPLICATE KEY UPDATE \`digest\` = VALUES(\`digest\`), \`attempts\` = VALUES(\`attempts\`),
          \`attempts_left\` = VALUES(\`attempts_left\`), \`expires_at\` = VALUES(\`expires_at\`),
          \`data\` = VALUES(\`data\`), \`used_attempts\` = 0, \`used_remaining_ms\` = 0,
          \`used_call\` = ''`,
        [id, digest, attempts, attempts, settings.instant(), ttlMs, data],
      )
    },

    get: (id) =>
      transaction(client, async (connection) => {
        const found = await rows.read(connection, id)
        const result = found === null ? null : shown(found.challenge, found.now)
        return { result, commit: false }
      }),

    attempt: (id, digests) =>
      transaction(client, async (connection) => {
        const outcome = await outcomeOf(connection, id, digests)
        return { result: outcome ?? { outcome: 'gone' }, commit: outcome !== null }
      }),

    delete: async (id, digest) => {
      await write(client, `DELETE FROM ${table} WHERE \`id\` = ? AND \`digest\` = ?`, [id, digest])
    },
  }
}
