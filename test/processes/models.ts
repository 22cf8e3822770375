import type { LimiterCall, StoreCall } from './history'

/** How one call after another changes a state, which is text so that states can be compared. */
export interface Model<Call> {
  readonly initial: string
  /** The state after the call, or `null` when it cannot have come to its outcome here. */
  apply(state: string, call: Call): string | null
  /** Whether a call that came to its outcome changes nothing, here and in all that can follow. */
  changesNothing(call: Call, state: string): boolean
}

interface Challenge {
  readonly digest: string
  readonly attempts: number
  readonly left: number
  readonly used: boolean
}

/** One challenge of a store. Nothing expires: histories are shorter than lives, used ones too. */
export const storeModel: Model<StoreCall> = {
  initial: 'null',
  apply: (state, call) => {
    const challenge: Challenge | null = JSON.parse(state)
    if (call.method === 'put') {
      const { digest, attempts } = call.challenge
      return JSON.stringify({ digest, attempts, left: attempts, used: false })
    }
    if (call.method === 'delete') return challenge?.digest === call.digest ? 'null' : state
    if (call.method === 'get') {
      const { outcome } = call
      const { digest, left, used } = challenge ?? {}
      const same =
        outcome?.digest === digest &&
        outcome?.attemptsLeft === (used ? 0 : left) &&
        (outcome?.used ?? false) === (used ?? false)
      return outcome === undefined || same ? state : null
    }
    const [expected, next] = attempt(challenge, call.digests)
    const { outcome } = call
    return outcome === undefined || describe(outcome) === expected ? JSON.stringify(next) : null
  },
  // One that was gone may have taken an attempt of a used challenge.
  changesNothing: ({ method }) => method === 'get',
}

function attempt(challenge: Challenge | null, digests: readonly string[]) {
  if (challenge === null || challenge.left === 0) return ['gone', challenge] as const
  const matches = digests.includes(challenge.digest)
  const charged = { ...challenge, left: challenge.left - 1 }
  if (challenge.used) return [matches ? 'used' : 'gone', charged] as const
  return matches
    ? ([`verified ${charged.attempts - charged.left}`, { ...charged, used: true }] as const)
    : ([`incorrect ${charged.left}`, charged] as const)
}

function describe(outcome: NonNullable<Extract<StoreCall, { method: 'attempt' }>['outcome']>) {
  if (outcome.outcome === 'verified') return `verified ${outcome.attemptsUsed}`
  if (outcome.outcome === 'incorrect') return `incorrect ${outcome.attemptsLeft}`
  return outcome.outcome
}

type Logs = Readonly<Record<string, readonly (readonly [charge: string, units: number])[]>>

/** A group of limit keys. Nothing ages out: histories are shorter than windows. */
export const limiterModel: Model<LimiterCall> = {
  initial: '{}',
  apply: (state, call) => {
    const logs: Logs = JSON.parse(state)
    if (call.method === 'take') return take(state, logs, call)
    const change = Object.entries(logs).map(([key, log]) => {
      if (!call.keys.includes(key)) return [key, log]
      if (call.method === 'refund') return [key, log.filter(([name]) => name !== call.charge)]
      return [
        key,
        call.newest === undefined ? [] : log.slice(0, Math.max(0, log.length - call.newest)),
      ]
    })
    return JSON.stringify(Object.fromEntries(change))
  },
  changesNothing: (call) =>
    call.method === 'take' &&
    (call.outcome?.ok === false || call.limits.every(({ cost }) => cost === 0)),
}

function take(
  state: string,
  logs: Logs,
  { limits, outcome }: Extract<LimiterCall, { method: 'take' }>,
): string | null {
  const units = (key: string) => (logs[key] ?? []).reduce((sum, [, cost]) => sum + cost, 0)
  const fits = limits.every(({ key, max, cost = 1 }) => cost === 0 || units(key) + cost <= max)
  const used = limits.map(({ key, cost = 1 }) => units(key) + (fits ? cost : 0))
  if (outcome !== undefined) {
    if (outcome.ok !== fits || JSON.stringify(outcome.used) !== JSON.stringify(used)) return null
  }
  if (!fits) return state
  // Nobody can take back a charge whose name was never heard.
  const charge = outcome?.ok === true ? outcome.charge : 'unknown'
  const charged = new Map(limits.map(({ key, cost = 1 }) => [key, cost]))
  const next = new Map(Object.entries(logs))
  for (const [key, cost] of charged) {
    if (cost > 0) next.set(key, [...(next.get(key) ?? []), [charge, cost]])
  }
  // In one order, whichever key was charged first.
  return JSON.stringify(
    Object.fromEntries([...next].sort(([left], [right]) => (left < right ? -1 : 1))),
  )
}
