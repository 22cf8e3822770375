import type { PolicyLimit, Window } from '../../database'
import { OtpError } from '../../errors'
import type { Limit, RateLimiter, Taken } from '../../rate-limiter'
import { expectEqualCosts } from '../equal-costs'
import { enter, forget, isIdle, type Log, remove, startLog, unitsWithin, waitFor } from './log'
import { createPacking } from './packed-log'

/** Limits over the keys of a call, with the logs of these keys. */
export interface Call {
  readonly limits: readonly PolicyLimit[]
  readonly keys: readonly string[]
  readonly costs: readonly number[] | undefined
  readonly now: number
  /** In the order of the keys: found once, however many windows look at them. */
  readonly logs: (Log | undefined)[]
  /** The same as they are kept. */
  readonly kept: (Log | number | undefined)[]
  /** Units that the first limit has used, as read before any charge. */
  readonly firstUsed: number
}

/** What a call comes with. */
interface Called {
  readonly keys: readonly string[]
  readonly costs?: readonly number[]
}

interface Rules {
  readonly limits: readonly PolicyLimit[]
  readonly forgiveness?: Window
}

/** The logs of a memory limiter. Everything is done before it returns, so calls may be joined. */
export interface Charges {
  /** Begins a call. Removes some of what has aged out, so it comes before anything is looked at. */
  call(rules: Rules, called: Called, now: number): Call
  /** What its limits say, without charging any. */
  ask(call: Call): Refusal | Acceptance
  /** Throws unless a charge of its limits, and of one further key, has room. */
  expectRoom(call: Call, further?: number): void
  /** Charges each key once, or those that pass, however full its log is. There must be room. */
  charge(call: Call, passes?: (key: number) => boolean): string
  /** Units in each limit's window. */
  used(call: Call): number[]
  /** Milliseconds until the same call would be accepted again. */
  wait(call: Call): number
  refund(keys: readonly string[], charge: string): void
  clear(keys: readonly string[], newest?: number): void
}

type Refusal = Extract<Taken, { ok: false }>
interface Acceptance {
  readonly ok: true
  /** Units in each limit's window. */
  readonly used: readonly number[]
}

// More than one step for a key that was added: the sweep gains on the growth.
const stepsPerKey = 2
const stepsWhenFull = 128

