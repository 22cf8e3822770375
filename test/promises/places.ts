import type { Limit, OtpDatabase, OtpPlaces, RateLimiter } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { lagging, testClock } from 'otpkit/testing'

/** Where the managers of one backend keep what they know, empty, and its clock. */
export interface OpenPlace {
  readonly places: OtpPlaces
  /** Moves the clock on, exactly to the millisecond; it stands still otherwise. */
  advance(milliseconds: number): void
}

/** A kind of place that the promises are run over. */
export interface PlaceKind {
  readonly name: string
  /** One step decides a whole request; else it is a store beside a limiter. */
  readonly isDatabase: boolean
  open(): Promise<OpenPlace>
  /** What stands between a manager and the place that is far away. */
  readonly client?: (places: OtpPlaces) => OtpPlaces
  /** How many orders of events a check looks at, where each takes long. */
  readonly mostRounds?: number
}

/** A kind of database, from what opens one with this clock. */
export function databaseKind(
  name: string,
  create: (clock: () => number) => OtpDatabase,
  mostRounds?: number,
): PlaceKind {
  return {
    name,
    isDatabase: true,
    open: async () => {
      const { now, advance } = testClock()
      return { places: { database: create(now) }, advance }
    },
    ...(mostRounds === undefined ? {} : { mostRounds }),
  }
}

/** A kind of pair, likewise. */
export function pairKind(
  name: string,
  create: (clock: () => number) => Pair,
  mostRounds?: number,
): PlaceKind {
  return {
    name,
    isDatabase: false,
    open: async () => {
      const { now, advance } = testClock()
      return { places: create(now), advance }
    },
    ...(mostRounds === undefined ? {} : { mostRounds }),
  }
}

type Pair = Extract<OtpPlaces, { database?: never }>

export const memoryDatabase = databaseKind('memory()', (clock) => memory({ clock }))
export const memoryPair = pairKind('memoryStore() beside memoryRateLimiter()', (clock) => ({
  store: memoryStore({ clock }),
  rateLimiter: memoryRateLimiter({ clock }),
}))

/** As of a cluster: the keys of each subject are charged in a trip of their own. */
export const memoryCluster = pairKind('a limiter that charges key after key', (clock) => ({
  store: memoryStore({ clock }),
  rateLimiter: chargingInTurn(lagging(memoryRateLimiter({ clock }), { seed: 1 })),
}))

function chargingInTurn(node: RateLimiter): RateLimiter {
  return {
    ...node,
    take: async (limits) => {
      const groups = new Map<string, Limit[]>()
      for (const limit of limits) {
        const subject = limit.key.slice(1)
        groups.set(subject, [...(groups.get(subject) ?? []), limit])
      }
      const used = new Map<Limit, number>()
      // Nothing is charged by a `take` that was refused.
      const before = new Map<Limit, number>()
      const charges: string[] = []
      let retryAfterMs = 0
      for (const group of groups.values()) {
        const taken = await node.take(group)
        const without = (limit: Limit) => (taken.ok ? (limit.cost ?? 1) : 0)
        for (const [index, limit] of group.entries()) {
          const units = taken.used[index] ?? 0
          used.set(limit, units)
          before.set(limit, units - without(limit))
        }
        retryAfterMs = Math.max(retryAfterMs, taken.retryAfterMs)
        if (taken.ok) charges.push(taken.charge)
        if (taken.ok) continue
        const keys = [...used.keys()].map(({ key }) => key)
        for (const charge of charges) await node.refund(keys, charge)
        const refusing = group[taken.index]
        const index = refusing === undefined ? -1 : limits.indexOf(refusing)
        return { ...taken, index, used: limits.map((limit) => before.get(limit) ?? 0) }
      }
      const all = limits.map((limit) => used.get(limit) ?? 0)
      return { ok: true, charge: charges.join(), used: all, retryAfterMs }
    },
    refund: async (keys, charge) => {
      for (const one of charge.split(',')) await node.refund(keys, one)
    },
  }
}
