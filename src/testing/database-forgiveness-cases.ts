import type { Policy } from '../database'
import { type Checks, expectSame } from './conformance'
import { fill, guessing, newAddress, newPerson, newSubmission, unitsOf } from './database-samples'
import { opaque } from './random'
import { verified } from './store-samples'
import type { DatabaseUnderTest } from './subjects'

interface Row {
  /** Failures made elsewhere. */
  readonly elsewhere: number
  /** Failures of this challenge, before its right code. */
  readonly failed: number
  /** Units forgiven before, where there is a window for them: 10 a day. */
  readonly forgiven?: number
  /** What the ledger and the log of what was forgiven hold afterwards. */
  readonly leaves: readonly [ledger: number, forgiven: number]
}

const day = 86_400_000

/** All of a challenge's failures are forgiven, or none. */
const rows: readonly Row[] = [
  { elsewhere: 3, failed: 0, leaves: [3, 0] },
  { elsewhere: 3, failed: 2, leaves: [3, 0] },
  { elsewhere: 0, failed: 4, leaves: [0, 0] },
  { elsewhere: 3, failed: 0, forgiven: 0, leaves: [3, 0] },
  { elsewhere: 3, failed: 2, forgiven: 0, leaves: [3, 2] },
  { elsewhere: 3, failed: 2, forgiven: 8, leaves: [3, 10] },
  { elsewhere: 3, failed: 2, forgiven: 9, leaves: [5, 9] },
  { elsewhere: 0, failed: 1, forgiven: 9, leaves: [0, 10] },
  { elsewhere: 0, failed: 1, forgiven: 10, leaves: [1, 10] },
]

/** A policy that forgives so many units a day. */
export const forgiving: Policy = { ...guessing, forgiveness: { key: 2, max: 10, windowMs: day } }

/** Which earlier failures a success forgives. */
export const databaseForgivenessCases: Checks<DatabaseUnderTest> = {
  ...Object.fromEntries(
    rows.map((row) => [nameOf(row), (subject: DatabaseUnderTest) => forgivenessRow(subject, row)]),
  ),

  'the newest failures are forgiven, and those made elsewhere age as before': async ({
    database,
    advance,
  }) => {
    const person = newPerson()
    const challenge = person.challenge()
    const policy: Policy = {
      limits: [
        { key: 0, max: 100, windowMs: 60_000 },
        { key: 1, max: 30, windowMs: 60_000 },
      ],
    }
    const submission = (digest: string) =>
      newSubmission(person, challenge, { policy, digests: [digest] })
    const ledger = { key: person.key('f'), max: 100, windowMs: 60_000, cost: 0 }
    await database.take([{ ...ledger, cost: 1 }])
    await advance(20_000)
    await database.put(challenge)
    await database.settle(submission(opaque()))
    await database.settle(submission(challenge.digest))
    await advance(39_999)
    expectSame((await database.take([ledger])).used, [1], 'failures before the first has aged out')
    await advance(1)
    expectSame((await database.take([ledger])).used, [0], 'failures once the first has aged out')
  },

  'what is forgiven is one charge, and ages out of its window': async ({ database, advance }) => {
    const person = newPerson()
    const keys = [person.key('f'), newAddress(), person.key('o')]
    const forgiven = person.key('o')
    for (const expected of [3, 6, 9]) {
      await failThenVerify(database, person, keys, 3)
      expectSame(await unitsOf(database, forgiven), [expected], 'units forgiven')
    }
    await database.clear([forgiven], 1)
    expectSame(await unitsOf(database, forgiven), [6], 'units less the newest charge')
    await failThenVerify(database, person, keys, 4)
    expectSame(await unitsOf(database, person.key('f'), forgiven), [0, 10], 'units once full')
    await advance(day)
    await failThenVerify(database, person, keys, 4)
    expectSame(
      (await database.take([{ key: forgiven, max: 10, windowMs: day, cost: 0 }])).used,
      [4],
      'units forgiven a day later',
    )
    expectSame(await unitsOf(database, person.key('f')), [0], 'failures a day later')
  },

  'nothing but a success forgives': async ({ database }) => {
    const person = newPerson()
    const challenge = person.challenge({ attempts: 4 })
    const keys = [person.key('f'), newAddress(), person.key('o')]
    await database.put(challenge)
    for (const digests of [[opaque()], [opaque()], []]) {
      await database.settle(newSubmission(person, challenge, { policy: forgiving, keys, digests }))
    }
    await database.settle(newSubmission(person, person.challenge(), { policy: forgiving, keys }))
    await database.settle(
      newSubmission(person, challenge, { policy: forgiving, keys, mostUsed: 3 }),
    )
    expectSame(await unitsOf(database, ...keys), [3, 5, 0], 'units before the success')
    await database.settle(newSubmission(person, challenge, { policy: forgiving, keys }))
    expectSame(await unitsOf(database, ...keys), [0, 6, 3], 'units after the success')
    await database.settle(newSubmission(person, challenge, { policy: forgiving, keys }))
    expectSame(await unitsOf(database, ...keys), [0, 7, 3], 'units after the code was used again')
  },
}

function nameOf({ elsewhere, failed, forgiven }: Row): string {
  const window = forgiven === undefined ? 'without a window' : `${forgiven} of 10 forgiven before`
  return `a success after ${failed} failures, ${elsewhere} elsewhere, ${window}`
}

async function forgivenessRow({ database }: DatabaseUnderTest, row: Row): Promise<void> {
  const person = newPerson()
  const { elsewhere, failed, forgiven, leaves } = row
  const keys = [person.key('f'), newAddress(), person.key('o')]
  await fill(database, person.key('f'), elsewhere)
  await fill(database, person.key('o'), forgiven ?? 0)
  const policy = forgiven === undefined ? guessing : forgiving
  const settled = await failThenVerify(database, person, keys, failed, policy)
  // The first number is as it was read: what is forgiven is forgiven afterwards.
  expectSame(settled.taken.used, [elsewhere + failed, failed + 1], 'used')
  expectSame(await unitsOf(database, person.key('f'), person.key('o')), leaves, 'units afterwards')
}

async function failThenVerify(
  database: DatabaseUnderTest['database'],
  person: ReturnType<typeof newPerson>,
  keys: readonly string[],
  failed: number,
  policy = forgiving,
) {
  const challenge = person.challenge({ attempts: failed + 1 })
  await database.put(challenge)
  for (let count = 0; count < failed; count += 1) {
    await database.settle(newSubmission(person, challenge, { policy, keys, digests: [opaque()] }))
  }
  const settled = await database.settle(newSubmission(person, challenge, { policy, keys }))
  expectSame(settled.attempt, verified(challenge, failed + 1), 'the right code')
  return settled
}
