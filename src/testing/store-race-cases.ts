import { type Checks, expectSame, expectThat, together, turns } from './conformance'
import { opaque } from './random'
import {
  countdown,
  gone,
  guess,
  newChallenge,
  stored,
  storedAsUsed,
  used,
  verified,
  wrongDigests,
} from './store-samples'
import type { StoreUnderTest } from './subjects'

/** What happens when calls meet on one challenge. */
export const storeRaceCases: Checks<StoreUnderTest> = {
  'S04 of 200 right codes together exactly one verifies': async ({ store }) => {
    const challenge = newChallenge({ attempts: 5 })
    await store.put(challenge)
    const tally = await guess(store, challenge.id, Array<string>(200).fill(challenge.digest))
    expectSame(tally, { verified: [1], incorrect: [], used: 4, gone: 195 }, 'outcomes')
    expectSame(await store.get(challenge.id), storedAsUsed(challenge), 'get afterwards')
  },

  'S30 of 200 wrong codes together exactly as many are compared as there are attempts': async ({
    store,
  }) => {
    const challenge = newChallenge({ attempts: 5 })
    await store.put(challenge)
    const tally = await guess(store, challenge.id, wrongDigests(200))
    expectSame(tally, { verified: [], incorrect: [4, 3, 2, 1, 0], used: 0, gone: 195 }, 'outcomes')
    expectSame((await store.get(challenge.id))?.attemptsLeft, 0, 'attemptsLeft afterwards')
    expectSame(
      await store.attempt(challenge.id, [challenge.digest]),
      gone,
      'the right code afterwards',
    )
  },

  'S44 the right code among 199 wrong ones verifies while attempts are left': async ({ store }) => {
    for (const place of [0, 100, 199]) {
      const challenge = newChallenge({ attempts: 200 })
      await store.put(challenge)
      const digests = wrongDigests(200)
      digests[place] = challenge.digest
      const { verified, incorrect, used, gone } = await guess(store, challenge.id, digests)
      expectSame(verified.length, 1, `times verified, sent as number ${place}`)
      expectSame(verified, [incorrect.length + 1], 'attemptsUsed beside the wrong ones charged')
      expectSame(incorrect, countdown(200, incorrect.length), 'attemptsLeft of the wrong ones')
      expectSame([used, gone], [0, 199 - incorrect.length], 'used and gone')
      expectSame(await store.get(challenge.id), storedAsUsed(challenge), 'get afterwards')
    }
  },

  'S30 the right code among 199 wrong ones is never compared past the budget': async ({
    store,
  }) => {
    for (const place of [0, 1, 100, 199]) {
      const challenge = newChallenge({ attempts: 3 })
      await store.put(challenge)
      const digests = wrongDigests(200)
      digests[place] = challenge.digest
      const { verified, incorrect } = await guess(store, challenge.id, digests)
      expectThat(
        verified.length <= 1 && verified.length + incorrect.length <= 3,
        `${verified.length} verified and ${incorrect.length} incorrect of 3 attempts`,
      )
      expectSame(incorrect, countdown(3, incorrect.length), 'attemptsLeft of the wrong ones')
      expectSame(
        await store.get(challenge.id),
        verified.length === 1 ? storedAsUsed(challenge) : stored(challenge, 0),
        'get afterwards',
      )
      expectSame(
        await store.attempt(challenge.id, [challenge.digest]),
        gone,
        'the right code afterwards',
      )
    }
  },

  'a new code racing guesses: the old one never verifies once the put is done': async ({
    store,
  }) => {
    await together(10, async (round) => {
      const old = newChallenge({ attempts: 6 })
      const successor = newChallenge({ id: old.id, attempts: 6 })
      await store.put(old)
      const codes = (count: number) => Array<string>(count).fill(old.digest)
      const before = guess(store, old.id, codes(round % 3))
      const put = turns(round % 4).then(() => store.put(successor))
      const [first, during, after] = await Promise.all([
        before,
        guess(store, old.id, [...codes(6), ...wrongDigests(4)]),
        put.then(() => guess(store, old.id, [...codes(6), successor.digest, successor.digest])),
      ])
      expectThat(after.verified.length <= 1, 'the new code verified twice')
      const early = first.verified.length + during.verified.length
      expectThat(early <= 1, 'the old code verified twice')
      const incorrect = [first, during, after].flatMap((tally) => tally.incorrect)
      expectThat(incorrect.length <= 12, `${incorrect.length} incorrect of 6 + 6 attempts`)
      expectSame(
        (await guess(store, old.id, [old.digest, old.digest])).verified,
        [],
        'the old code at the end',
      )
    })
  },

  'a new code racing guesses: nothing of the old challenge is left in the new one': async ({
    store,
  }) => {
    await together(20, async (round) => {
      const old = newChallenge({ attempts: 9 })
      const successor = newChallenge({ id: old.id, attempts: 20, ttlMs: 60_000 })
      const { id, digest } = successor
      await store.put(old)
      const [before, , after] = await Promise.all([
        guess(store, id, [...wrongDigests(4), old.digest]),
        turns(round % 4).then(() => store.put(successor)),
        turns(round % 5).then(() => guess(store, id, wrongDigests(4))),
      ])
      // The budgets do not overlap, so what is left tells which challenge a guess was charged to.
      const charged = [...before.incorrect, ...after.incorrect].filter((left) => left > 9).length
      expectSame(await store.get(id), stored(successor, 20 - charged), 'the new challenge')
      expectSame(
        await store.attempt(id, [digest]),
        verified(successor, charged + 1),
        'the new code',
      )
    })
  },

  'S43 while a put replaces a challenge, all of the old one is seen or all of the new': async ({
    store,
  }) => {
    await together(20, async (round) => {
      const old = newChallenge({ attempts: 1 })
      const successor = newChallenge({ id: old.id, attempts: 20, ttlMs: 60_000 })
      await store.put(old)
      await store.attempt(old.id, [opaque()])
      const guessOld = () => guess(store, old.id, [old.digest, old.digest])
      const [seen, early, late] = await Promise.all([
        together(6, (index) => turns(index).then(() => store.get(old.id))),
        guessOld(),
        turns(1 + (round % 5)).then(guessOld),
        turns(round % 4).then(() => store.put(successor)),
      ])
      for (const found of seen) {
        const whole =
          found?.digest === old.digest ? stored(old, 0) : stored(successor, found?.attemptsLeft)
        expectSame(found, whole, 'a get meanwhile')
      }
      const verified = [...early.verified, ...late.verified]
      expectSame(verified, [], 'times that the exhausted code came back to life')
    })
  },

  'S04 a consumed challenge never verifies again, whatever raced with it': async ({ store }) => {
    await together(20, async (round) => {
      const challenge = newChallenge({ attempts: 20 })
      const { id, digest } = challenge
      await store.put(challenge)
      const [first, , second] = await Promise.all([
        guess(store, id, [...wrongDigests(3), digest]),
        together(3, () => store.get(id)),
        turns(round % 4).then(() => guess(store, id, [...wrongDigests(3), digest])),
        store.attempt(id, []),
        store.delete(id, opaque()),
      ])
      expectSame(first.verified.length + second.verified.length, 1, 'times verified')
      expectSame(await store.get(id), storedAsUsed(challenge), 'get afterwards')
      expectSame(await store.attempt(id, [digest]), used, 'the code afterwards')
    })
  },

  'attempts and life never rise under the eyes of a reader': async ({ store, advance }) => {
    const challenge = newChallenge({ attempts: 100 })
    const { id, ttlMs } = challenge
    await store.put(challenge)
    const read = async (reader: number) => {
      let [attempts, life] = [100, ttlMs]
      for (let count = 0; count < 20; count += 1) {
        const found = await store.get(id)
        expectThat(found !== null, 'a living challenge was not there')
        expectThat(found.attemptsLeft <= attempts, `attempts rose to ${found.attemptsLeft}`)
        expectThat(found.remainingMs <= life, `life rose to ${found.remainingMs}`)
        attempts = found.attemptsLeft
        life = found.remainingMs
        await advance(1)
        await turns((count + reader) % 3)
      }
    }
    const guessing = async () => {
      for (let count = 0; count < 8; count += 1) {
        await guess(store, id, wrongDigests(5))
        await turns(count % 3)
      }
    }
    await Promise.all([read(0), guessing(), read(1), guessing(), read(2)])
    const { attemptsLeft, remainingMs } = (await store.get(id)) ?? {}
    expectSame([attemptsLeft, remainingMs], [20, ttlMs - 60], 'attempts and life at the end')
  },

  'a right code racing a delete verifies at most once, and nothing is left': async ({ store }) => {
    await together(50, async (round) => {
      const challenge = newChallenge()
      const { id, digest } = challenge
      await store.put(challenge)
      const remove = () => store.delete(id, digest)
      const early = round % 2 === 0 ? [remove()] : []
      const attempts = guess(store, id, [digest, digest])
      const late = turns(round % 3).then(remove)
      const [{ verified, incorrect }] = await Promise.all([attempts, late, ...early])
      expectThat(verified.length <= 1, 'the code verified twice')
      expectSame(incorrect, [], 'right codes called incorrect')
      expectSame(await store.get(id), null, 'get afterwards')
      expectSame(await store.attempt(id, [digest]), gone, 'the code afterwards')
    })
  },

  'a delete of the old digest racing the put of its successor leaves the successor': async ({
    store,
  }) => {
    await together(50, async (round) => {
      const old = newChallenge()
      const successor = newChallenge({ id: old.id })
      await store.put(old)
      const remove = () => store.delete(old.id, old.digest)
      const early = round % 2 === 0 ? [remove()] : []
      await Promise.all([...early, store.put(successor), turns(round % 3).then(remove)])
      expectSame(await store.get(old.id), stored(successor), 'the successor')
    })
  },

  'two puts at once leave the whole of one of them': async ({ store }) => {
    await together(30, async (round) => {
      const one = newChallenge({ attempts: 3, ttlMs: 30_000 })
      const other = newChallenge({ id: one.id, attempts: 7, ttlMs: 70_000 })
      await Promise.all([store.put(one), turns(round % 4).then(() => store.put(other))])
      const found = await store.get(one.id)
      const whole = stored(found?.digest === one.digest ? one : other)
      expectSame(found, whole, 'what stands there')
    })
  },

  'many challenges at once do not touch each other': async ({ store }) => {
    await together(100, async (index) => {
      const attempts = 1 + (index % 5)
      const challenge = newChallenge({ attempts })
      await store.put(challenge)
      const { incorrect } = await guess(store, challenge.id, wrongDigests(attempts - 1))
      expectSame(incorrect, countdown(attempts, attempts - 1), 'attemptsLeft')
      expectSame(
        await store.attempt(challenge.id, [challenge.digest]),
        verified(challenge, attempts),
        'its own code',
      )
    })
  },
}
