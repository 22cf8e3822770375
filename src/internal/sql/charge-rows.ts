import {
  type ChargeLog,
  charged,
  countWindow,
  decodeEntries,
  encodeEntries,
  expiry,
  type Units,
  type WindowCount,
} from './charge-log'
import { isRow, type SqlRow } from './client'
import { randomBelow } from './random'
import { isRefused, type KeyRequest } from './requests'

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

/** What a `take` finds in the logs, and the logs that it leaves: none where it is refused. */
export interface Decision {
  readonly counts: readonly WindowCount[]
  readonly charges: readonly Units[]
  readonly changed: ReadonlyMap<string, ChargeLog>
}

/** Decides a `take` over logs that nobody else can change meanwhile. */
export function decide(
  requests: readonly KeyRequest[],
  logs: ReadonlyMap<string, ChargeLog>,
  now: number,
): Decision {
  const logOf = (key: string) => logs.get(key) ?? newLog()
  const counts = requests.flatMap(({ key, cost, windows }) => {
    const log = logOf(key)
    return windows.map((window) => countWindow(log, window, cost, now))
  })
  const charging = isRefused(requests, counts) ? [] : requests.filter(({ cost }) => cost > 0)
  const charges: Units[] = []
  const changed = new Map<string, ChargeLog>()
  for (const { key, cost, windows } of charging) {
    const log = logOf(key)
    charges.push({ first: log.nextUnit, cost })
    changed.set(key, charged(log, windows, cost, now))
  }
  return { counts, charges, changed }
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
export function newLog(): ChargeLog {
  return { entries: [], nextUnit: randomBelow(2 ** 48), keptMs: 0 }
}
