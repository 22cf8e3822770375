import type { Taken } from '../../rate-limiter'
import {
  type ChargeLog,
  charged,
  countWindow,
  decodeEntries,
  encodeEntries,
  expiry,
} from './charge-log'
import { isRow, type SqlRow } from './client'
import { randomBelow } from './random'
import { type KeyRequest, toTaken } from './requests'

/** The logs that rows of the charges table hold, by key. */
export function logsOf(rows: readonly unknown[]): ReadonlyMap<string, ChargeLog> {
  return new Map(
    rows.filter(isRow).map((row: SqlRow) => [
      String(row.key),
      {
        entries: decodeEntries(String(row.entries)),
        nextUnit: Number(row.next_unit),
        keptMs: Number(row.kept_ms),
      },
    ]),
  )
}

/** A log as the columns key, next_unit, kept_ms, expires_at, entries. */
export function chargeRow(key: string, log: ChargeLog): (string | number)[] {
  return [key, log.nextUnit, log.keptMs, expiry(log), encodeEntries(log.entries)]
}

/** The answer of a `take`, and the logs that it leaves: none where it charges nothing. */
export interface Decision {
  readonly taken: Taken
  readonly changed: ReadonlyMap<string, ChargeLog>
}

/** Decides a `take` over logs that nobody else can change meanwhile. */
export function decide(
  requests: readonly KeyRequest[],
  logs: ReadonlyMap<string, ChargeLog>,
  now: number,
): Decision {
  const found = requests.map((request) => ({ ...request, log: logs.get(request.key) ?? newLog() }))
  const counts = found.flatMap(({ log, cost, windows }) =>
    windows.map((window) => countWindow(log, window, cost, now)),
  )
  const charging = found.filter(({ cost }) => cost > 0)
  const charges = charging.map(({ log, cost }) => ({ first: log.nextUnit, cost }))
  const taken = toTaken(requests, counts, charges)
  const changed = new Map(
    charging.map(({ key, log, windows, cost }) => [key, charged(log, windows, cost, now)]),
  )
  return { taken, changed: taken.ok ? changed : new Map() }
}

/** The logs of these keys after a change; those that stay as they are left out. */
export function changedLogs(
  keys: readonly string[],
  logs: ReadonlyMap<string, ChargeLog>,
  change: (log: ChargeLog) => ChargeLog,
): ReadonlyMap<string, ChargeLog> {
  const changed = new Map<string, ChargeLog>()
  for (const key of keys) {
    const log = changed.get(key) ?? logs.get(key)
    const after = log === undefined ? undefined : change(log)
    if (after !== undefined && after !== log) changed.set(key, after)
  }
  return changed
}

/** An empty log. Its numbers begin at random, so a charge of another log is not found in it. */
function newLog(): ChargeLog {
  return { entries: [], nextUnit: randomBelow(2 ** 48), keptMs: 0 }
}
