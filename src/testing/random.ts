import { knownOptions } from '../internal/known-options'
import { wrongOption } from '../internal/wrong-option'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** An id, digest or key as the manager makes them: 43 random characters of base64url. */
export function opaque(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(43)), (byte) =>
    alphabet.charAt(byte & 63),
  ).join('')
}

/** A fresh seed for a random schedule, short enough to read off an error. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
}

/** The option `seed` of a conformance kit, or a fresh one. */
export function seedOf(factory: string, given: { readonly seed?: number }): number {
  const { seed = randomSeed() } = knownOptions(factory, given, { seed: true })
  checkSeed(factory, seed)
  return seed
}

/** Checks an option `seed`: under one that is no number every schedule would be the same. */
export function checkSeed(factory: string, seed: number): void {
  if (!Number.isFinite(seed)) throw wrongOption(factory, 'seed', 'must be a number')
}

/** Whole numbers from 0 up to, not including, `below`: the same for the same seed (mulberry32). */
export function seededIntegers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** Runs a random schedule, and names its seed when it fails. */
export async function withSeed(
  seed: number,
  work: (below: (bound: number) => number) => Promise<void>,
): Promise<void> {
  try {
    await work(seededIntegers(seed))
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${text} (seed ${seed})`, { cause })
  }
}
