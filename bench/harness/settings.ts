import { randomInt } from 'node:crypto'
import type { Backend } from '../protocol'
import { randomOf } from '../random'

/** How long and how often everything is done. */
export interface Settings {
  readonly quick: boolean
  readonly seed: number
  readonly rounds: number
  /** Rounds before the first that counts, until the code of a process is compiled. */
  readonly warmUpRounds: number
  readonly turnMs: number
  readonly inFlights: Readonly<Record<Backend, readonly number[]>>
  /** Pending challenges whose bytes are counted. */
  readonly sends: Readonly<Record<Backend, number>>
  readonly bursts: number
  readonly coldStarts: number
  /** The same in another order; the seed decides which. */
  shuffled<Item>(items: readonly Item[]): Item[]
}

/** Reads `--quick` and `OTPKIT_SEED`. */
export function readSettings(): Settings {
  const quick = process.argv.includes('--quick')
  const seed = Number(process.env.OTPKIT_SEED ?? randomInt(2 ** 31))
  const random = randomOf(seed)
  const all = quick ? [64] : [1, 64, 256]
  const [many, few] = quick ? [5_000, 1_000] : [100_000, 10_000]
  return {
    quick,
    seed,
    rounds: quick ? 3 : 5,
    warmUpRounds: quick ? 2 : 8,
    turnMs: quick ? 80 : 250,
    inFlights: { memory: all, redis: all, postgres: all, mariadb: [64], sqlite: [64] },
    sends: { memory: many, redis: many, postgres: few, mariadb: few, sqlite: few },
    bursts: quick ? 3 : 10,
    coldStarts: quick ? 3 : 7,
    shuffled(items) {
      const rest = [...items]
      return items.flatMap(() => rest.splice(Math.floor(random() * rest.length), 1))
    },
  }
}