/** Logs of at most so many keys. */
export function memoryCharges(capacity: number): Charges {
  const logs = new Map<string, Log | number>()
  const { nextCharge, pack, open } = createPacking()
  let cursor = logs.entries()
  let stepsDue = 0
  // Tells these charges from those of another limiter, or of this one before a restart. Drawn when
  // it is first needed: some runtimes refuse random numbers while a module loads.
  let origin: string | undefined

  function sweep(now: number, steps: number): void {
    for (let step = 0; step < steps; step += 1) {
      const next = cursor.next()
      if (next.done) cursor = logs.entries()
      else if (isIdle(open(next.value[1]), now)) logs.delete(next.value[0])
    }
  }

  /** Changes a log that is kept, or removes it where the change leaves none of it. */
  function change(key: string, isLeft: (log: Log) => boolean): void {
    const kept = logs.get(key)
    if (kept === undefined) return
    const log = open(kept)
    if (!isLeft(log)) logs.delete(key)
  }

  return {
    call: (rules, { keys, costs }, now) => {
      expectKeys(rules, keys.length)
      sweep(now, stepsDue)
      stepsDue = 0
      if (logs.size + keys.length > capacity) sweep(now, stepsWhenFull)
      const kept: (Log | number | undefined)[] = []
      const found: (Log | undefined)[] = []
      for (const key of keys) {
        const one = logs.get(key)
        kept.push(one)
        found.push(one === undefined ? undefined : open(one))
      }
      const { limits } = rules
      const [first] = limits
      const firstUsed = first === undefined ? 0 : unitsOf(found[first.key], first.windowMs, now)
      return { limits, keys, costs, now, logs: found, kept, firstUsed }
    },

    ask: (call) => {
      const { now } = call
      const used: number[] = []
      let index = -1
      let retryAfterMs = 0
      for (const limit of call.limits) {
        const { windowMs } = limit
        const log = call.logs[limit.key]
        const units = unitsOf(log, windowMs, now)
        const position = used.push(units) - 1
        const needed = limit.cost === 0 && limit.refuses === true ? 1 : costOf(call, limit)
        if (needed === 0 || isAsleep(call, limit)) continue
        const max = maxOf(call, limit)
        if (units + needed <= max) continue
        const wait =
          log === undefined || needed > max ? windowMs : waitFor(log, max - needed, windowMs, now)
        if (wait > retryAfterMs) {
          index = position
          retryAfterMs = wait
        }
      }
      return index < 0 ? { ok: true, used } : { ok: false, index, retryAfterMs, used }
    },

    expectRoom: (call, further) => {
      if (logs.size + call.keys.length <= capacity) return
      const isAdded = (log: Log | undefined, key: number) =>
        log === undefined &&
        (key === further ||
          call.limits.some((limit) => limit.key === key && costOf(call, limit) > 0))
      if (logs.size + call.logs.filter(isAdded).length > capacity) {
        throw new OtpError('capacity', `the memory is full: ${capacity} keys`)
      }
    },

    charge: (call, passes) => {
      origin ??= `${crypto.getRandomValues(new Uint32Array(1)).join()}-`
      const charge = nextCharge(call.now)
      for (const limit of call.limits) {
        const { key, windowMs } = limit
        const units = costOf(call, limit)
        if (units === 0 || passes?.(key) === false) continue
        const log = call.logs[key]
        if (log === undefined) call.logs[key] = startLog(charge, units, windowMs, call.now)
        else enter(log, charge, units, windowMs, call.now)
      }
      for (let key = 0; key < call.keys.length; key += 1) {
        const log = call.logs[key]
        const before = call.kept[key]
        if (log?.charge !== charge || log === before) continue
        const kept = pack(log)
        if (before === undefined) stepsDue += stepsPerKey
        call.kept[key] = kept
        logs.set(call.keys[key] ?? '', kept)
      }
      return `${origin}${charge}`
    },

    used: ({ limits, logs, now }) =>
      limits.map(({ key, windowMs }) => unitsOf(logs[key], windowMs, now)),

    wait: (call) => {
      let longest = 0
      for (const limit of call.limits) {
        const log = call.logs[limit.key]
        if (log === undefined || isAsleep(call, limit)) continue
        const most = maxOf(call, limit) - (costOf(call, limit) || 1)
        longest = Math.max(longest, waitFor(log, most, limit.windowMs, call.now))
      }
      return longest
    },

    refund: (keys, charge) => {
      if (origin === undefined) return
      const number = Number(charge.slice(origin.length))
      if (charge !== `${origin}${number}`) return
      for (const key of keys) change(key, (log) => remove(log, number))
    },

    clear: (keys, newest) => {
      for (const key of keys) change(key, (log) => forget(log, newest))
    },
  }
}

function expectKeys({ limits, forgiveness }: Rules, count: number): void {
  const isKnown = (key = 0) => key < count
  for (const { key, plus } of limits) {
    if (isKnown(key) && isKnown(plus?.key) && isKnown(forgiveness?.key)) continue
    throw new TypeError('a policy names a key that its call does not bring')
  }
}

function unitsOf(log: Log | undefined, windowMs: number, now: number): number {
  return log === undefined ? 0 : unitsWithin(log, windowMs, now)
}

function costOf({ costs }: Call, { key, cost }: PolicyLimit): number {
  return cost === 0 ? 0 : (costs?.[key] ?? 1)
}

/** Whether it neither refuses nor makes wait; it is charged all the same. */
function isAsleep({ firstUsed }: Call, { from }: PolicyLimit): boolean {
  return from !== undefined && firstUsed < from
}

function maxOf({ logs, now }: Call, { max, plus }: PolicyLimit): number {
  return plus === undefined ? max : max + plus.times * unitsOf(logs[plus.key], plus.windowMs, now)
}

/** A limiter over nothing but these charges. */
export function limiterOf(charges: Charges, present: () => number): RateLimiter {
  return {
    take: async (limits) => {
      expectEqualCosts(limits)
      const { rules, called } = numbered(limits)
      const call = charges.call(rules, called, present())
      const asked = charges.ask(call)
      if (!asked.ok) return asked
      charges.expectRoom(call)
      const charge = charges.charge(call)
      return { ok: true, charge, used: charges.used(call), retryAfterMs: charges.wait(call) }
    },
    refund: async (keys, charge) => charges.refund(keys, charge),
    clear: async (keys, newest) => charges.clear(keys, newest),
  }
}

/** Limits that name their keys as limits that number them. */
function numbered(limits: readonly Limit[]) {
  const keys: string[] = []
  const costs: number[] = []
  const rules = limits.map(({ key: name, max, windowMs, cost = 1 }): PolicyLimit => {
    const found = keys.indexOf(name)
    const key = found < 0 ? keys.push(name) - 1 : found
    costs[key] = cost
    return { key, max, windowMs }
  })
  return { rules: { limits: rules }, called: { keys, costs } }
}
