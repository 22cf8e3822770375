import type { Way } from './side-by-side'
import { email } from './ways'

/**
 * The least that a client could do for each operation of store and limiter: one script or prepared
 * statement on one key, with no limits, no secret and a constant for a code. Rejects when it finds
 * nothing.
 */
export interface Floor {
  put(to: string): Promise<unknown>
  get(to: string): Promise<unknown>
  /** Compares the code, and removes it. */
  attempt(to: string): Promise<unknown>
  /** Counts one. */
  take(to: string): Promise<unknown>
  /** Takes that one back. */
  refund(to: string): Promise<unknown>
}

/** One command for the whole call. */
export function floorWay({ put, attempt }: Floor): Way {
  return {
    name: 'floor',
    steps: {
      send: (index) => put(email(index)),
      right: (index) => attempt(email(index)),
    },
  }
}

/** One command for each operation that a call on a pair made before, in the same arrangement. */
export function floorPerOperationWay(floor: Floor): Way {
  return {
    name: 'floor per operation',
    steps: {
      send: async (index) => {
        const to = email(index)
        await Promise.all([floor.get(to), floor.take(to)])
        await floor.put(to)
      },
      right: async (index) => {
        const to = email(index)
        await floor.take(to)
        await floor.attempt(to)
        await floor.refund(to)
      },
    },
  }
}
