import type { Submission } from '../database'
import { type Checks, expectSame } from './conformance'
import { fill, newPerson, newSubmission, unitsOf } from './database-samples'
import { opaque } from './random'
import {
  gone,
  incorrect,
  type newChallenge,
  stored,
  storedAsUsed,
  used,
  verified,
} from './store-samples'
import type { DatabaseUnderTest } from './subjects'

type State = 'nothing' | 'alive' | 'exhausted' | 'used' | 'expired'
type Guess = 'right' | 'wrong' | 'none'

interface Row {
  readonly state: State
  readonly guess: Guess
  /** What the ledger holds before. */
  readonly ledger: number
  readonly mostUsed: number
  readonly outcome: 'verified' | 'incorrect' | 'used' | 'gone'
  /** Attempts that this guess takes. */
  readonly takes: 0 | 1
}

const attempts = 5

/** What each outcome charges: the ledger for `incorrect` alone, the address always. */
const rows: readonly Row[] = [
  { state: 'alive', guess: 'right', ledger: 0, mostUsed: 100, outcome: 'verified', takes: 1 },
  { state: 'alive', guess: 'wrong', ledger: 0, mostUsed: 100, outcome: 'incorrect', takes: 1 },
  { state: 'alive', guess: 'none', ledger: 0, mostUsed: 100, outcome: 'incorrect', takes: 1 },
  { state: 'nothing', guess: 'right', ledger: 0, mostUsed: 100, outcome: 'gone', takes: 0 },
  { state: 'expired', guess: 'right', ledger: 0, mostUsed: 100, outcome: 'gone', takes: 0 },
  { state: 'exhausted', guess: 'right', ledger: 7, mostUsed: 100, outcome: 'gone', takes: 0 },
  { state: 'used', guess: 'right', ledger: 0, mostUsed: 100, outcome: 'used', takes: 1 },
  { state: 'used', guess: 'wrong', ledger: 3, mostUsed: 100, outcome: 'gone', takes: 1 },
  // The guess itself is counted: at 4 of 5 it is the fifth.
  { state: 'alive', guess: 'right', ledger: 4, mostUsed: 5, outcome: 'verified', takes: 1 },
  { state: 'alive', guess: 'wrong', ledger: 4, mostUsed: 5, outcome: 'incorrect', takes: 1 },
  { state: 'alive', guess: 'right', ledger: 5, mostUsed: 5, outcome: 'gone', takes: 0 },
  { state: 'alive', guess: 'wrong', ledger: 5, mostUsed: 5, outcome: 'gone', takes: 0 },
  { state: 'used', guess: 'right', ledger: 4, mostUsed: 5, outcome: 'used', takes: 1 },
  { state: 'used', guess: 'right', ledger: 5, mostUsed: 5, outcome: 'gone', takes: 0 },
  { state: 'alive', guess: 'right', ledger: 0, mostUsed: 1, outcome: 'verified', takes: 1 },
  { state: 'alive', guess: 'right', ledger: 0, mostUsed: 0, outcome: 'gone', takes: 0 },
  { state: 'alive', guess: 'right', ledger: 99, mostUsed: 100, outcome: 'verified', takes: 1 },
]

