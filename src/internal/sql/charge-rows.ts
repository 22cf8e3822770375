import type { Taken } from '../../rate-limiter'
import {
  type ChargeLog,
  charged,
  countWindow,
  decodeEntries,
  encodeEntries,
  expiry,
} from './charge-log'
import type { SqlRow } from './client'
import { randomBelow } from './random'
import { type KeyRequest, toTaken } from './requests'
import { integerOf, textOf } from './rows'

/** Logs by key. */
export type ChargeLogs = ReadonlyMap<string, ChargeLog>

/** The logs that rows of the charges table hold. */
export function logsOf(rows: readonly SqlRow[]): ChargeLogs {
  return new Map(
    rows.map((row) => [
      textOf(row, 'key'),
      {
        entries: decodeEntries(textOf(row, 'entries')),
        nextUnit: integerOf(row, 'next_unit'),
        keptMs: integerOf(row, 'kept_ms'),
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
  /** Units in the window of each limit, as they were before. */
  readonly read: readonly number[]
  readonly changed: ChargeLogs
}

/** Decides a `take` over logs that nobody else can change meanwhile. */
export function decide(requests: readonly KeyRequest[], logs: ChargeLogs, now: number): Decision {
  const found = requests.map((request) => ({ ...request, log: logs.get(request.key) ?? newLog() }))
  const counts = found.flatMap(({ log, cost, windows }) =>
    windows.map((window) =>
      countWindow(log, window, cost, now, window.refuses ? Math.max(cost, 1) : cost),
    ),
  )
  const charging = found.filter(({ cost }) => cost > 0)
  const charges = charging.map(({ log, cost }) => ({ first: log.nextUnit, cost }))
  const taken = toTaken(requests, counts, charges)
  const read: number[] = []
  for (const [position, { index }] of found.flatMap(({ windows }) => windows).entries()) {
    read[index] = counts[position]?.used ?? 0
  }
  const changed = new Map(
    charging.map(({ key, log, windows, lookers = [], cost }) => [
      key,
      charged(log, [...windows, ...lookers], cost, now),
    ]),
  )
  return { taken, read, changed: taken.ok ? changed : new Map() }
}

/** The logs of these keys after a change; those that stay as they are left out. */
export function changedLogs(
  keys: readonly string[],
  logs: ChargeLogs,
  change: (log: ChargeLog) => ChargeLog,
): ChargeLogs {
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
