import type { Policy, PolicyLimit } from '../database'
import { networkOf } from '../input/ip'
import { phonePrefix, type Recipient } from '../input/recipient'
import type { Limit } from '../rate-limiter'
import type { LimitName } from '../results'
import type { Keyring } from './keyring'
import {
  busySubnets,
  forgiveness,
  type LimitSettings,
  ledger,
  mostFailures,
  repeats,
  sameMessage,
  suspicion,
  type Window,
} from './limits'

/** What a refusal calls a limit. */
export type ChargeName = LimitName | 'ledger'

/** What a request is about, as far as its limits go. */
export interface ChargeFacts {
  /** The recipient's. */
  readonly label: string
  /** The bucket of an address. */
  readonly ip: string
  readonly recipient?: Recipient | undefined
  /** Under what the messages of a challenge are counted. */
  readonly countedAs?: string
  /** The key of what a relayed message is known by. */
  readonly mark?: string
}

/** A policy, the names of its limits, and the keys that one request brings. */
export interface Charge {
  readonly policy: Policy
  readonly names: readonly ChargeName[]
  readonly keys: readonly string[]
  /** The keys of the recipient's messages, which are given back when nobody took one. */
  readonly own: readonly string[]
}

type MakeCharge<Rest extends unknown[] = []> = (
  keys: Keyring,
  facts: ChargeFacts,
  ...rest: Rest
) => Charge

/** What the requests of one purpose look at and charge, step by step. */
export interface Charges {
  /** A message, and a challenge with a code of the ordinary length. */
  readonly send: MakeCharge
  /** Another message of a challenge; nothing is put. */
  readonly resend: MakeCharge
  /** A repeat of a standing challenge, or a challenge with a code of this length. */
  readonly repeat: MakeCharge<[codeLength: number]>
  /** A challenge with a code of this length, whose message was charged before. */
  readonly put: MakeCharge<[codeLength: number]>
  /** A guess. */
  readonly verify: MakeCharge
  /** A message with the code of somebody else, and its mark; nothing is put. */
  readonly relay: MakeCharge
  /** A question about a challenge that is not there. */
  readonly nothing: MakeCharge
}

/** The limits of a charge that look at nothing but their own windows. */
export function limitsOf({ policy, keys }: Charge): Limit[] {
  return policy.limits.map(({ key, max, windowMs, cost = 1 }) => {
    return { key: keys[key] ?? '', max, windowMs, cost }
  })
}

/** A log that a request may have a key for, and the limits over it. */
interface Log {
  readonly limits: readonly NamedLimit[]
  /** Nothing where the request has no such subject. */
  keyOf(keys: Keyring, facts: ChargeFacts): string | undefined
  readonly own?: boolean
  /** Whether forgiven failures are counted in it. */
  readonly forgives?: boolean
}

interface NamedLimit extends Omit<PolicyLimit, 'key'> {
  readonly name: ChargeName
}

// Above this `max` a limiter may merge charges, by the windows that it is told of.
const exactCharges = 128
/** The `max` of windows that keep a log and never refuse. */
export const noBound = 2 ** 40

/**
 * The charges of one purpose. Purposes share the logs of recipients and addresses, and a log keeps
 * no more than the windows that charged it need; so each charge brings the windows of all of them.
 */
export function createCharges(
  purpose: {
    readonly limits: LimitSettings
    readonly codeLength: number
    readonly lifetimeMs: number
    readonly resend: 'same' | 'new'
    readonly bind: 'recipient' | 'challenge'
  },
  everywhere: readonly LimitSettings[],
): Charges {
  const { limits, codeLength, lifetimeMs } = purpose
  const messageWindows = (of: LimitSettings) => [...of.cooldown, ...of.recipient]

  const seen: Log = { ...ledgerLog, limits: [{ ...ledgerLimit, cost: 0, refuses: true }] }
  const messages: Log = {
    keyOf: (_, { label }) => keyFor('m', label),
    own: true,
    limits: [
      ...named('cooldown', limits.cooldown),
      ...named('recipient', limits.recipient),
      ...named('recipient', suspicion),
      ...keeping(messageWindows(limits), [...everywhere.flatMap(messageWindows), ...suspicion]),
    ],
  }
  const addresses = addressLogs(
    'i',
    'j',
    limits.ip,
    everywhere.flatMap(({ ip }) => ip),
  )
  const budgets = [
    ...budgetLogs('country', 'n', limits.country, ({ country }) => country),
    ...budgetLogs('prefix', 'p', limits.prefix, (recipient) => phonePrefix(recipient) || undefined),
    ...budgetLogs('global', 'g', limits.global, () => ''),
  ]
  const counted: Log = {
    keyOf: (_, { countedAs }) => countedAs && keyFor('c', countedAs),
    own: true,
    limits: named('challenge', [{ max: repeats, windowMs: lifetimeMs }]),
  }
  const forgiven: Log = { keyOf: (_, { label }) => keyFor('o', label), limits: [], forgives: true }
  const guesses = addressLogs(
    'v',
    'w',
    limits.verifyIp,
    everywhere.flatMap((of) => of.verifyIp),
  )

  const message = [seen, messages, ...addresses, ...budgets]
  const ordinary = mostFailures(codeLength, codeLength).made
  const grown = ledger.max
  const byLength = (logs: readonly Log[]): MakeCharge<[number]> => {
    const [short, long] = [chargeOf(logs, ordinary), chargeOf(logs, grown)]
    return (keys, facts, length) =>
      (mostFailures(codeLength, length).made === grown ? long : short)(keys, facts)
  }
  return {
    send: chargeOf(message, ordinary),
    resend: chargeOf(purpose.resend === 'same' ? [...message, counted] : message, nothingIsPut),
    repeat: byLength([seen, counted]),
    put: byLength([seen]),
    relay: chargeOf([...message, marked], nothingIsPut),
    verify: chargeOf(
      purpose.bind === 'recipient' ? [ledgerLog, forgiven, ...guesses] : [ledgerLog, ...guesses],
    ),
    nothing: chargeOf([{ ...ledgerLog, limits: [{ ...ledgerLimit, cost: 0 }] }, ...addresses]),
  }
}

