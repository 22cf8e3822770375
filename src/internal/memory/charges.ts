import { OtpError } from '../../errors'
import type { Limit, RateLimiter, Taken } from '../../rate-limiter'
import { expectEqualCosts } from '../equal-costs'
import { emptyLog, enter, forget, isIdle, type Log, remove, unitsWithin, waitFor } from './log'

/** A limit as it is asked. */
export interface AskedLimit extends Limit {
  /** At cost 0: refuses as if it cost 1. */
  readonly refuses?: boolean
  /** Neither refuses nor makes wait, and is charged all the same. */
  readonly idle?: boolean
}

/** The logs of a memory limiter. Everything is done before it returns, so calls may be joined. */
export interface Charges {
  /** What these limits say, without charging any. */
  ask(limits: readonly AskedLimit[], now: number): Refusal | Acceptance
  /** Throws unless a charge of these limits, and of further keys, has room. */
  makeRoom(limits: readonly Limit[], now: number, further?: readonly string[]): void
  /** Charges each log once, however full it is. There must be room. */
  charge(limits: readonly AskedLimit[], now: number): Extract<Taken, { ok: true }>
  units(key: string, windowMs: number, now: number): number
  refund(keys: readonly string[], charge: string, now: number): void
  clear(keys: readonly string[], newest: number | undefined, now: number): void
}

type Refusal = Extract<Taken, { ok: false }>
interface Acceptance {
  readonly ok: true
  /** Units in each limit's window. */
  readonly used: readonly number[]
}

// More than one step for a key that may be added: the sweep gains on the growth.
const stepsPerLimit = 2
const stepsWhenFull = 128

/** Logs of at most so many keys. */
export function memoryCharges(capacity: number): Charges {
  const logs = new Map<string, Log>()
  let cursor = logs.entries()
  let lastCharge = 0
  // Tells these charges from those of another limiter, or of this one before a restart. Drawn when
  // it is first needed: some runtimes refuse random numbers while a module loads.
  let origin: string | undefined

  function forgetIfIdle(key: string, log: Log, now: number): void {
    if (isIdle(log, now)) logs.delete(key)
  }

  function sweep(now: number, steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const next = cursor.next()
      if (next.done) cursor = logs.entries()
      else forgetIfIdle(next.value[0], next.value[1], now)
    }
  }

  function logOf(key: string): Log {
    const found = logs.get(key)
    if (found !== undefined) return found
    const log = emptyLog()
    logs.set(key, log)
    return log
  }

  return {
    ask: (limits, now) => {
      const used: number[] = []
      let index = -1
      let retryAfterMs = 0
      for (const limit of limits) {
        const { key, max, windowMs, cost = 1, refuses = false, idle = false } = limit
        const log = logs.get(key)
        const units = log === undefined ? 0 : unitsWithin(log, windowMs, now)
        const position = used.push(units) - 1
        const needed = cost === 0 && refuses ? 1 : cost
        if (idle || needed === 0 || units + needed <= max) continue
        const wait = log === undefined || needed > max ? windowMs : waitFor(log, limit, needed, now)
        if (wait > retryAfterMs) {
          index = position
          retryAfterMs = wait
        }
      }
      return index < 0 ? { ok: true, used } : { ok: false, index, retryAfterMs, used }
    },

    makeRoom: (limits, now, further = []) => {
      const most = limits.length + further.length
      sweep(now, stepsPerLimit * most)
      if (logs.size + most <= capacity) return
      sweep(now, stepsWhenFull)
      const charged = limits.filter(({ cost = 1 }) => cost > 0).map(({ key }) => key)
      const missing = new Set([...charged, ...further].filter((key) => !logs.has(key)))
      if (logs.size + missing.size > capacity) {
        throw new OtpError('capacity', `the memory is full: ${capacity} keys`)
      }
    },

    charge: (limits, now) => {
      origin ??= `${crypto.getRandomValues(new Uint32Array(1)).join()}-`
      lastCharge += 1
      for (const { key, windowMs, cost = 1 } of limits) {
        if (cost > 0) enter(logOf(key), lastCharge, cost, windowMs, now)
      }
      const used: number[] = []
      let retryAfterMs = 0
      for (const limit of limits) {
        const log = logs.get(limit.key)
        used.push(log === undefined ? 0 : unitsWithin(log, limit.windowMs, now))
        if (log !== undefined && limit.idle !== true) {
          retryAfterMs = Math.max(retryAfterMs, waitFor(log, limit, limit.cost || 1, now))
        }
      }
      return { ok: true, charge: `${origin}${lastCharge}`, used, retryAfterMs }
    },

    units: (key, windowMs, now) => {
      const log = logs.get(key)
      return log === undefined ? 0 : unitsWithin(log, windowMs, now)
    },

    refund: (keys, charge, now) => {
      if (origin === undefined) return
      const number = Number(charge.slice(origin.length))
      if (charge !== `${origin}${number}`) return
      for (const key of keys) {
        const log = logs.get(key)
        if (log === undefined) continue
        remove(log, number)
        forgetIfIdle(key, log, now)
      }
    },

    clear: (keys, newest, now) => {
      for (const key of keys) {
        const log = logs.get(key)
        if (log === undefined) continue
        forget(log, newest)
        forgetIfIdle(key, log, now)
      }
    },
  }
}

/** A limiter over nothing but these charges. */
export function limiterOf(charges: Charges, present: () => number): RateLimiter {
  return {
    take: async (limits) => {
      expectEqualCosts(limits)
      const now = present()
      const asked = charges.ask(limits, now)
      if (!asked.ok) return asked
      charges.makeRoom(limits, now)
      return charges.charge(limits, now)
    },
    refund: async (keys, charge) => charges.refund(keys, charge, present()),
    clear: async (keys, newest) => charges.clear(keys, newest, present()),
  }
}
