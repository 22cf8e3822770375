import type { Beginning, Policy, PolicyLimit } from '../database'
import type { GuardLevel, SpendCap } from '../guard-options'
import { networkOf } from '../input/ip'
import type { Recipient } from '../input/recipient'
import type { LimitName } from '../results'
import type { Keyring } from './keyring'
import { busySubnets, forgiveness, type Window } from './limits'

/** What a refusal calls a limit. */
export type ChargeName = LimitName | 'ledger'

/** Which tests of the guard may refuse; the others only count. `local`: not those of a country. */
export type Judgement = 'all' | 'local' | 'none'

/** What a request is about, as far as its limits go. */
export interface ChargeFacts {
  /** The recipient's. */
  readonly label: string
  /** The bucket of an address. */
  readonly ip: string
  readonly recipient?: Recipient | undefined
  /** Under what the messages of a challenge are counted. */
  readonly countedAs?: string
  /** The same, of the challenges that a guess may verify. */
  readonly guessed?: readonly string[]
  /** The key of what a relayed message is known by. */
  readonly mark?: string
  /** Only with a guard. */
  readonly judged?: Judgement | undefined
  /** Whether the recipient is said to have verified before. */
  readonly isKnown?: boolean | undefined
  /** What the message costs, in units of money. */
  readonly cost?: number
}

/** A policy, the names of its limits, and the keys that one request brings. */
export interface Charge {
  readonly policy: Policy
  readonly names: readonly ChargeName[]
  /** The caps on money, each where its limit is. */
  readonly caps: readonly (SpendCap | undefined)[]
  /** The tests of the guard. */
  readonly tests: readonly PlacedTest[]
  readonly keys: readonly string[]
  readonly costs?: readonly number[]
  /** The keys of the recipient's messages, which are given back, so often, when nobody took one. */
  readonly own: readonly string[]
  /** The keys that are always given back then: nothing was sent, and nothing was paid. */
  readonly unsent: readonly string[]
}

export type MakeCharge<Rest extends unknown[] = []> = (
  keys: Keyring,
  facts: ChargeFacts,
  ...rest: Rest
) => Charge

/** A log that a request may have a key for, and the limits over it. */
export interface Log {
  readonly limits: readonly NamedLimit[]
  /** Nothing where the request has no such subject. */
  keyOf(keys: Keyring, facts: ChargeFacts): string | undefined
  /** Whose charge is given back when nobody took the message: only so often, or always. */
  readonly givenBack?: 'so often' | 'always'
  /** Whether forgiven failures are counted in it. */
  readonly forgives?: boolean
  /** Whether it is asked before all others where they are charged one after another. */
  readonly isGate?: boolean
  /** Whether a charge of it costs what the message does. */
  readonly isMoney?: boolean
}

export interface NamedLimit extends Omit<PolicyLimit, 'key' | 'plus'> {
  readonly name: ChargeName
  readonly cap?: SpendCap
  readonly test?: GuardTest
  /** As in a policy, but for the key: how many logs further on it is. */
  readonly plus?: { readonly further: number; readonly times: number; readonly windowMs: number }
}

/** Refuses where more than `floor + times · verified` would be used. */
export interface GuardTest {
  readonly rule: 'conversion' | 'growth'
  readonly level: GuardLevel
  readonly floor: number
  readonly times: number
  /** Of the log of what was verified: how many logs further on it is, and its window. */
  readonly further: number
  readonly verifiedMs: number
}

/** A test of the guard among the limits of a policy. */
export interface PlacedTest extends GuardTest {
  /** The limit that counts messages. */
  readonly place: number
  /** The limit that looks at what was verified. */
  readonly verified: number
}

// Above this `max` a limiter may merge charges, by the windows that it is told of.
const exactCharges = 128
/** The `max` of windows that keep a log and never refuse. */
export const noBound = 2 ** 40

export function named(
  name: ChargeName,
  windows: readonly (Window & { readonly from?: number })[],
): NamedLimit[] {
  return windows.map((window) => ({ name, ...window }))
}

/**
 * Limits that never refuse, so that a log which these windows charge keeps what the windows of all
 * purposes look at, as exactly as they do.
 */
export function keeping(own: readonly Window[], everywhere: readonly Window[]): NamedLimit[] {
  const longestMs = Math.max(...everywhere.map(({ windowMs }) => windowMs))
  const needed = everywhere
    .filter(({ max, windowMs }) => max > exactCharges || windowMs === longestMs)
    .map(({ windowMs }) => windowMs)
    .filter((windowMs) => !own.some((window) => window.windowMs === windowMs))
  return [...new Set(needed)].map((windowMs) => ({ name: 'recipient', max: noBound, windowMs }))
}

// Joined, and not added up: V8 would keep the parts as well, and a limiter keeps millions of these.
export function keyFor(kind: string, label: string): string {
  return [kind, label].join('')
}

/**
 * An index of the keyring for one value after the other. What the logs of a subject ask for in turn, or all
 * messages to a country, is made once.
 */
