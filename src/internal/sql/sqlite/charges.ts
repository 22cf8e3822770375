import type { RateLimiter } from '../../../rate-limiter'
import { type ChargeLog, cleared, refunded } from '../charge-log'
import { changedLogs, decide } from '../charge-rows'
import type { SqliteDatabase } from '../client'
import { decodeCharge, requestsByKey } from '../requests'
import type { SqlSettings } from '../settings'
import { transaction } from './connection'
import { sqliteRows } from './rows'

/** Charges in SQLite. Every operation is over within one turn of the event loop. */
export function sqliteCharges(database: SqliteDatabase, settings: SqlSettings): RateLimiter {
  const rows = sqliteRows(database, settings)

  function change(keys: readonly string[], how: (log: ChargeLog) => ChargeLog): Promise<void> {
    return transaction(database, () => rows.keepLogs(changedLogs(keys, rows.logs(keys), how)))
  }

  return {
    take: async (limits) => {
      const requests = requestsByKey(limits)
      return transaction(database, () => {
        const logs = rows.logs(requests.map(({ key }) => key))
        const { taken, changed } = decide(requests, logs, rows.now())
        rows.keepLogs(changed)
        return taken
      })
    },

    refund: (keys, charge) => {
      const units = decodeCharge(charge)
      return change(keys, (log) => refunded(log, units))
    },

    clear: (keys, newest = Number.POSITIVE_INFINITY) => change(keys, (log) => cleared(log, newest)),
  }
}
