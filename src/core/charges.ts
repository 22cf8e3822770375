import { phonePrefix } from '../input/recipient'
import type { Limit } from '../rate-limiter'
import { guardLogs, relayedLogs } from './guard-logs'
import type { GuardSettings } from './guard-settings'
import { type LimitSettings, ledger, mostFailures, repeats, sameMessage, suspicion } from './limits'
import {
  addressLogs,
  budgetLogs,
  type Charge,
  chargeOf,
  type Judgement,
  keeping,
  keyFor,
  type Log,
  type MakeCharge,
  type NamedLimit,
  named,
  noBound,
} from './logs'
import { type SpendSettings, spendLogs } from './spend-settings'

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

/** What else messages are charged, for all purposes together. */
export interface Watching {
  readonly guard?: GuardSettings
  readonly spend?: SpendSettings
}

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
  { guard, spend }: Watching = {},
): Charges {
  const { limits, codeLength, lifetimeMs } = purpose
  const messageWindows = (of: LimitSettings) => [...of.cooldown, ...of.recipient]

  const seen: Log = { ...ledgerLog, limits: [{ ...ledgerLimit, cost: 0, refuses: true }] }
  const messages: Log = {
    keyOf: (_, { label }) => keyFor('m', label),
    givenBack: 'so often',
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
    keyOf: (_, { countedAs }) => countedAs && countKey(countedAs),
    givenBack: 'so often',
    limits: named('challenge', [{ max: repeats, windowMs: lifetimeMs }]),
  }
  const forgiven: Log = { keyOf: (_, { label }) => keyFor('o', label), limits: [], forgives: true }
  const guesses = addressLogs(
    'v',
    'w',
    limits.verifyIp,
    everywhere.flatMap((of) => of.verifyIp),
  )

  const money = spend === undefined ? [] : spendLogs(spend)
  const message = [seen, messages, ...addresses, ...budgets, ...money]
  const ordinary = mostFailures(codeLength, codeLength).made
  const grown = ledger.max
  const byLength = (logs: readonly Log[]): MakeCharge<[number]> => {
    const [short, long] = [chargeOf(logs, ordinary), chargeOf(logs, grown)]
    return (keys, facts, length) =>
      (mostFailures(codeLength, length).made === grown ? long : short)(keys, facts)
  }
  /** With the guard's logs, of which those refuse that the request is judged by. */
  const judged = (logsOf: (judgement: Judgement) => readonly Log[], mostUsed: number) => {
    const of = (judgement: Judgement) => chargeOf(logsOf(judgement), mostUsed)
    const none = of('none')
    if (guard === undefined) return none
    const made = { all: of('all'), local: of('local'), none }
    const make: MakeCharge = (keys, facts) => made[facts.judged ?? 'none'](keys, facts)
    return make
  }
  const again = purpose.resend === 'same' ? [counted] : []
  // The messages of a challenge that a guess may verify, for the guard to forgive.
  const toForgive = guard === undefined || purpose.resend === 'new' ? [] : guessedLogs(lifetimeMs)
  return {
    send: judged((by) => [...message, ...guardLogs(guard, by)], ordinary),
    resend: judged((by) => [...message, ...again, ...guardLogs(guard, by)], nothingIsPut),
    // A repeat in another language may be dearer than what was charged.
    repeat: byLength([seen, counted, ...money]),
    put: byLength([seen]),
    relay: judged((by) => [...message, ...relayedLogs(guard, by), marked], nothingIsPut),
    verify: chargeOf([
      ledgerLog,
      ...(purpose.bind === 'recipient' ? [forgiven] : []),
      ...guesses,
      ...toForgive,
    ]),
    nothing: chargeOf([{ ...ledgerLog, limits: [{ ...ledgerLimit, cost: 0 }] }, ...addresses]),
  }
}

// No ledger holds fewer than 0 failures.
const nothingIsPut = -1

/** A secret has seldom more keys than these; a challenge under another one counts as one message. */
const mostGuessed = 4

function guessedLogs(lifetimeMs: number): readonly Log[] {
  const limits = named('challenge', [{ max: noBound, windowMs: lifetimeMs }])
  return Array.from({ length: mostGuessed }, (_, place) => ({
    keyOf: (_keys, { guessed }) => {
      const digest = guessed?.[place]
      return digest && countKey(digest)
    },
    limits: limits.map((limit) => ({ ...limit, cost: 0 as const })),
  }))
}

const ledgerLimit: NamedLimit = { name: 'ledger', ...ledger }
const ledgerLog: Log = { keyOf: (_, { label }) => ledgerKey(label), limits: [ledgerLimit] }

// The name is never told: used up, it makes the message a duplicate. It comes last, since a pair of
// places in a cluster looks at it last and charges it first.
const marked: Log = {
  keyOf: (_, { mark }) => mark,
  limits: named('cooldown', [sameMessage]),
  isGate: true,
}

/** The key of a relayed message, from what it is known by. */
export function markKey(name: string): string {
  return keyFor('d', name)
}

/** The key of the messages that repeat a challenge, from what they are counted as. */
export function countKey(countedAs: string): string {
  return keyFor('c', countedAs)
}

/** Whether a limit over this key had room for no more, as a refusal says. */
export function isUsed({ policy, keys }: Charge, key: string, used: readonly number[]): boolean {
  return policy.limits.some((limit, place) => keys[limit.key] === key && (used[place] ?? 0) > 0)
}

export function ledgerKey(label: string): string {
  return keyFor('f', label)
}
