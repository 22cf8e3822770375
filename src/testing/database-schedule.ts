import type { Policy } from '../database'
import { type Checks, expectSame } from './conformance'
import { fill, newBeginning, newPerson, newSubmission } from './database-samples'
import { opaque } from './random'
import type { DatabaseUnderTest } from './subjects'

/** What happens next, and what it must come to. */
export type Step =
  | { readonly advance: number }
  /** Charges a key, named by its letter. */
  | { readonly charge: string; readonly times: number }
  | { readonly begin: Expected; readonly costs?: readonly number[] }
  /** A wrong guess at a challenge, or at nothing. */
  | { readonly settle: Expected; readonly at: 'challenge' | 'nothing' }

type Expected =
  | { readonly used: readonly number[]; readonly retryAfterMs: number }
  | { readonly refusedBy: number; readonly used: readonly number[]; readonly retryAfterMs: number }

/** One policy, and what it says as time goes by. */
export interface Schedule {
  readonly policy: Policy
  /** The first letters of the keys: small ones are the person's, capital ones the address'. */
  readonly keys: string
  readonly steps: readonly Step[]
}

/** Each schedule as a case. */
export function scheduleCases(
  schedules: Readonly<Record<string, Schedule>>,
): Checks<DatabaseUnderTest> {
  return Object.fromEntries(
    Object.entries(schedules).map(([name, schedule]) => [
      name,
      (subject: DatabaseUnderTest) => follow(subject, schedule),
    ]),
  )
}

async function follow(
  { database, advance }: DatabaseUnderTest,
  { policy, keys: letters, steps }: Schedule,
): Promise<void> {
  const [person, address] = [newPerson(), newPerson()]
  const keyOf = (letter: string) =>
    letter === letter.toLowerCase() ? person.key(letter) : address.key(letter)
  const keys = Array.from(letters, keyOf)
  const challenge = person.challenge({ attempts: 100, ttlMs: 86_400_000 })
  await database.put(challenge)
  for (const [index, step] of steps.entries()) {
    if ('advance' in step) await advance(step.advance)
    else if ('charge' in step) await fill(database, keyOf(step.charge), step.times)
    else if ('begin' in step) {
      const { costs } = step
      const { taken } = await database.begin(
        newBeginning(person, person.challenge(), {
          policy,
          keys,
          ...(costs === undefined ? {} : { costs }),
        }),
      )
      const { retryAfterMs, used } = taken
      const refusedBy = taken.ok ? {} : { refusedBy: taken.index }
      expectSame({ ...refusedBy, retryAfterMs, used }, step.begin, `begin, step ${index + 1}`)
    } else {
      const target = step.at === 'challenge' ? challenge : person.challenge()
      const { taken } = await database.settle(
        newSubmission(person, target, { policy, keys, digests: [opaque()] }),
      )
      const { used } = taken
      const refused = taken.ok
        ? { retryAfterMs: 0 }
        : { refusedBy: taken.index, retryAfterMs: taken.retryAfterMs }
      expectSame({ ...refused, used }, step.settle, `settle, step ${index + 1}`)
    }
  }
}
