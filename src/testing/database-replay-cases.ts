import type { OtpDatabase, Submission } from '../database'
import { usedMs } from '../store'
import { type Checks, expectSame } from './conformance'
import { forgiving } from './database-forgiveness-cases'
import { fill, newAddress, newPerson, newSubmission, unitsOf } from './database-samples'
import { opaque } from './random'
import { gone, incorrect, stored, storedAsUsed, used, verified } from './store-samples'
import type { DatabaseUnderTest } from './subjects'

/** What the same call gets that was answered before, and what every other call gets. */
export const databaseReplayCases: Checks<DatabaseUnderTest> = {
  'S04 the same call is verified again to the letter, for a minute': async (subject) => {
    const { database, advance } = subject
    const { submission, answer } = await verifiedOnce(subject)
    for (const pauseMs of [0, 0, 1, usedMs - 2]) {
      await advance(pauseMs)
      await expectAttempt(database, submission, answer, 'the same call again')
    }
    await advance(1)
    await expectAttempt(database, submission, gone, 'the same call after a minute')
  },

  'S04 another call with the same code is used, and verifies nothing': async (subject) => {
    const { database } = subject
    const { challenge, submission } = await verifiedOnce(subject)
    const { call } = submission
    for (const other of [opaque(), call.slice(1), `${call}0`, flipCase(call), '']) {
      await expectAttempt(database, { ...submission, call: other }, used, 'another call')
    }
    expectSame(await database.get(challenge.id), storedAsUsed(challenge), 'get afterwards')
  },

  'a call sent again takes no attempt and gives nothing back': async (subject) => {
    const { database } = subject
    const { person, challenge, submission, answer } = await verifiedOnce(subject)
    await fill(database, person.key('f'), 4)
    for (const _ of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      const { taken, attempt } = await database.settle(submission)
      expectSame([taken.used[0], attempt], [4, answer], 'the same call again')
    }
    const units = await unitsOf(database, person.key('f'), person.key('o'))
    expectSame(units, [4, 2], 'units afterwards')
    // 9 attempts, of which 3 were taken before.
    for (const _ of [1, 2, 3, 4, 5, 6]) {
      const other = { ...submission, call: opaque() }
      await expectAttempt(database, other, used, 'another call, while attempts are left')
    }
    const other = { ...submission, call: opaque() }
    await expectAttempt(database, other, gone, 'another call, without attempts')
    expectSame(await database.get(challenge.id), storedAsUsed(challenge), 'get afterwards')
    await expectAttempt(database, submission, answer, 'the same call, without attempts')
  },

  'a call sent again is verified where every limit would refuse it now': async (subject) => {
    const { database } = subject
    const { person, submission, answer } = await verifiedOnce(subject)
    const [, address = ''] = submission.keys
    await fill(database, address, 27)
    await expectAttempt(database, submission, answer, 'the same call from a full address')
    await fill(database, person.key('f'), 100)
    await expectAttempt(database, submission, answer, 'the same call at a full ledger')
    const lower = { ...submission, mostUsed: 0 }
    await expectAttempt(database, lower, answer, 'the same call past the budget')
    const { taken, attempt } = await database.settle({ ...submission, call: opaque() })
    expectSame([taken.ok, attempt], [false, undefined], 'another call')
  },

  'a wrong guess that is sent again is another guess': async ({ database }) => {
    const person = newPerson()
    const challenge = person.challenge({ attempts: 4 })
    await database.put(challenge)
    const wrong = newSubmission(person, challenge, { digests: [opaque()] })
    await expectAttempt(database, wrong, incorrect(challenge, 3), 'a wrong guess')
    await expectAttempt(database, wrong, incorrect(challenge, 2), 'the same again')
    expectSame(await unitsOf(database, person.key('f')), [2], 'failures in the ledger')
    const right = newSubmission(person, challenge)
    await expectAttempt(database, right, verified(challenge, 3), 'the right code')
    await expectAttempt(database, wrong, gone, 'the wrong guess after that')
    await expectAttempt(database, right, verified(challenge, 3), 'the right code again')
  },

  'a call is remembered with its own challenge alone': async (subject) => {
    const { database } = subject
    const { person, submission, answer } = await verifiedOnce(subject)
    const other = person.challenge({ attempts: 4 })
    await database.put(other)
    const elsewhere = { ...submission, id: other.id }
    await expectAttempt(database, elsewhere, incorrect(other, 3), 'the call at another challenge')
    await expectAttempt(database, submission, answer, 'the call at its own')
    await database.attempt(other.id, [other.digest])
    for (const call of [opaque(), '']) {
      const late = newSubmission(person, other, { call })
      await expectAttempt(database, late, used, 'a call at one that no call has verified')
    }
  },

  'whatever replaces or removes a used challenge takes its call along': async (subject) => {
    const { database } = subject
    for (const way of ['put', 'begin', 'delete'] as const) {
      const { person, challenge, submission } = await verifiedOnce(subject)
      const successor = person.challenge({ id: challenge.id })
      if (way === 'put') await database.put(successor)
      if (way === 'delete') await database.delete(challenge.id, challenge.digest)
      if (way === 'begin') {
        const policy = { limits: [{ key: 0, max: 9, windowMs: 1_000 }] } as const
        await database.begin({ policy, keys: [person.key('m')], challenge: successor })
      }
      const expected = way === 'delete' ? gone : incorrect(successor, 2)
      await expectAttempt(database, submission, expected, `the same call after a ${way}`)
      expectSame(
        await database.get(challenge.id),
        way === 'delete' ? null : stored(successor, 2),
        `get after a ${way}`,
      )
    }
  },
}

/** A challenge of 9 attempts that was verified by the third, and the call that did it. */
async function verifiedOnce({ database, advance }: DatabaseUnderTest) {
  const person = newPerson()
  const challenge = person.challenge({ attempts: 9 })
  const keys = [person.key('f'), newAddress(), person.key('o')]
  await database.put(challenge)
  for (const _ of [1, 2]) {
    const digests = [opaque()]
    await database.settle(newSubmission(person, challenge, { policy: forgiving, keys, digests }))
  }
  await advance(1_000)
  const submission = newSubmission(person, challenge, { policy: forgiving, keys })
  const answer = verified(challenge, 3, challenge.ttlMs - 1_000)
  await expectAttempt(database, submission, answer, 'the right code')
  return { person, challenge, submission, answer }
}

async function expectAttempt(
  database: OtpDatabase,
  submission: Submission,
  expected: unknown,
  what: string,
): Promise<void> {
  expectSame((await database.settle(submission)).attempt, expected, what)
}

function flipCase(text: string): string {
  const lower = text.toLowerCase()
  return text === lower ? text.toUpperCase() : lower
}