/** What a guess is answered and what it leaves, one after another. */
export const databaseSettleCases: Checks<DatabaseUnderTest> = {
  ...Object.fromEntries(
    rows.map((row) => [
      `a settle that finds it ${row.outcome}: ${row.guess} at ${row.state}, ledger ${row.ledger} of ${row.mostUsed}`,
      (subject: DatabaseUnderTest) => settleRow(subject, row),
    ]),
  ),

  'S06 any of several digests may settle it, and the list costs one attempt': async ({
    database,
  }) => {
    const person = newPerson()
    const challenge = person.challenge()
    await database.put(challenge)
    const wrong = { digests: [opaque(), opaque(), opaque()] }
    const first = await database.settle(newSubmission(person, challenge, wrong))
    expectSame(first.attempt, incorrect(challenge, 2), 'three wrong digests')
    const right = { digests: [opaque(), challenge.digest, opaque()] }
    const second = await database.settle(newSubmission(person, challenge, right))
    expectSame(second.attempt, verified(challenge, 2), 'the right one among three')
  },

  'a settle takes the life and the data of the challenge as they are': async ({
    database,
    advance,
  }) => {
    const person = newPerson()
    const challenge = person.challenge({ ttlMs: 10_000 })
    await database.put(challenge)
    await advance(9_999)
    const wrong = newSubmission(person, challenge, { digests: [opaque()] })
    expectSame((await database.settle(wrong)).attempt, incorrect(challenge, 2, 1), 'a wrong code')
    const right = newSubmission(person, challenge)
    expectSame((await database.settle(right)).attempt, verified(challenge, 2, 1), 'the right code')
    expectSame(await database.get(challenge.id), storedAsUsed(challenge), 'get afterwards')
  },

  'attempt and settle take their attempts from one budget': async ({ database }) => {
    const person = newPerson()
    const challenge = person.challenge({ attempts: 4 })
    await database.put(challenge)
    await database.attempt(challenge.id, [opaque()])
    const wrong = newSubmission(person, challenge, { digests: [opaque()] })
    expectSame((await database.settle(wrong)).attempt, incorrect(challenge, 2), 'a wrong settle')
    expectSame(
      await database.attempt(challenge.id, [opaque()]),
      incorrect(challenge, 1),
      'a wrong attempt',
    )
    const right = newSubmission(person, challenge)
    expectSame((await database.settle(right)).attempt, verified(challenge, 4), 'the right code')
    expectSame(await database.attempt(challenge.id, [challenge.digest]), gone, 'an attempt at it')
  },
}

async function settleRow({ database, advance }: DatabaseUnderTest, row: Row): Promise<void> {
  const person = newPerson()
  const challenge = person.challenge({ attempts, ttlMs: 30_000 })
  const { id, digest } = challenge
  if (row.state !== 'nothing') await database.put(challenge)
  if (row.state === 'exhausted')
    for (let n = 0; n < attempts; n += 1) await database.attempt(id, [])
  if (row.state === 'used') await database.attempt(id, [digest])
  if (row.state === 'expired') await advance(30_000)
  await fill(database, person.key('f'), row.ledger)
  const digests = { right: [digest], wrong: [opaque()], none: [] }[row.guess]
  const submission = newSubmission(person, challenge, { digests, mostUsed: row.mostUsed })
  const outcomes = {
    verified: verified(challenge, 1),
    incorrect: incorrect(challenge, 4),
    used,
    gone,
  }
  const ledger = row.ledger + (row.outcome === 'incorrect' ? 1 : 0)
  expectSame(
    await database.settle(submission),
    { taken: { ok: true, used: [ledger, 1] }, attempt: outcomes[row.outcome] },
    'what it came to',
  )
  expectSame(await unitsOf(database, ...submission.keys), [ledger, 1], 'units afterwards')
  await expectLeft(database, row, submission, challenge)
}

/** What stands there is what stood there, less the attempt that the guess took. */
async function expectLeft(
  database: DatabaseUnderTest['database'],
  { state, outcome, takes }: Row,
  submission: Submission,
  challenge: ReturnType<typeof newChallenge>,
): Promise<void> {
  const found = await database.get(submission.id)
  if (state === 'nothing' || state === 'expired') {
    expectSame(found, null, 'get afterwards')
    return
  }
  const isUsed = state === 'used' || outcome === 'verified'
  const left = state === 'exhausted' ? 0 : attempts - takes
  expectSame(found, isUsed ? storedAsUsed(challenge) : stored(challenge, left), 'get afterwards')
  if (!isUsed) return
  const before = state === 'used' ? attempts - 1 : attempts
  for (let count = 0; count < before - takes; count += 1) {
    expectSame(await database.attempt(submission.id, [challenge.digest]), used, 'an attempt left')
  }
  expectSame(await database.attempt(submission.id, [challenge.digest]), gone, 'one more attempt')
}