export function lastIndex(
  ...label: [string, ...string[]]
): (keys: Keyring, value: string) => string {
  let last: { readonly keys: Keyring; readonly value: string; readonly index: string } | undefined
  return (keys, value) => {
    if (last?.value !== value || last.keys !== keys) {
      last = { keys, value, index: keys.index(...label, value) }
    }
    return last.index
  }
}

/** The log of an address and, for IPv6, that of the network around it. */
export function addressLogs(
  kind: string,
  networkKind: string,
  windows: readonly Window[],
  everywhere: readonly Window[],
): Log[] {
  if (windows.length === 0) return []
  const wide = (of: readonly Window[]) =>
    of.map(({ max, windowMs }) => ({ max: max * busySubnets, windowMs }))
  return [
    {
      keyOf: (keys, { ip }) => keyFor(kind, keys.index('ip', ip)),
      limits: [...named('ip', windows), ...keeping(windows, everywhere)],
    },
    {
      keyOf: (keys, { ip }) => {
        const network = networkOf(ip)
        return network && keyFor(networkKind, keys.index('ip', network))
      },
      limits: [...named('ip', wide(windows)), ...keeping(wide(windows), wide(everywhere))],
    },
  ]
}

/** A log for each window, since a wide one is kept coarsely. */
export function budgetLogs(
  name: LimitName,
  kind: string,
  windows: readonly Window[],
  subjectOf: (recipient: Recipient) => string | undefined,
): Log[] {
  return windows.map((window) => ({
    keyOf: (keys, { recipient }) => {
      const value = recipient && subjectOf(recipient)
      if (value === undefined) return undefined
      return keyFor(kind, keys.index(name, value, String(window.windowMs)))
    },
    limits: named(name, [window]),
  }))
}

type Variant = Pick<Charge, 'policy' | 'names' | 'caps' | 'tests'>

/** The policy over those of the logs that a request has a key for; made once for each such set. */
export function chargeOf(logs: readonly Log[], mostUsed?: number): MakeCharge {
  // By a bit for each log, the last one's the lowest.
  const variants = new Map<number, Variant>()
  const hasMoney = logs.some(({ isMoney }) => isMoney)
  return (keyring, facts) => {
    const keys: string[] = []
    const own: string[] = []
    const unsent: string[] = []
    const costs: number[] = []
    let isPaid = false
    let present = 0
    for (const log of logs) {
      const key = log.keyOf(keyring, facts)
      present *= 2
      if (key === undefined) continue
      present += 1
      keys.push(key)
      if (log.givenBack !== undefined) (log.givenBack === 'always' ? unsent : own).push(key)
      if (!hasMoney) continue
      isPaid ||= log.isMoney === true
      costs.push(log.isMoney ? (facts.cost ?? 1) : 1)
    }
    let variant = variants.get(present)
    if (variant === undefined) {
      variant = policyOver(
        logs.filter((log) => log.keyOf(keyring, facts) !== undefined),
        mostUsed,
      )
      variants.set(present, variant)
    }
    const { policy, names, caps, tests } = variant
    const charge = { policy, names, caps, tests, keys, own, unsent }
    return isPaid ? { costs, ...charge } : charge
  }
}

function policyOver(logs: readonly Log[], mostUsed: number | undefined): Variant {
  const placed = logs.flatMap((log, key) => log.limits.map((limit) => ({ limit, key })))
  const [first, ...rest] = placed.map(({ limit, key }): PolicyLimit => {
    const { name: _name, cap: _cap, test: _test, plus, ...window } = limit
    if (plus === undefined) return { ...window, key }
    const { further, times, windowMs } = plus
    return { ...window, key, plus: { key: key + further, times, windowMs } }
  })
  const tests = placed.flatMap(({ limit: { test }, key }, place): PlacedTest[] => {
    if (test === undefined) return []
    const verified = placed.findIndex(
      (other) => other.key === key + test.further && other.limit.windowMs === test.verifiedMs,
    )
    return [{ ...test, place, verified }]
  })
  const forgiving = logs.findIndex((log) => log.forgives)
  const gate = logs.findIndex((log) => log.isGate)
  if (first === undefined) throw new TypeError('otpkit: a policy needs a limit')
  const policy: Policy = {
    limits: [first, ...rest],
    ...(mostUsed === undefined ? {} : { mostUsed }),
    ...(gate < 0 ? {} : { gate }),
    ...(forgiving < 0 ? {} : { forgiveness: { key: forgiving, ...forgiveness } }),
  }
  const names = placed.map(({ limit }) => limit.name)
  const caps = placed.map(({ limit }) => limit.cap)
  return { policy, names, caps, tests }
}

/** A charge as a step of the database is asked for it. */
export function askedIn({ policy, keys, costs }: Charge): Omit<Beginning, 'challenge'> {
  return costs === undefined ? { policy, keys } : { policy, keys, costs }
}
