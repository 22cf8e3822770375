import { OtpError } from '../errors'
import { expectEqualCosts } from '../internal/equal-costs'
import type { Limit, RateLimiter } from '../rate-limiter'

/** Options of `memoryRateLimiter`. */
export interface MemoryRateLimiterOptions {
  /**
   * Most keys kept at once. Beyond it `take` throws an `OtpError` with code `capacity`: a log that
   * still counts is never forgotten to make room.
   *
   * @defaultValue 1,000,000
   */
  readonly capacity?: number
  /**
   * The present in milliseconds, for tests.
   *
   * @defaultValue a monotonic clock, so that setting the host's clock changes no window
   */
  readonly clock?: () => number
}

/** The charges of one key, oldest first. */
interface Log {
  readonly entries: Entry[]
  /** Units of all entries, those dropped from the front included. */
  units: number
  /** The longest window ever charged here: what is older counts nowhere. */
  longestMs: number
}

interface Entry {
  readonly at: number
  readonly charge: number
  readonly units: number
  /** Units of the log in front of this entry, so that any window is one subtraction. */
  unitsBefore: number
}

// More than one step for a key that may be added: the sweep gains on the growth.
const stepsPerLimit = 2
const stepsWhenFull = 128

/**
 * Charges in the memory of this process: for tests, development and backends of one process. A
 * restart forgets them all, the failure ledgers included.
 *
 * Windows are exact whatever their `max`; a charge takes about 60 bytes while a window of its key
 * still holds it, so a key is bounded by its largest `max`. Nothing is kept for a key that was only
 * looked at, refunded to zero or cleared. What has aged out is removed a few keys at a time by
 * later takes; there is no timer.
 *
 * @throws `TypeError` when `capacity` is not a whole number of 1 or more, and from `take` when
 * limits share a key but not a cost.
 *
 * @example
 * ```ts
 * import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
 *
 * export const rateLimiter = memoryRateLimiter({ capacity: 100_000 })
 * ```
 */
