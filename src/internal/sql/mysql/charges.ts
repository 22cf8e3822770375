import type { RateLimiter } from '../../../rate-limiter'
import { type ChargeLog, cleared, refunded } from '../charge-log'
import { type ChargeLogs, changedLogs, chargeRow, decide, logsOf } from '../charge-rows'
import type { MysqlClient, MysqlConnection, SqlValue } from '../client'
import { randomBelow } from '../random'
import { decodeCharge, keysInOrder, requestsByKey, toTaken } from '../requests'
import { integerOf } from '../rows'
import type { SqlSettings } from '../settings'
import { begin, list, present, rowsOf, transaction } from './connection'

/** What transactions do with the rows of charges. */
export interface MysqlCharges {
  /** The logs of these keys that exist, and the present; 0 where none of them does. */
  read(connection: MysqlConnection, keys: readonly string[], how?: 'locked'): Promise<ReadLogs>
  /**
   * Locks the rows of these keys in their order, and creates those that are missing: nobody else
   * changes one of them until the commit.
   */
  lock(connection: MysqlConnection, keys: readonly string[]): Promise<void>
  /** Writes logs; those without entries are removed. */
  keep(connection: MysqlConnection, logs: ChargeLogs): Promise<void>
}

interface ReadLogs {
  readonly logs: ChargeLogs
  readonly now: number
}

/** Those rows. */
export function mysqlChargeRows({ name, instant }: SqlSettings): MysqlCharges {
  const table = name('charges')
  const insert = `INSERT INTO ${table}
    (\`key\`, \`next_unit\`, \`kept_ms\`, \`expires_at\`, \`entries\`) VALUES`
  return {
    read: async (connection, keys, how) => {
      const select = `SELECT \`key\`, \`entries\`, \`next_unit\`, \`kept_ms\`, ${present} AS now
        FROM ${table} WHERE \`key\` IN (${list('?', keys.length)}) LIMIT ${keys.length}`
      const statement = how === 'locked' ? `${select} FOR UPDATE` : select
      const rows = await rowsOf(connection, statement, [instant(), ...keys])
      const [row] = rows
      return { logs: logsOf(rows), now: row === undefined ? 0 : integerOf(row, 'now') }
    },

    lock: async (connection, keys) => {
      // Unlike a locking read this locks what does not exist yet. Without a change it still takes an
      // exclusive lock of each row, where INSERT IGNORE would take a shared one and then deadlock.
      await connection.execute(
        `${insert} ${list(`(?, ?, 0, 0, '')`, keys.length)} ON DUPLICATE KEY UPDATE \`key\` = \`key\``,
        keys.flatMap((key) => [key, randomBelow(2 ** 48)]),
      )
    },

    keep: async (connection, logs) => {
      const empty = [...logs].filter(([, log]) => log.entries.length === 0).map(([key]) => key)
      const rows = [...logs].flatMap(([key, log]): SqlValue[][] =>
        log.entries.length === 0 ? [] : [chargeRow(key, log)],
      )
      if (empty.length > 0) {
        await connection.execute(
          `DELETE FROM ${table} WHERE \`key\` IN (${list('?', empty.length)})`,
          empty,
        )
      }
      if (rows.length > 0) {
        await connection.execute(
          `${insert} ${list('(?, ?, ?, ?, ?)', rows.length)}
          ON DUPLICATE KEY UPDATE \`next_unit\` = VALUES(\`next_unit\`),
            \`kept_ms\` = VALUES(\`kept_ms\`), \`expires_at\` = VALUES(\`expires_at\`),
            \`entries\` = VALUES(\`entries\`)`,
          rows.flat(),
        )
      }
    },
  }
}

/** Charges in MySQL or MariaDB: a short transaction an operation. */
export function mysqlCharges(client: MysqlClient, settings: SqlSettings): RateLimiter {
  const rows = mysqlChargeRows(settings)

  /** Changes the logs that exist. Nothing is written of those that stay as they are. */
  async function change(
    keys: readonly string[],
    how: (log: ChargeLog) => ChargeLog,
  ): Promise<void> {
    if (keys.length === 0) return
    await transaction(client, async (connection) => {
      const { logs } = await rows.read(connection, keys, 'locked')
      const changed = changedLogs(keys, logs, how)
      await rows.keep(connection, changed)
      return { result: undefined, commit: changed.size > 0 }
    })
  }

  return {
    take: async (limits) => {
      const requests = requestsByKey(limits)
      const keys = requests.map(({ key }) => key)
      if (keys.length === 0) return toTaken([], [], [])
      return transaction(client, async (connection) => {
        // A refusal needs no locks, and under a flood most takes are refused.
        const found = await rows.read(connection, keys)
        const seen = decide(requests, found.logs, found.now)
        if (seen.changed.size === 0) return { result: seen.taken, commit: false }
        await begin(connection)
        await rows.lock(connection, keys)
        const { logs, now } = await readLocked(rows, connection, keys)
        const { taken, changed } = decide(requests, logs, now)
        if (taken.ok) await rows.keep(connection, new Map([...emptyLogs(logs), ...changed]))
        return { result: taken, commit: taken.ok }
      })
    },

    refund: (keys, charge) => {
      const units = decodeCharge(charge)
      return change(units.length === 0 ? [] : keysInOrder(keys), (log) => refunded(log, units))
    },

    clear: (keys, newest = Number.POSITIVE_INFINITY) =>
      change(keysInOrder(keys), (log) => cleared(log, newest)),
  }
}

/** The rows that `lock` has locked. Throws when one is not among them: it would count as empty. */
export async function readLocked(
  rows: MysqlCharges,
  connection: MysqlConnection,
  keys: readonly string[],
): Promise<ReadLogs> {
  const found = await rows.read(connection, keys, 'locked')
  if (keys.every((key) => found.logs.has(key))) return found
  throw new Error('the client answered a query with too few rows')
}

/** Logs whose row was only created to be locked, unless something is charged to it. */
export function emptyLogs(logs: ChargeLogs): ChargeLogs {
  return new Map([...logs].filter(([, log]) => log.entries.length === 0))
}
