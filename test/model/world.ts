import { seededIntegers } from '../../src/testing/random'
import { holds } from './rules'

/** One order of events among many: who waits is let through one at a time, drawn at random. */
export interface World {
  below(bound: number): number
  /** Waits for its turn: the way to a server, or back. */
  hop(): Promise<void>
  /** Starts all of these at once, and lets them through until they have ended. */
  run<Result>(calls: readonly (() => Promise<Result>)[]): Promise<Result[]>
  now(): number
  advance(milliseconds: number): void
}

export function createWorld(seed: number): World {
  const below = seededIntegers(seed)
  const waiting: (() => void)[] = []
  let presentMs = 1_700_000_000_000
  return {
    below,
    hop: () => new Promise((resolve) => waiting.push(resolve)),
    run: async (calls) => {
      let open = calls.length
      const results = calls.map((call) =>
        call().finally(() => {
          open -= 1
        }),
      )
      // A rejection is the caller's to hear of, once all have ended.
      const ended = Promise.allSettled(results)
      for (let turn = 0; open > 0; turn += 1) {
        holds(turn < 20_000, 'every request ends', `${open} still go on`)
        await new Promise(setImmediate)
        const [next] = waiting.splice(below(Math.max(1, waiting.length)), 1)
        next?.()
      }
      await ended
      return Promise.all(results)
    },
    now: () => presentMs,
    advance: (milliseconds) => {
      presentMs += milliseconds
    },
  }
}
