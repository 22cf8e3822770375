import type { Limit } from '../rate-limiter'

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
export const ledger: Window = { max: 100, windowMs: 180 * day }
/** Earlier failures of a challenge that a success forgives where strangers share the challenge. */
export const forgiveness: Window = { max: 10, windowMs: 180 * day }
/** Refunds of messages that no provider took. */
const refunds: Window = { max: 5, windowMs: hour }
/** Repeats of one challenge's code: four messages in all. */
export const repeats = 3
/** A relayed message, asked for again: hosts of relays retry when an answer is late. */
export const sameMessage: Window = { max: 1, windowMs: 2 * minute }
/** One customer is given a /48 of IPv6: so many /64s of it may be as busy as one is allowed to be. */
export const busySubnets = 10

/** From so many failures on, new codes are longer and shorter ones never match. */
const growthFailures = 5

/** Fewer messages to a recipient whose ledger grows; each from so many failures on. */
export const suspicion: readonly (Window & { readonly from: number })[] = [
  { from: growthFailures, max: 3, windowMs: hour },
  { from: growthFailures, max: 6, windowMs: day },
  { from: 15, max: 1, windowMs: hour },
  { from: 15, max: 3, windowMs: day },
  { from: 50, max: 1, windowMs: day },
]

/** How many characters a code has after so many failures. */
export function requiredLength(codeLength: number, failures: number): number {
  return failures < growthFailures ? codeLength : grownLength(codeLength)
}

function grownLength(codeLength: number): number {
  return Math.min(codeLength + 2, 10)
}

/**
 * How full the ledger may be for a code of this length to be made, and for a guess of this length to
 * be compared (then with the guess's own place in it).
 */
export function mostFailures(codeLength: number, length: number) {
  const isGrown = length >= grownLength(codeLength)
  return isGrown
    ? { made: ledger.max, compared: ledger.max }
    : { made: growthFailures - 1, compared: growthFailures }
}

/** The limit that grants the refund of a message which no provider took. */
export function refundLimit(label: string): Limit {
  return { key: `r${label}`, ...refunds }
}
