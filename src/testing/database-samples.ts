import type { Beginning, OtpDatabase, Policy, Submission } from '../database'
import type { NewChallenge } from '../store'
import { opaque } from './random'
import { charge, look } from './rate-limiter-samples'
import { newChallenge } from './store-samples'

const ledgerMs = 180 * 86_400_000

/** Somebody whose keys and challenges all end in the same 22 characters. */
export interface Person {
  /** Keys of one person differ in this first character only. */
  key(letter: string): string
  challenge(overrides?: Partial<NewChallenge>): NewChallenge
}

/** Somebody unlike any other. */
export function newPerson(): Person {
  const tail = opaque().slice(21)
  return {
    key: (letter) => `${letter}${tail}`,
    challenge: (overrides) => newChallenge({ id: `${opaque().slice(22)}${tail}`, ...overrides }),
  }
}

/** The key of an address: about nobody, so it ends unlike any person's. */
export function newAddress(): string {
  return `v${opaque().slice(21)}`
}

/** Guesses: a ledger of 100 failures, then 30 a minute from one address. */
export const guessing: Policy = {
  limits: [
    { key: 0, max: 100, windowMs: ledgerMs },
    { key: 1, max: 30, windowMs: 60_000 },
  ],
}

/** Messages: unless the ledger is full; 3 an hour for a person and 5 a minute from an address. */
export const messaging: Policy = {
  limits: [
    { key: 0, max: 100, windowMs: ledgerMs, cost: 0, refuses: true },
    { key: 1, max: 3, windowMs: 3_600_000 },
    { key: 2, max: 5, windowMs: 60_000 },
  ],
}

/** The right code, from an address of its own, unless said otherwise. */
export function newSubmission(
  person: Person,
  { id, digest }: NewChallenge,
  overrides: Partial<Submission> = {},
): Submission {
  return {
    policy: guessing,
    keys: [person.key('f'), newAddress()],
    id,
    digests: [digest],
    mostUsed: 100,
    call: opaque(),
    ...overrides,
  }
}

/** A message of its own address, unless said otherwise. */
export function newBeginning(
  person: Person,
  challenge: NewChallenge,
  overrides: Partial<Beginning> = {},
): Beginning {
  return {
    policy: messaging,
    keys: [person.key('f'), person.key('m'), newAddress()],
    challenge,
    ...overrides,
  }
}

/** Charges a key so many times, one unit each. */
export async function fill(database: OtpDatabase, key: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    await charge(database, { key, max: 128, windowMs: ledgerMs })
  }
}

/** Units that each key holds. */
export async function unitsOf(
  database: OtpDatabase,
  ...keys: readonly string[]
): Promise<readonly number[]> {
  return look(database, ...keys.map((key) => ({ key, max: 128, windowMs: ledgerMs })))
}