// No ledger holds fewer than 0 failures.
const nothingIsPut = -1

const ledgerLimit: NamedLimit = { name: 'ledger', ...ledger }
const ledgerLog: Log = { keyOf: (_, { label }) => ledgerKey(label), limits: [ledgerLimit] }

// The name is never told: used up, it makes the message a duplicate. It comes last, since a pair of
// places in a cluster looks at it last and charges it first.
const marked: Log = { keyOf: (_, { mark }) => mark, limits: named('cooldown', [sameMessage]) }

/** The key of a relayed message, from what it is known by. */
export function markKey(name: string): string {
  return keyFor('d', name)
}

/** Whether a limit over this key had room for no more, as a refusal says. */
export function isUsed({ policy, keys }: Charge, key: string, used: readonly number[]): boolean {
  return policy.limits.some((limit, place) => keys[limit.key] === key && (used[place] ?? 0) > 0)
}

export function ledgerKey(label: string): string {
  return keyFor('f', label)
}

function named(
  name: ChargeName,
  windows: readonly (Window & { readonly from?: number })[],
): NamedLimit[] {
  return windows.map((window) => ({ name, ...window }))
}

/**
 * Limits that never refuse, so that a log which these windows charge keeps what the windows of all
 * purposes look at, as exactly as they do.
 */
function keeping(own: readonly Window[], everywhere: readonly Window[]): NamedLimit[] {
  const longestMs = Math.max(...everywhere.map(({ windowMs }) => windowMs))
  const needed = everywhere
    .filter(({ max, windowMs }) => max > exactCharges || windowMs === longestMs)
    .map(({ windowMs }) => windowMs)
    .filter((windowMs) => !own.some((window) => window.windowMs === windowMs))
  return [...new Set(needed)].map((windowMs) => ({ name: 'recipient', max: noBound, windowMs }))
}

// Joined, and not added up: V8 would keep the parts as well, and a limiter keeps millions of these.
function keyFor(kind: string, label: string): string {
  return [kind, label].join('')
}

/** The log of an address and, for IPv6, that of the network around it. */
function addressLogs(
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
function budgetLogs(
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

/** The policy over those of the logs that a request has a key for; made once for each such set. */
function chargeOf(logs: readonly Log[], mostUsed?: number): MakeCharge {
  const variants = new Map<string, Omit<Charge, 'keys' | 'own'>>()
  return (keyring, facts) => {
    const keys: string[] = []
    const own: string[] = []
    const present: Log[] = []
    let variantName = ''
    for (const log of logs) {
      const key = log.keyOf(keyring, facts)
      variantName += key === undefined ? '-' : '+'
      if (key === undefined) continue
      present.push(log)
      keys.push(key)
      if (log.own) own.push(key)
    }
    const variant = variants.get(variantName) ?? policyOver(present, mostUsed)
    variants.set(variantName, variant)
    return { ...variant, keys, own }
  }
}

function policyOver(logs: readonly Log[], mostUsed: number | undefined) {
  const limits = logs.flatMap((log, key) => log.limits.map((limit) => ({ ...limit, key })))
  const names = limits.map(({ name }) => name)
  const [first, ...rest] = limits.map(({ name: _, ...limit }): PolicyLimit => limit)
  const forgiving = logs.findIndex((log) => log.forgives)
  if (first === undefined) throw new TypeError('otpkit: a policy needs a limit')
  const policy: Policy = {
    limits: [first, ...rest],
    ...(mostUsed === undefined ? {} : { mostUsed }),
    ...(forgiving < 0 ? {} : { forgiveness: { key: forgiving, ...forgiveness } }),
  }
  return { policy, names }
}
