import type { RateLimiter } from '../../../rate-limiter'
import type { AttemptOutcome, OtpStore } from '../../../store'
import { equal } from '../../equal'
import { type ChargeLog, cleared, refunded } from '../charge-log'
import { changedLogs, chargeRow, decide, logsOf } from '../charge-rows'
import { isRow, type MysqlClient, type MysqlConnection, type SqlValue } from '../client'
import { randomBelow } from '../random'
import { decodeCharge, keysInOrder, requestsByKey, toTaken } from '../requests'
import type { SqlSettings, SqlTable } from '../settings'
import { onConnection, rowsOf, transaction } from './connection'
import { mysqlSchema } from './schema'

// UTC, because the hour that a time zone repeats in autumn would run twice.
const databaseClock = `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000`
const present = `COALESCE(?, ${databaseClock})`

const secondsToWaitForMigration = 60

/** Challenges in MySQL or MariaDB: one statement an operation, a short transaction an attempt. */
export function mysqlChallenges(client: MysqlClient, settings: SqlSettings): OtpStore {
  const { name, instant } = settings
  const table = name('challenges')
  const put = `INSERT INTO ${table}
    (\`id\`, \`digest\`, \`attempts\`, \`attempts_left\`, \`expires_at\`, \`data\`)
    VALUES (?, ?, ?, ?, ${present} + ?, ?)
    ON DUPLICATE KEY UPDATE \`digest\` = VALUES(\`digest\`), \`attempts\` = VALUES(\`attempts\`),
      \`attempts_left\` = VALUES(\`attempts_left\`), \`expires_at\` = VALUES(\`expires_at\`),
      \`data\` = VALUES(\`data\`)`
  const select = `SELECT \`digest\`, \`attempts\`, \`attempts_left\`, \`data\`,
      \`expires_at\` - ${present} AS remaining_ms
    FROM ${table} WHERE \`id\` = ?`
  const charge = `UPDATE ${table} SET \`attempts_left\` = \`attempts_left\` - 1 WHERE \`id\` = ?`
  const remove = `DELETE FROM ${table} WHERE \`id\` = ? AND \`digest\` = ?`

  async function living(connection: MysqlConnection, statement: string, id: string) {
    const [row] = await rowsOf(connection, statement, [instant(), id])
    const remainingMs = Number(row?.remaining_ms)
    if (row === undefined || remainingMs <= 0) return null
    return {
      id,
      digest: String(row.digest),
      attempts: Number(row.attempts),
      attemptsLeft: Number(row.attempts_left),
      remainingMs,
      data: String(row.data),
    }
  }

  async function outcomeOf(
    connection: MysqlConnection,
    id: string,
    digests: readonly string[],
  ): Promise<AttemptOutcome> {
    const found = await living(connection, `${select} FOR UPDATE`, id)
    if (found === null || found.attemptsLeft === 0) return { outcome: 'gone' }
    const { digest, attempts, data } = found
    const attemptsLeft = found.attemptsLeft - 1
    let matches = false
    for (const candidate of digests) matches = equal(digest, candidate) || matches
    if (!matches) {
      await connection.execute(charge, [id])
      return { outcome: 'incorrect', attemptsLeft }
    }
    await connection.execute(remove, [id, digest])
    return { outcome: 'verified', data, attemptsUsed: attempts - attemptsLeft }
  }

  return {
    put: ({ id, digest, attempts, ttlMs, data }) =>
      onConnection(client, async (connection) => {
        const values = [id, digest, attempts, attempts, instant(), ttlMs, data]
        await connection.execute(put, values)
      }),

    get: (id) =>
      onConnection(client, async (connection) => {
        const found = await living(connection, select, id)
        if (found === null) return null
        const { digest, attemptsLeft, remainingMs, data } = found
        return { id, digest, attemptsLeft, remainingMs, data }
      }),

    attempt: (id, digests) =>
      transaction(client, async (connection) => {
        const result = await outcomeOf(connection, id, digests)
        return { result, commit: result.outcome !== 'gone' }
      }),

    delete: (id, digest) =>
      onConnection(client, async (connection) => {
        await connection.execute(remove, [id, digest])
      }),
  }
}

