import { checkClock } from '../check-function'
import { knownOptions } from '../known-options'
import { wrongOption } from '../wrong-option'

/** What the memory adapters are told. */
export interface MemorySettings {
  readonly capacity: number
  /** The present in milliseconds, never earlier than it was before. */
  readonly present: () => number
}

/** Reads the options that all memory adapters share. */
export function memorySettings(
  factory: string,
  given: { readonly capacity?: number; readonly clock?: () => number },
): MemorySettings {
  const options = knownOptions(factory, given, { capacity: true, clock: true })
  const { capacity = 1_000_000 } = options
  const clock = checkClock(factory, options.clock) ?? (() => Math.floor(performance.now()))
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw wrongOption(factory, 'capacity', 'must be a whole number of 1 or more')
  }
  let latest = Number.NEGATIVE_INFINITY
  return {
    capacity,
    // Never backwards, since logs are searched by time.
    present: () => {
      latest = Math.max(latest, clock())
      return latest
    },
  }
}
