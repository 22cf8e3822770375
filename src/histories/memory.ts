import type { History } from '../history'
import { memoryHistoryPlace } from '../internal/history/memory'
import { historyIn } from '../internal/history/recorder'
import { type HistoryOptions, historySettings } from '../internal/history/settings'
import { knownOptions } from '../internal/known-options'
import { wrongOption } from '../internal/wrong-option'

/** Options of `memoryHistory`. */
export interface MemoryHistoryOptions extends HistoryOptions {
  /**
   * Most events kept, and as many messages that receipts can find. Of more the oldest go: of events
   * those of the type that has most. Counts are kept for as long as `retention` says.
   *
   * @defaultValue 10,000
   */
  readonly capacity?: number
}

/**
 * A history in the memory of this process: for tests, development and backends of one process. A
 * restart forgets it, and what other processes do is not in it.
 *
 * @throws `TypeError` for a wrong option.
 *
 * @example
 * ```ts
 * import { memoryHistory } from 'otpkit/histories/memory'
 *
 * export const history = memoryHistory()
 * ```
 */
export function memoryHistory(given: MemoryHistoryOptions = {}): History {
  const names = { capacity: true, retention: true, clock: true } as const
  const options = knownOptions('memoryHistory', given, names)
  const { capacity = 10_000 } = options
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw wrongOption('memoryHistory', 'capacity', 'must be a whole number of 1 or more')
  }
  const settings = historySettings('memoryHistory', options)
  return historyIn(memoryHistoryPlace(capacity, settings.retention), settings, false)
}
