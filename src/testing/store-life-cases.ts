import { type Checks, expectSame } from './conformance'
import { opaque } from './random'
import { gone, incorrect, newChallenge, stored, verified } from './store-samples'
import type { StoreUnderTest } from './subjects'

const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index))

/** How challenges come, stay and go. */
export const storeLifeCases: Checks<StoreUnderTest> = {
  'a challenge is read back as it was put': async ({ store, advance }) => {
    const challenge = newChallenge({ attempts: 5 })
    const { id, digest, ttlMs } = challenge
    await store.put(challenge)
    expectSame(await store.get(id), stored(challenge), 'get right after put')
    await advance(1_234)
    const remainingMs = ttlMs - 1_234
    expectSame(await store.get(id), stored(challenge, 5, remainingMs), 'get 1,234 ms later')
    expectSame(
      await store.attempt(id, [opaque()]),
      incorrect(challenge, 4, remainingMs),
      'a wrong code 1,234 ms later',
    )
    expectSame(
      await store.attempt(id, [digest]),
      verified(challenge, 2, remainingMs),
      'the right code 1,234 ms later',
    )
  },

  'data comes back to the byte, empty or 2,048 characters of printable ASCII': async ({
    store,
  }) => {
    const quotes = `'"\`\\'' \\" %s %d %% {{0}} \${x} $1 ?1 :a @b \\n \\u0041 -- ; /* <b>&amp;`
    for (const text of ['', ' ', '0', 'null', quotes, printable.repeat(22).slice(0, 2_048)]) {
      const challenge = newChallenge({ data: text })
      await store.put(challenge)
      expectSame((await store.get(challenge.id))?.data, text, 'data of get')
      expectSame(
        await store.attempt(challenge.id, [opaque()]),
        incorrect(challenge, 2),
        'data of a wrong attempt',
      )
      expectSame(
        await store.attempt(challenge.id, [challenge.digest]),
        verified(challenge, 2),
        'data of attempt',
      )
    }
  },

  'what was never put is gone, and deleting it does nothing': async ({ store }) => {
    const id = opaque()
    expectSame(await store.get(id), null, 'get')
    expectSame(await store.attempt(id, [opaque()]), gone, 'attempt')
    await store.delete(id, opaque())
    expectSame(await store.get(id), null, 'get after delete')
  },

  'S03 a challenge is alive until 1 ms before its ttl and gone at exactly its ttl': async ({
    store,
    advance,
  }) => {
    const [read, early, late] = [newChallenge(), newChallenge(), newChallenge()]
    for (const challenge of [read, early, late]) await store.put(challenge)
    await advance(read.ttlMs - 1)
    expectSame((await store.get(read.id))?.remainingMs, 1, 'remainingMs 1 ms before the end')
    expectSame(
      (await store.attempt(early.id, [early.digest])).outcome,
      'verified',
      'the right code 1 ms before the end',
    )
    await advance(1)
    expectSame(await store.get(read.id), null, 'get at the end')
    expectSame(await store.attempt(late.id, [late.digest]), gone, 'the right code at the end')
    expectSame(await store.get(late.id), null, 'get after that')
  },

  'S03 neither reading nor guessing extends a life': async ({ store, advance }) => {
    const challenge = newChallenge({ ttlMs: 1_000, attempts: 9 })
    await store.put(challenge)
    for (const _ of [1, 2, 3]) {
      await advance(300)
      await store.get(challenge.id)
      await store.attempt(challenge.id, [opaque()])
    }
    expectSame((await store.get(challenge.id))?.remainingMs, 100, 'remainingMs after 900 ms')
    await advance(100)
    expectSame(await store.get(challenge.id), null, 'get after 1,000 ms')
  },

  'a put replaces the whole of what stood there': async ({ store, advance }) => {
    const old = newChallenge({ attempts: 3 })
    await store.put(old)
    await store.attempt(old.id, [opaque()])
    await store.attempt(old.id, [opaque()])
    await advance(old.ttlMs / 2)
    const successor = newChallenge({ id: old.id, attempts: 4, ttlMs: 60_000 })
    await store.put(successor)
    const { id, digest } = successor
    expectSame(await store.get(id), stored(successor), 'get of the successor')
    expectSame(await store.attempt(id, [old.digest]), incorrect(successor, 3), 'the old code')
    expectSame(await store.attempt(id, [digest]), verified(successor, 2), 'the new code')
  },

  'the life of a successor counts from its own put, be it shorter or longer': async ({
    store,
    advance,
  }) => {
    const [shorter, longer] = [newChallenge({ ttlMs: 90_000 }), newChallenge({ ttlMs: 10_000 })]
    for (const challenge of [shorter, longer]) await store.put(challenge)
    await advance(5_000)
    await store.put({ ...shorter, ttlMs: 10_000 })
    await store.put({ ...longer, ttlMs: 90_000 })
    await advance(9_999)
    expectSame(
      (await store.get(shorter.id))?.remainingMs,
      1,
      'the shorter life just before its end',
    )
    await advance(1)
    expectSame(await store.get(shorter.id), null, 'the shorter life at its end')
    await advance(79_999)
    expectSame((await store.get(longer.id))?.remainingMs, 1, 'the longer life just before its end')
    await advance(1)
    expectSame(await store.get(longer.id), null, 'the longer life at its end')
  },

  'a challenge put where one has expired starts with all of its attempts': async ({
    store,
    advance,
  }) => {
    const expired = newChallenge()
    await store.put(expired)
    await store.attempt(expired.id, [opaque()])
    await advance(expired.ttlMs)
    const successor = newChallenge({ id: expired.id })
    await store.put(successor)
    expectSame((await store.get(successor.id))?.attemptsLeft, 3, 'attemptsLeft')
    expectSame(
      await store.attempt(successor.id, [successor.digest]),
      verified(successor, 1),
      'its code',
    )
  },

  'delete removes a challenge only while it holds that digest': async ({ store }) => {
    const [kept, removed] = [newChallenge(), newChallenge()]
    for (const challenge of [kept, removed]) await store.put(challenge)
    await store.attempt(kept.id, [opaque()])
    await store.delete(kept.id, opaque())
    await store.delete(kept.id, removed.digest)
    await store.delete(removed.id, removed.digest)
    expectSame((await store.get(kept.id))?.attemptsLeft, 2, 'attemptsLeft of the other digest')
    expectSame(await store.get(removed.id), null, 'get of the removed one')
    expectSame(
      await store.attempt(removed.id, [removed.digest]),
      gone,
      'the code of the removed one',
    )
  },

  'a late delete of the old digest leaves the successor alone': async ({ store }) => {
    const old = newChallenge()
    await store.put(old)
    const successor = newChallenge({ id: old.id })
    await store.put(successor)
    await store.delete(old.id, old.digest)
    expectSame((await store.get(old.id))?.digest, successor.digest, 'digest after the delete')
    expectSame(
      (await store.attempt(old.id, [successor.digest])).outcome,
      'verified',
      "the successor's code",
    )
  },
}
