import type { OtpDatabase, Settled, Submission } from '../database'
import type { AttemptOutcome } from '../store'
import { type Checks, expectSame, expectThat, together, turns } from './conformance'
import {
  fill,
  guessing,
  newAddress,
  newBeginning,
  newPerson,
  newSubmission,
  unitsOf,
} from './database-samples'
import { opaque } from './random'
import { gone, stored, storedAsUsed, tally, verified, wrongDigests } from './store-samples'
import type { DatabaseUnderTest } from './subjects'

/** What happens when calls about one person meet. */
export const databaseRaceCases: Checks<DatabaseUnderTest> = {
  'S04 of 200 right codes settled together exactly one verifies': async ({ database }) => {
    for (const attempts of [1, 3]) {
      const person = newPerson()
      const challenge = person.challenge({ attempts })
      await database.put(challenge)
      const outcomes = await settleAll(
        database,
        Array.from({ length: 200 }, () => newSubmission(person, challenge, { mostUsed: 5 })),
      )
      expectSame(
        tally(outcomes),
        { verified: [1], incorrect: [], used: attempts - 1, gone: 200 - attempts },
        `outcomes, with ${attempts} attempts`,
      )
      expectSame(await unitsOf(database, person.key('f')), [0], 'the ledger afterwards')
      expectSame(await database.get(challenge.id), storedAsUsed(challenge), 'get afterwards')
    }
  },

  'S44 the right code among 199 wrong ones settles while attempts are left': async ({
    database,
  }) => {
    for (const place of [0, 100, 199]) {
      const person = newPerson()
      const challenge = person.challenge({ attempts: 200 })
      await database.put(challenge)
      const digests = wrongDigests(200)
      digests[place] = challenge.digest
      const { verified, incorrect, used, gone } = tally(
        await settleAll(
          database,
          digests.map((digest) =>
            newSubmission(person, challenge, { digests: [digest], policy: wide, mostUsed: 1_000 }),
          ),
        ),
      )
      expectSame(verified, [incorrect.length + 1], 'attemptsUsed beside the wrong ones charged')
      expectSame([used, gone], [0, 199 - incorrect.length], 'used and gone')
      expectSame(await unitsOf(database, person.key('f')), [0], 'the ledger once forgiven')
    }
  },

  'S30 no more wrong codes are compared than the ledger has room for': async ({ database }) => {
    const person = newPerson()
    const challenge = person.challenge({ attempts: 50 })
    await database.put(challenge)
    await fill(database, person.key('f'), 2)
    const submissions = wrongDigests(200).map((digest) =>
      newSubmission(person, challenge, { digests: [digest], mostUsed: 5 }),
    )
    expectSame(
      tally(await settleAll(database, submissions)),
      { verified: [], incorrect: [49, 48, 47], used: 0, gone: 197 },
      'outcomes',
    )
    expectSame(await unitsOf(database, person.key('f')), [5], 'the ledger afterwards')
    expectSame(await database.get(challenge.id), stored(challenge, 47), 'get afterwards')
  },

  'S25 every wrong code in flight is in the ledger, whatever is begun meanwhile': async ({
    database,
  }) => {
    const person = newPerson()
    const first = person.challenge({ attempts: 40 })
    const ledger = person.key('f')
    await database.put(first)
    const wrong = () => newSubmission(person, first, { digests: [opaque()] })
    const [outcomes] = await Promise.all([
      settleAll(database, Array.from({ length: 60 }, wrong)),
      together(3, async (round) => {
        await turns(round)
        const { digest } = (await database.get(first.id)) ?? first
        const successor = person.challenge({ id: first.id, attempts: 40 })
        return database.begin(newBeginning(person, successor, { replaces: digest }))
      }),
    ])
    const { incorrect } = tally(outcomes)
    expectSame(await unitsOf(database, ledger), [incorrect.length], 'failures in the ledger')
  },

  'S25 guesses at nothing, any number at once, change no answer of the owner': async ({
    database,
  }) => {
    await together(5, async (round) => {
      const owner = newPerson()
      const [challenge, nothing] = [owner.challenge(), owner.challenge()]
      await database.put(challenge)
      await fill(database, owner.key('f'), 4)
      const full = newAddress()
      await fill(database, full, 30)
      const stranger = (index: number) =>
        newSubmission(owner, nothing, {
          mostUsed: 100,
          // Some are refused for their address: they must not be seen in the ledger either.
          ...(index % 3 === 0 ? { keys: [owner.key('f'), full] } : {}),
        })
      const guesses = (count: number) =>
        together(count, (index) => database.settle(stranger(index)))
      const [before, right, begun, after] = await Promise.all([
        guesses(30),
        turns(round).then(() => database.settle(newSubmission(owner, challenge, { mostUsed: 5 }))),
        turns(round).then(() => database.begin(newBeginning(owner, owner.challenge()))),
        guesses(30),
      ])
      for (const { taken, attempt } of [...before, ...after]) {
        expectSame(taken.used[0], 4, 'failures that a guess at nothing saw')
        if (attempt !== undefined) expectSame(attempt, gone, 'a guess at nothing')
      }
      expectSame(right.attempt, verified(challenge, 1), "the owner's right code")
      expectSame(right.taken.used[0], 4, 'failures that the owner saw')
      expectSame([begun.taken.ok, begun.taken.used[0]], [true, 4], "the owner's next message")
      expectSame(await unitsOf(database, owner.key('f')), [4], 'the ledger afterwards')
    })
  },

  'S25 beside guesses at nothing the last place in the ledger stays free': async ({ database }) => {
    const owner = newPerson()
    const [challenge, nothing] = [owner.challenge(), owner.challenge()]
    await database.put(challenge)
    await fill(database, owner.key('f'), 99)
    const [strangers, right] = await Promise.all([
      together(100, () => database.settle(newSubmission(owner, nothing))),
      turns(2).then(() => database.settle(newSubmission(owner, challenge))),
    ])
    for (const { attempt } of strangers) expectSame(attempt, gone, 'a guess at nothing')
    expectSame(right.attempt, verified(challenge, 1), "the owner's right code")
  },

  'of 20 begins at once one puts, and the others get its challenge': async ({ database }) => {
    await together(5, async () => {
      const person = newPerson()
      const { id } = person.challenge()
      const challenges = Array.from({ length: 20 }, () => person.challenge({ id }))
      const begun = await Promise.all(
        challenges.map((challenge) =>
          database.begin(newBeginning(person, challenge, { policy: open })),
        ),
      )
      const puts = challenges.filter((_, index) => begun[index]?.put === true)
      expectSame(puts.length, 1, 'challenges put')
      for (const challenge of puts) {
        for (const { put, standing } of begun) {
          expectSame(standing, put ? null : stored(challenge), 'what stands there')
        }
        expectSame(await database.get(id), stored(challenge), 'get afterwards')
      }
      expectSame(await unitsOf(database, person.key('m')), [20], 'messages charged')
    })
  },

  'of 20 begins that may replace the same challenge one does': async ({ database }) => {
    const person = newPerson()
    const old = person.challenge()
    await database.put(old)
    const begun = await together(20, () =>
      database.begin(
        newBeginning(person, person.challenge({ id: old.id }), {
          policy: open,
          replaces: old.digest,
        }),
      ),
    )
    expectSame(begun.filter(({ put }) => put).length, 1, 'challenges put')
    expectThat(
      begun.every(({ put, standing }) => put || standing?.digest !== old.digest),
      'a begin yielded to the challenge that it may replace',
    )
  },

  'S43 a settle racing a begin that replaces sees all of the old one or all of the new': async ({
    database,
  }) => {
    await together(20, async (round) => {
      const person = newPerson()
      const old = person.challenge({ attempts: 9 })
      const successor = person.challenge({ id: old.id, attempts: 20, ttlMs: 60_000 })
      await database.put(old)
      const digests = [old.digest, opaque(), successor.digest, opaque(), old.digest]
      const settled = (delay: number) =>
        turns(delay).then(() =>
          settleAll(
            database,
            digests.map((digest) => newSubmission(person, old, { digests: [digest] })),
          ),
        )
      const [early, begun, late] = await Promise.all([
        settled(0),
        turns(round % 4).then(() =>
          database.begin(newBeginning(person, successor, { replaces: old.digest })),
        ),
        settled(round % 5),
      ])
      expectThat(begun.put, 'the challenge was not put')
      const outcomes = [...early, ...late]
      const expected = outcomes.map((outcome) => whole(outcome, old, successor))
      expectSame(outcomes, expected, 'outcomes')
      for (const { data } of [old, successor]) {
        const times = outcomes.filter(
          (other) => other.outcome === 'verified' && other.data === data,
        )
        expectThat(times.length <= 1, 'a code verified twice')
      }
      const wrong = newSubmission(person, old)
      const { attempt } = await database.settle(wrong)
      expectThat(attempt?.outcome !== 'verified', 'the old code verified after it was replaced')
    })
  },

  'S04 one call sent 20 times at once is verified once and answered alike': async ({
    database,
  }) => {
    const person = newPerson()
    const challenge = person.challenge({ attempts: 2 })
    await database.put(challenge)
    const wrong = newSubmission(person, challenge, { digests: [opaque()] })
    await database.settle(wrong)
    const submission = newSubmission(person, challenge)
    const outcomes = await settleAll(database, Array<Submission>(20).fill(submission))
    for (const outcome of outcomes) expectSame(outcome, verified(challenge, 2), 'each answer')
    expectSame(await unitsOf(database, person.key('f')), [0], 'the ledger afterwards')
  },

  'guesses from one address at once are charged no more than it may make': async ({ database }) => {
    const person = newPerson()
    const keys = [person.key('f'), newAddress()]
    const settled = await together(100, () =>
      database.settle(newSubmission(person, person.challenge(), { keys })),
    )
    const passed = settled.filter(({ taken }) => taken.ok).length
    expectSame(passed, 30, 'guesses that were not refused')
    expectSame(await unitsOf(database, ...keys), [0, 30], 'units afterwards')
  },
}

