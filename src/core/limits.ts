import type { Recipient } from '../input/recipient'
import { phonePrefix } from '../input/recipient'
import type { Limit } from '../rate-limiter'
import type { LimitName } from '../results'
import type { Keyring } from './keyring'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** At most `max` in any window of this length. */
export interface Window {
  readonly max: number
  readonly windowMs: number
}

/** The windows that one purpose's messages and attempts pass through. */
export interface LimitSettings {
  readonly cooldown: readonly Window[]
  readonly recipient: readonly Window[]
  readonly ip: readonly Window[]
  readonly country: readonly Window[]
  readonly prefix: readonly Window[]
  readonly global: readonly Window[]
  readonly verifyIp: readonly Window[]
}

export const defaultLimits: LimitSettings = {
  cooldown: [{ max: 1, windowMs: 30_000 }],
  recipient: [
    { max: 3, windowMs: 2 * minute },
    { max: 5, windowMs: hour },
    { max: 10, windowMs: day },
  ],
  ip: [{ max: 5, windowMs: minute }],
  country: [],
  prefix: [],
  global: [],
  verifyIp: [{ max: 30, windowMs: minute }],
}

/** Unforgiven failures of a recipient, all purposes together. */
const ledger: Window = { max: 100, windowMs: 180 * day }
/** Earlier failures of a challenge that a success forgives where strangers share the challenge. */
const forgiveness: Window = { max: 10, windowMs: 180 * day }
/** Refunds of messages that no provider took. */
const refunds: Window = { max: 5, windowMs: hour }
/** Repeats of one challenge's code: four messages in all. */
const repeats = 3

/** From so many failures on, new codes are longer and shorter ones never match. */
export const growthFailures = 5
export const lockFailures = ledger.max

/** How many characters a code has after so many failures. */
export function requiredLength(codeLength: number, failures: number): number {
  return failures < growthFailures ? codeLength : Math.min(codeLength + 2, 10)
}

/** A limit with the name that a refusal gives it. */
export interface NamedLimit extends Limit {
  readonly name: LimitName | 'ledger'
}

function named(name: NamedLimit['name'], key: string, windows: readonly Window[]): NamedLimit[] {
  return windows.map(({ max, windowMs }) => ({ name, key, max, windowMs }))
}

export const ledgerKey = (tag: string) => `f${tag}`

export function ledgerLimit(tag: string, cost: 0 | 1): NamedLimit {
  return { name: 'ledger', key: ledgerKey(tag), ...ledger, cost }
}

export function forgivenessLimit(tag: string, cost: number): Limit {
  return { key: `o${tag}`, ...forgiveness, cost }
}

export function refundLimit(tag: string): Limit {
  return { key: `r${tag}`, ...refunds }
}

export function repeatLimit(digest: string, lifetimeMs: number): NamedLimit {
  return { name: 'challenge', key: `c${digest}`, max: repeats, windowMs: lifetimeMs }
}

/** Windows over the recipient's one log of messages, fewer as the ledger grows. */
export function recipientLimits(
  settings: LimitSettings,
  tag: string,
  failures: number,
): NamedLimit[] {
  const key = `m${tag}`
  return [
    ...named('cooldown', key, settings.cooldown),
    ...named('recipient', key, settings.recipient),
    ...named('recipient', key, suspicionWindows(failures)),
  ]
}

function suspicionWindows(failures: number): readonly Window[] {
  if (failures < growthFailures) return []
  const perHour = failures < 15 ? 3 : 1
  const perDay = failures < 15 ? 6 : failures < 50 ? 3 : 1
  return [
    { max: perHour, windowMs: hour },
    { max: perDay, windowMs: day },
  ]
}

export async function verifyIpLimits(
  keys: Keyring,
  settings: LimitSettings,
  ip: string,
): Promise<NamedLimit[]> {
  if (settings.verifyIp.length === 0) return []
  return named('ip', `v${await keys.index('ip', ip)}`, settings.verifyIp)
}

/** Everything about a message that is not the recipient's own: never refunded. */
export async function sharedLimits(
  keys: Keyring,
  settings: LimitSettings,
  recipient: Recipient,
  ip: string,
): Promise<NamedLimit[]> {
  const limits = [...(await ipLimits(keys, settings, ip))]
  const add = async (name: LimitName, kind: string, value: string, windows: readonly Window[]) => {
    // A window above 128 is kept coarsely, so each budget window has a log of its own.
    for (const window of windows) {
      const key = `${kind}${await keys.index(name, value, String(window.windowMs))}`
      limits.push(...named(name, key, [window]))
    }
  }
  if (recipient.country !== undefined) {
    await add('country', 'n', recipient.country, settings.country)
    await add('prefix', 'p', phonePrefix(recipient), settings.prefix)
  }
  await add('global', 'g', '', settings.global)
  return limits
}

export async function ipLimits(
  keys: Keyring,
  settings: LimitSettings,
  ip: string,
): Promise<NamedLimit[]> {
  if (settings.ip.length === 0) return []
  return named('ip', `i${await keys.index('ip', ip)}`, settings.ip)
}
