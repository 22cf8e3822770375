import type { NewChallenge, OtpStore } from '../store'
import { opaque } from './random'

/** A challenge as the manager makes them, unlike any other. */
export function newChallenge(overrides: Partial<NewChallenge> = {}): NewChallenge {
  return {
    id: opaque(),
    digest: opaque(),
    attempts: 3,
    ttlMs: 300_000,
    data: `{"v":1,"nonce":"${opaque().slice(21)}","to":"+919876543210","key":"k1"}`,
    ...overrides,
  }
}

/** What several attempts came to. */
export interface Tally {
  /** `attemptsUsed` of every one that verified. */
  readonly verified: readonly number[]
  /** `attemptsLeft` of every one that was incorrect, the most first. */
  readonly incorrect: readonly number[]
  readonly gone: number
}

/** Submits all guesses at once. */
export async function guess(
  store: OtpStore,
  id: string,
  digests: readonly string[],
): Promise<Tally> {
  const verified: number[] = []
  const incorrect: number[] = []
  let gone = 0
  for (const result of await Promise.all(digests.map((digest) => store.attempt(id, [digest])))) {
    if (result.outcome === 'verified') verified.push(result.attemptsUsed)
    else if (result.outcome === 'incorrect') incorrect.push(result.attemptsLeft)
    else gone += 1
  }
  return { verified, incorrect: incorrect.sort((a, b) => b - a), gone }
}

/** So many digests that no challenge holds. */
export function wrongDigests(count: number): string[] {
  return Array.from({ length: count }, opaque)
}

/** What is left after each of `count` charges of a budget, the most first. */
export function countdown(attempts: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => attempts - 1 - index)
}
