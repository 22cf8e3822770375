import { type Log, startLog } from './log'

/**
 * A log of one charge as one number: at a million keys, an object for each would take 50 bytes more.
 */
export interface Packing {
  /** The number of a charge made now: none comes twice, and each is greater than those before. */
  nextCharge(now: number): number
  /** A log as it is kept: itself, where a number cannot say all of it. */
  pack(log: Log): number | Log
  /** What was packed, in an object of its own. */
  open(kept: number | Log): Log
}

// Numbers of charges begin with the time. A memory that makes more of them in a millisecond, or reads
// a clock that tells parts of one, keeps objects instead.
const chargesPerMs = 256
const mostWindows = 256

export function createPacking(): Packing {
  /** The longest windows that there are: one or two for each kind of key. */
  const windows: number[] = []
  let lastCharge = 0

  function placeOf(windowMs: number): number {
    const place = windows.indexOf(windowMs)
    return place < 0 && windows.length < mostWindows ? windows.push(windowMs) - 1 : place
  }

  return {
    nextCharge: (now) => {
      const first = now * chargesPerMs
      lastCharge = Number.isSafeInteger(first) ? Math.max(lastCharge + 1, first) : lastCharge + 1
      return lastCharge
    },

    pack: (log) => {
      const { charge, at, units, older, longestMs } = log
      if (units !== 1 || older !== null || Math.floor(charge / chargesPerMs) !== at) return log
      const place = placeOf(longestMs)
      const packed = charge * mostWindows + place
      return place < 0 || !Number.isSafeInteger(packed) ? log : packed
    },

    open: (kept) => {
      if (typeof kept !== 'number') return kept
      const charge = Math.floor(kept / mostWindows)
      const windowMs = windows[kept - charge * mostWindows] ?? 0
      return startLog(charge, 1, windowMs, Math.floor(charge / chargesPerMs))
    },
  }
}
