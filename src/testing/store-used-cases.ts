import { usedMs } from '../store'
import { type Checks, expectSame } from './conformance'
import { opaque } from './random'
import {
  gone,
  guess,
  incorrect,
  newChallenge,
  stored,
  storedAsUsed,
  used,
  verified,
} from './store-samples'
import type { StoreUnderTest } from './subjects'

/** What is left of a challenge that was verified. */
export const storeUsedCases: Checks<StoreUnderTest> = {
  'S04 a verified challenge is consumed, and says so for a minute': async ({ store, advance }) => {
    for (const ttlMs of [1_000, usedMs, 300_000]) {
      const challenge = newChallenge({ ttlMs, attempts: 9 })
      const { id, digest } = challenge
      await store.put(challenge)
      await advance(600)
      await store.attempt(id, [digest])
      expectSame(await store.get(id), storedAsUsed(challenge), `get, at a life of ${ttlMs} ms`)
      expectSame(await store.attempt(id, [digest]), used, 'the code again')
      await advance(usedMs - 1)
      expectSame(await store.get(id), storedAsUsed(challenge, 1), 'get 1 ms before the minute')
      expectSame(await store.attempt(id, [digest]), used, 'the code 1 ms before the minute')
      await advance(1)
      expectSame(await store.get(id), null, 'get after a minute')
      expectSame(await store.attempt(id, [digest]), gone, 'the code after a minute')
    }
  },

  'S30 a used challenge is compared only while attempts are left': async ({ store }) => {
    const challenge = newChallenge({ attempts: 6 })
    const { id, digest } = challenge
    await store.put(challenge)
    await store.attempt(id, [opaque()])
    await store.attempt(id, [digest])
    const guesses = [
      { digests: [digest], outcome: used },
      { digests: [opaque()], outcome: gone },
      { digests: [], outcome: gone },
      { digests: [opaque(), digest], outcome: used },
      { digests: [digest], outcome: gone },
      { digests: [digest], outcome: gone },
    ]
    for (const [index, { digests, outcome }] of guesses.entries()) {
      expectSame(await store.attempt(id, digests), outcome, `guess ${index + 1} at a used one`)
      expectSame(await store.get(id), storedAsUsed(challenge), `get after guess ${index + 1}`)
    }
  },

  'a challenge used with its last attempt is never compared again': async ({ store }) => {
    const challenge = newChallenge({ attempts: 1 })
    await store.put(challenge)
    await store.attempt(challenge.id, [challenge.digest])
    const digests = Array<string>(20).fill(challenge.digest)
    const tally = await guess(store, challenge.id, digests)
    expectSame(tally, { verified: [], incorrect: [], used: 0, gone: 20 }, 'the code again')
    expectSame(await store.get(challenge.id), storedAsUsed(challenge), 'get afterwards')
  },

  'neither reading nor guessing keeps a used challenge longer': async ({ store, advance }) => {
    const challenge = newChallenge({ attempts: 99 })
    const { id, digest } = challenge
    await store.put(challenge)
    await store.attempt(id, [digest])
    for (let seconds = 10; seconds < 60; seconds += 10) {
      await advance(10_000)
      await store.attempt(id, [digest])
      await store.attempt(id, [opaque()])
      const remainingMs = usedMs - seconds * 1_000
      expectSame(await store.get(id), storedAsUsed(challenge, remainingMs), 'get meanwhile')
    }
    await advance(10_000)
    expectSame(await store.get(id), null, 'get after a minute')
  },

  'delete removes a used challenge only while it holds that digest': async ({ store }) => {
    const challenge = newChallenge()
    const { id, digest } = challenge
    await store.put(challenge)
    await store.attempt(id, [digest])
    await store.delete(id, opaque())
    expectSame(await store.get(id), storedAsUsed(challenge), 'get after another delete')
    await store.delete(id, digest)
    expectSame(await store.get(id), null, 'get after its delete')
    expectSame(await store.attempt(id, [digest]), gone, 'the code after its delete')
  },

  'a put replaces the whole of a used challenge': async ({ store, advance }) => {
    const old = newChallenge({ attempts: 9 })
    const { id } = old
    await store.put(old)
    await store.attempt(id, [opaque()])
    await store.attempt(id, [old.digest])
    await advance(1_000)
    const successor = newChallenge({ id, attempts: 4 })
    await store.put(successor)
    expectSame(await store.get(id), stored(successor), 'get of the successor')
    expectSame(await store.attempt(id, [old.digest]), incorrect(successor, 3), 'the used code')
    await advance(usedMs)
    const remainingMs = successor.ttlMs - usedMs
    expectSame(await store.get(id), stored(successor, 3, remainingMs), 'get after a minute')
    expectSame(
      await store.attempt(id, [successor.digest]),
      verified(successor, 2, remainingMs),
      'the new code',
    )
  },
}