export function memoryRateLimiter(options: MemoryRateLimiterOptions = {}): RateLimiter {
  const { capacity = 1_000_000, clock = () => Math.floor(performance.now()) } = options
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new TypeError('capacity must be a whole number of keys, 1 or more')
  }
  // Tells this limiter's charges from those of another one, or of this one before a restart.
  const origin = `${crypto.getRandomValues(new Uint32Array(1)).join()}-`
  const logs = new Map<string, Log>()
  let cursor = logs.entries()
  let lastCharge = 0
  let latest = Number.NEGATIVE_INFINITY

  // Never backwards, since logs are searched by time.
  function present(): number {
    latest = Math.max(latest, clock())
    return latest
  }

  function forgetIfIdle(key: string, log: Log, now: number): void {
    const newest = log.entries.at(-1)
    if (newest === undefined || now - newest.at >= log.longestMs) logs.delete(key)
  }

  function sweep(now: number, steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const next = cursor.next()
      if (next.done) cursor = logs.entries()
      else forgetIfIdle(next.value[0], next.value[1], now)
    }
  }

  function makeRoom(limits: readonly Limit[], now: number): void {
    sweep(now, stepsPerLimit * limits.length)
    if (logs.size + limits.length <= capacity) return
    sweep(now, stepsWhenFull)
    const charged = limits.filter(({ cost = 1 }) => cost > 0).map(({ key }) => key)
    const missing = new Set(charged.filter((key) => !logs.has(key)))
    if (logs.size + missing.size > capacity) {
      throw new OtpError('capacity', `the memory rate limiter is full: ${capacity} keys`)
    }
  }

  /** Enters the charge once per log, and gives that log. */
  function enter(charge: number, limit: Limit, units: number, now: number): Log {
    const { key, windowMs } = limit
    const log = logs.get(key)
    if (log === undefined) {
      const entries = [{ at: now, charge, units, unitsBefore: 0 }]
      const created = { entries, units, longestMs: windowMs }
      logs.set(key, created)
      return created
    }
    if (log.entries.at(-1)?.charge !== charge) {
      dropAged(log, now)
      log.entries.push({ at: now, charge, units, unitsBefore: log.units })
      log.units += units
    }
    log.longestMs = Math.max(log.longestMs, windowMs)
    return log
  }

  return {
    take: async (limits) => {
      expectEqualCosts(limits)
      const now = present()
      const used: number[] = []
      let index = -1
      let retryAfterMs = 0
      for (const limit of limits) {
        const { key, max, windowMs, cost = 1 } = limit
        const log = logs.get(key)
        const units = log === undefined ? 0 : unitsWithin(log, windowMs, now)
        const position = used.push(units) - 1
        if (cost === 0 || units + cost <= max) continue
        const wait = log === undefined || cost > max ? windowMs : waitFor(log, limit, cost, now)
        if (wait > retryAfterMs) {
          index = position
          retryAfterMs = wait
        }
      }
      if (index >= 0) return { ok: false, index, retryAfterMs, used }

      makeRoom(limits, now)
      lastCharge += 1
      for (const [position, limit] of limits.entries()) {
        const { key, cost = 1 } = limit
        const log = cost === 0 ? logs.get(key) : enter(lastCharge, limit, cost, now)
        used[position] = (used[position] ?? 0) + cost
        if (log !== undefined) {
          retryAfterMs = Math.max(retryAfterMs, waitFor(log, limit, cost || 1, now))
        }
      }
      return { ok: true, charge: `${origin}${lastCharge}`, used, retryAfterMs }
    },

    refund: async (limits, charge) => {
      const now = present()
      const number = Number(charge.slice(origin.length))
      if (charge !== `${origin}${number}`) return
      for (const { key } of limits) {
        const log = logs.get(key)
        if (log === undefined) continue
        remove(log, number)
        forgetIfIdle(key, log, now)
      }
    },

    clear: async (keys, newest) => {
      const now = present()
      for (const key of keys) {
        const log = logs.get(key)
        if (log === undefined) continue
        const { entries } = log
        const forgotten = entries.splice(
          newest === undefined ? 0 : Math.max(0, entries.length - newest),
        )
        log.units = forgotten[0]?.unitsBefore ?? log.units
        forgetIfIdle(key, log, now)
      }
    },
  }
}

/** Where the entries that pass begin: none of those in front of it passes. */
function firstIndex(entries: readonly Entry[], passes: (entry: Entry) => boolean): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries[middle]
    if (entry !== undefined && passes(entry)) high = middle
    else low = middle + 1
  }
  return low
}

function unitsWithin(log: Log, windowMs: number, now: number): number {
  const oldest = log.entries[firstIndex(log.entries, (entry) => now - entry.at < windowMs)]
  return oldest === undefined ? 0 : log.units - oldest.unitsBefore
}

/** Milliseconds until `cost` more units fit into the window. */
function waitFor(log: Log, { max, windowMs }: Limit, cost: number, now: number): number {
  const fits = firstIndex(log.entries, (entry) => log.units - entry.unitsBefore <= max - cost)
  const lastInTheWay = log.entries[fits - 1]
  return lastInTheWay === undefined ? 0 : Math.max(0, lastInTheWay.at + windowMs - now)
}

// Only once half of the log has aged, so that each charge is moved at most once on average.
function dropAged(log: Log, now: number): void {
  const aged = firstIndex(log.entries, (entry) => now - entry.at < log.longestMs)
  if (aged * 2 > log.entries.length) log.entries.splice(0, aged)
}

function remove(log: Log, charge: number): void {
  const index = firstIndex(log.entries, (entry) => entry.charge >= charge)
  const entry = log.entries[index]
  if (entry?.charge !== charge) return
  log.entries.splice(index, 1)
  log.units -= entry.units
  for (const later of log.entries.slice(index)) later.unitsBefore -= entry.units
}
