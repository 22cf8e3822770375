import {
  type AttemptOutcome,
  type NewChallenge,
  type OtpStore,
  type StoredChallenge,
  usedMs,
} from '../store'
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

/** What `get` gives of a challenge that is alive. */
export function stored(
  challenge: NewChallenge,
  attemptsLeft = challenge.attempts,
  remainingMs = challenge.ttlMs,
): StoredChallenge {
  const { id, digest, attempts, data } = challenge
  return { id, digest, attempts, attemptsLeft, remainingMs, data }
}

/** What `get` gives of a challenge that was verified. */
export function storedAsUsed(
  { id, digest, attempts }: NewChallenge,
  remainingMs = usedMs,
): StoredChallenge {
  return { id, digest, attempts, attemptsLeft: 0, remainingMs, data: '', used: true }
}

/** What the right code comes to. */
export function verified(
  { data, ttlMs }: NewChallenge,
  attemptsUsed: number,
  remainingMs = ttlMs,
): AttemptOutcome {
  return { outcome: 'verified', data, attemptsUsed, remainingMs }
}

/** What a wrong code comes to. */
export function incorrect(
  { data, ttlMs }: NewChallenge,
  attemptsLeft: number,
  remainingMs = ttlMs,
): AttemptOutcome {
  return { outcome: 'incorrect', data, attemptsLeft, remainingMs }
}

/** What a guess comes to where nothing is to be had. */
export const gone: AttemptOutcome = { outcome: 'gone' }

/** What the right code comes to once it was verified. */
export const used: AttemptOutcome = { outcome: 'used' }

/** What several attempts came to. */
export interface Tally {
  /** `attemptsUsed` of every one that verified. */
  readonly verified: readonly number[]
  /** `attemptsLeft` of every one that was incorrect, the most first. */
  readonly incorrect: readonly number[]
  readonly used: number
  readonly gone: number
}

/** Counts outcomes, in whatever order they came. */
export function tally(outcomes: readonly AttemptOutcome[]): Tally {
  const verified: number[] = []
  const incorrect: number[] = []
  const times = { used: 0, gone: 0 }
  for (const result of outcomes) {
    if (result.outcome === 'verified') verified.push(result.attemptsUsed)
    else if (result.outcome === 'incorrect') incorrect.push(result.attemptsLeft)
    else times[result.outcome] += 1
  }
  return { verified, incorrect: incorrect.sort((a, b) => b - a), ...times }
}

/** Submits all guesses at once. */
export async function guess(
  store: OtpStore,
  id: string,
  digests: readonly string[],
): Promise<Tally> {
  return tally(await Promise.all(digests.map((digest) => store.attempt(id, [digest]))))
}

/** So many digests that no challenge holds. */
export function wrongDigests(count: number): string[] {
  return Array.from({ length: count }, opaque)
}

/** What is left after each of `count` charges of a budget, the most first. */
export function countdown(attempts: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => attempts - 1 - index)
}