/** As many failures as anybody likes. */
const wide = { limits: [{ key: 0, max: 1_000, windowMs: 86_400_000 }] } as const

/** As many messages as anybody likes. */
const open = {
  limits: [
    { ...guessing.limits[0], cost: 0 },
    { key: 1, max: 100, windowMs: 60_000 },
  ],
} as const

async function settleAll(
  database: OtpDatabase,
  submissions: readonly Submission[],
): Promise<AttemptOutcome[]> {
  const settled: readonly Settled[] = await Promise.all(
    submissions.map((submission) => database.settle(submission)),
  )
  return settled.map(({ taken, attempt }) => {
    expectThat(attempt !== undefined, `a guess was refused: ${JSON.stringify(taken)}`)
    return attempt
  })
}

/** The outcome with data and life of the challenge that it was charged to. */
function whole(
  outcome: AttemptOutcome,
  old: ReturnType<ReturnType<typeof newPerson>['challenge']>,
  successor: typeof old,
): AttemptOutcome {
  if (outcome.outcome === 'used' || outcome.outcome === 'gone') return outcome
  // The budgets do not overlap, so what is left tells which challenge a guess was charged to.
  const isOld =
    outcome.outcome === 'incorrect' ? outcome.attemptsLeft < 9 : outcome.data === old.data
  const { data, ttlMs } = isOld ? old : successor
  return { ...outcome, data, remainingMs: ttlMs }
}
