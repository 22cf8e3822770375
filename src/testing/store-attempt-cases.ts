import type { NewChallenge } from '../store'
import { type Checks, expectSame } from './conformance'
import { opaque } from './random'
import {
  gone,
  guess,
  incorrect,
  newChallenge,
  stored,
  verified,
  wrongDigests,
} from './store-samples'
import type { StoreUnderTest } from './subjects'

/** What attempts cost and what they prove, one after another. */
export const storeAttemptCases: Checks<StoreUnderTest> = {
  'S25 every wrong attempt is charged, and the right code is refused once none is left': async ({
    store,
    advance,
  }) => {
    const challenge = newChallenge({ attempts: 3 })
    const { id, digest, ttlMs } = challenge
    await store.put(challenge)
    for (const attemptsLeft of [2, 1, 0]) {
      expectSame(
        await store.attempt(id, [opaque()]),
        incorrect(challenge, attemptsLeft),
        'a wrong code',
      )
      expectSame((await store.get(id))?.attemptsLeft, attemptsLeft, 'attemptsLeft of get')
    }
    for (const guessed of [digest, opaque(), digest]) {
      expectSame(await store.attempt(id, [guessed]), gone, 'a code after the last')
    }
    await advance(1)
    expectSame(await store.get(id), stored(challenge, 0, ttlMs - 1), 'get once exhausted')
    await advance(ttlMs - 1)
    expectSame(await store.get(id), null, 'get once expired')
  },

  'the last attempt may be the right one': async ({ store }) => {
    for (const attempts of [1, 2, 10]) {
      const challenge = newChallenge({ attempts })
      await store.put(challenge)
      for (const wrong of wrongDigests(attempts - 1)) await store.attempt(challenge.id, [wrong])
      expectSame(
        await store.attempt(challenge.id, [challenge.digest]),
        verified(challenge, attempts),
        `the right code as attempt ${attempts} of ${attempts}`,
      )
    }
  },

  'a put after the challenge was consumed works anew': async ({ store }) => {
    const first = newChallenge()
    await store.put(first)
    await store.attempt(first.id, [opaque()])
    await store.attempt(first.id, [first.digest])
    const second = newChallenge({ id: first.id })
    await store.put(second)
    expectSame(
      await store.attempt(first.id, [first.digest]),
      incorrect(second, 2),
      'the first code',
    )
    expectSame(
      await store.attempt(first.id, [second.digest]),
      verified(second, 2),
      'the second code',
    )
  },

  'an attempt without digests is charged and never matches': async ({ store }) => {
    const challenge = newChallenge({ attempts: 2 })
    await store.put(challenge)
    for (const attemptsLeft of [1, 0]) {
      expectSame(
        await store.attempt(challenge.id, []),
        incorrect(challenge, attemptsLeft),
        'no digests',
      )
    }
    expectSame(
      await store.attempt(challenge.id, [challenge.digest]),
      gone,
      'the right code after that',
    )
  },

  'S06 any of several digests may match, and the list costs one attempt': async ({ store }) => {
    for (const place of [0, 1, 2]) {
      const challenge = newChallenge({ attempts: 2 })
      await store.put(challenge)
      expectSame(
        await store.attempt(challenge.id, wrongDigests(3)),
        incorrect(challenge, 1),
        'three wrong digests',
      )
      const digests = wrongDigests(3)
      digests[place] = challenge.digest
      expectSame(
        await store.attempt(challenge.id, digests),
        verified(challenge, 2),
        `the right digest at place ${place}`,
      )
    }
  },

  'a digest matches only as a whole and to the letter': async ({ store }) => {
    const digest = `aZ0_-${opaque().slice(5, 30)}e1`
    const near = [
      digest.slice(0, -1),
      digest.slice(1),
      `${digest}A`,
      `A${digest}`,
      digest.toUpperCase(),
      digest.toLowerCase(),
      digest.replace('_', '-'),
      digest.replace('aZ', 'Za'),
      '_'.repeat(digest.length),
      digest.slice(0, 1),
    ]
    const challenge = newChallenge({ digest, attempts: near.length + 1 })
    await store.put(challenge)
    const tally = await guess(store, challenge.id, near)
    expectSame(
      [tally.verified, tally.incorrect.length],
      [[], near.length],
      'digests that are nearly right',
    )
    expectSame((await store.attempt(challenge.id, [digest])).outcome, 'verified', 'the right one')
  },

  'ids and digests that look like numbers are texts': async ({ store }) => {
    const [one, padded] = [newChallenge({ id: '1', digest: '100' }), newChallenge({ id: '01' })]
    await store.put(one)
    expectSame(await store.get(padded.id), null, 'id 01 beside id 1')
    await store.put(padded)
    expectSame((await store.get('1'))?.digest, '100', 'digest under id 1')
    expectSame((await guess(store, '1', ['1e2', '0100'])).verified, [], 'other forms of 100')
    expectSame((await store.attempt('1', ['100'])).outcome, 'verified', 'digest 100')
  },

  'ids that differ in case or length are different challenges': async ({ store }) => {
    const id = `aB${opaque().slice(2)}`
    const ids = [id, `Ab${id.slice(2)}`, id.slice(0, -1), `${id}A`, `_${id.slice(1)}`]
    const challenges = ids.map((id) => newChallenge({ id }))
    for (const challenge of challenges) await store.put(challenge)
    for (const challenge of challenges) {
      const { id, digest, data } = challenge
      expectSame((await store.get(id))?.data, data, 'data of get')
      expectSame(await store.attempt(id, [digest]), verified(challenge, 1), 'its own code')
    }
  },

  "S14 no challenge is verified by another one's code": async ({ store }) => {
    const challenges = Array.from({ length: 20 }, () => newChallenge({ attempts: 20 }))
    await Promise.all(challenges.map((challenge) => store.put(challenge)))
    const digests = challenges.map((challenge) => challenge.digest)
    const check = async (challenge: NewChallenge) => {
      const { id, digest } = challenge
      const others = digests.filter((other) => other !== digest)
      const tally = await guess(store, id, others)
      expectSame([tally.verified, tally.incorrect.length], [[], 19], 'the codes of all the others')
      expectSame(await store.attempt(id, [digest]), verified(challenge, 20), 'its own code')
    }
    await Promise.all(challenges.map(check))
  },
}