/** Charges in MySQL or MariaDB: a short transaction an operation. */
export function mysqlCharges(client: MysqlClient, settings: SqlSettings): RateLimiter {
  const { name, instant } = settings
  const table = name('charges')
  const columns = '(`key`, `next_unit`, `kept_ms`, `expires_at`, `entries`)'

  const select = (keys: number) => `SELECT \`key\`, \`entries\`, \`next_unit\`, \`kept_ms\`,
      ${present} AS now FROM ${table} WHERE \`key\` IN (${list('?', keys)})`
  const removeAll = (keys: number) => `DELETE FROM ${table} WHERE \`key\` IN (${list('?', keys)})`

  /** Locks the rows of these keys in their order, and creates those that are missing. */
  async function lock(connection: MysqlConnection, keys: readonly string[]): Promise<void> {
    // Unlike a locking read this locks what does not exist yet. Without a change it still takes an
    // exclusive lock of each row, where INSERT IGNORE would take a shared one and then deadlock.
    await connection.execute(
      `INSERT INTO ${table} ${columns} VALUES ${list(`(?, ?, 0, 0, '')`, keys.length)}
      ON DUPLICATE KEY UPDATE \`key\` = \`key\``,
      keys.flatMap((key) => [key, randomBelow(2 ** 48)]),
    )
  }

  async function keep(
    connection: MysqlConnection,
    logs: ReadonlyMap<string, ChargeLog>,
  ): Promise<void> {
    const empty = [...logs].filter(([, log]) => log.entries.length === 0).map(([key]) => key)
    const rows = [...logs].flatMap(([key, log]): SqlValue[][] =>
      log.entries.length === 0 ? [] : [chargeRow(key, log)],
    )
    if (empty.length > 0) await connection.execute(removeAll(empty.length), empty)
    if (rows.length > 0) {
      await connection.execute(
        `INSERT INTO ${table} ${columns} VALUES ${list('(?, ?, ?, ?, ?)', rows.length)}
        ON DUPLICATE KEY UPDATE \`next_unit\` = VALUES(\`next_unit\`),
          \`kept_ms\` = VALUES(\`kept_ms\`), \`expires_at\` = VALUES(\`expires_at\`),
          \`entries\` = VALUES(\`entries\`)`,
        rows.flat(),
      )
    }
  }

  /** Changes the logs that exist. Nothing is written of those that stay as they are. */
  async function change(
    keys: readonly string[],
    how: (log: ChargeLog) => ChargeLog,
  ): Promise<void> {
    if (keys.length === 0) return
    await transaction(client, async (connection) => {
      const values = [instant(), ...keys]
      const rows = await rowsOf(connection, `${select(keys.length)} FOR UPDATE`, values)
      const changed = changedLogs(keys, logsOf(rows), how)
      await keep(connection, changed)
      return { result: undefined, commit: changed.size > 0 }
    })
  }

  return {
    take: async (limits) => {
      const requests = requestsByKey(limits)
      const keys = requests.map(({ key }) => key)
      const charging = requests.filter(({ cost }) => cost > 0).map(({ key }) => key)
      if (keys.length === 0) return toTaken([], [], [])
      const read = async (connection: MysqlConnection) => {
        const rows = await rowsOf(connection, select(keys.length), [instant(), ...keys])
        // Without a row there is no log, and then it does not matter how late it is.
        return decide(requests, logsOf(rows), Number(rows[0]?.now ?? 0))
      }
      // A refusal needs no locks, and under a flood most takes are refused.
      const seen = await onConnection(client, read)
      if (seen.changed.size === 0) return seen.taken
      return transaction(client, async (connection) => {
        await lock(connection, charging)
        // This sees all that was committed while it waited for the locks: a transaction takes its
        // snapshot at its first plain read.
        const { taken, changed } = await read(connection)
        await keep(connection, changed)
        return { result: taken, commit: taken.ok }
      })
    },

    refund: (limits, charge) => {
      const units = decodeCharge(charge)
      const keys = units.length === 0 ? [] : keysInOrder(limits.map(({ key }) => key))
      return change(keys, (log) => refunded(log, units))
    },

    clear: (keys, newest = Number.POSITIVE_INFINITY) =>
      change(keysInOrder(keys), (log) => cleared(log, newest)),
  }
}

/** Creates what is missing, under a lock of the server's: its schema changes are no transaction. */
export function migrateMysql(client: MysqlClient, settings: SqlSettings): Promise<void> {
  const lock = settings.bareName('migrate')
  return onConnection(client, async (connection) => {
    const [row] = await rowsOf(connection, 'SELECT GET_LOCK(?, ?) AS locked', [
      lock,
      secondsToWaitForMigration,
    ])
    if (Number(row?.locked) !== 1) throw new Error('another migration has not finished in time')
    try {
      for (const statement of mysqlSchema(settings)) await connection.query(statement)
    } finally {
      await connection.execute('DO RELEASE_LOCK(?)', [lock])
    }
  })
}

/** Removes some expired rows and says how many. */
export function sweepMysql(
  client: MysqlClient,
  settings: SqlSettings,
  table: SqlTable,
  batch: number,
): Promise<number> {
  return onConnection(client, async (connection) => {
    // The number stands in the text: as a parameter it would be a float, which LIMIT refuses.
    const [result] = await connection.execute(
      `DELETE FROM ${settings.name(table)} WHERE \`expires_at\` <= ${present}
      ORDER BY \`expires_at\` LIMIT ${batch}`,
      [settings.instant()],
    )
    return isRow(result) ? Number(result.affectedRows) : 0
  })
}

/** `(?, ?)`, `(?, ?)` and so on. */
function list(placeholder: string, count: number): string {
  return Array<string>(count).fill(placeholder).join(', ')
}
