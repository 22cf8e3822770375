import type { OtpStore } from 'otpkit'
import { memoryStore } from 'otpkit/stores/memory'
import { consumed, gone, incorrect, lessOne, onTable, verified } from './table'

/** A store that is wrong as real ones are, and the case that must find it out. */
export interface BrokenStore {
  readonly name: string
  create(clock: () => number): OtpStore
  /** The case that must fail. */
  readonly failedBy: string
  /** What that case must say, so that it fails for this reason and no other. */
  readonly saying: RegExp
}

/** The sound memory store, but for what is changed. */
function onMemory(
  change: (sound: OtpStore) => Partial<OtpStore>,
): (clock: () => number) => OtpStore {
  return (clock) => {
    const sound = memoryStore({ clock })
    return { ...sound, ...change(sound) }
  }
}

const wrongTogether =
  'S30 of 200 wrong codes together exactly as many are compared as there are attempts'
const exhausted =
  'S25 every wrong attempt is charged, and the right code is refused once none is left'

const deleteCompareRecreate = onTable((table) => ({
  attempt: async (id, digests) => {
    const row = await table.remove(id)
    if (row === undefined) return gone
    const charged = row.attemptsLeft > 0 ? lessOne(row) : row
    const matches = row.attemptsLeft > 0 && digests.includes(row.digest)
    await table.write(id, matches ? consumed(charged) : charged)
    if (row.used) return matches ? { outcome: 'used' } : gone
    if (matches) return verified(charged)
    return row.attemptsLeft > 0 ? incorrect(charged) : gone
  },
}))

export const brokenStores: readonly BrokenStore[] = [
  {
    name: 'read, compare, write',
    create: onTable((table) => ({
      attempt: async (id, digests) => {
        const row = await table.read(id)
        if (row === undefined || row.attemptsLeft === 0) return gone
        const charged = lessOne(row)
        if (digests.includes(row.digest)) {
          await table.remove(id)
          return verified(charged)
        }
        await table.write(id, charged)
        return incorrect(charged)
      },
    })),
    failedBy: wrongTogether,
    saying: /"incorrect":\[4,4,4/,
  },
  {
    name: 'delete after compare',
    create: onTable((table) => ({
      attempt: async (id, digests) => {
        const row = await table.charge(id)
        if (row === undefined) return gone
        if (!digests.includes(row.digest)) return incorrect(row)
        await table.remove(id)
        return verified(row)
      },
    })),
    failedBy: 'S04 of 200 right codes together exactly one verifies',
    saying: /"verified":\[1,2/,
  },
  {
    name: 'delete, compare, then recreate',
    create: deleteCompareRecreate,
    failedBy: 'S44 the right code among 199 wrong ones verifies while attempts are left',
    saying: /times verified.*expected 1, got 0/,
  },
  {
    name: 'delete, compare, then recreate',
    create: deleteCompareRecreate,
    failedBy: 'a new code racing guesses: nothing of the old challenge is left in the new one',
    saying: /the new challenge: expected/,
  },
  {
    name: 'compare, then charge',
    create: onTable((table) => ({
      attempt: async (id, digests) => {
        const row = await table.read(id)
        if (row === undefined || row.attemptsLeft === 0) return gone
        if (digests.includes(row.digest)) {
          const removed = await table.remove(id)
          return removed === undefined ? gone : verified(lessOne(removed))
        }
        return incorrect((await table.charge(id)) ?? { ...row, attemptsLeft: 0 })
      },
    })),
    failedBy: wrongTogether,
    saying: /"incorrect":\[4,3,2,1,0,0,0/,
  },
  {
    name: 'consume, then compare',
    create: onTable((table) => ({
      attempt: async (id, digests) => {
        const row = await table.remove(id)
        if (row === undefined) return gone
        return digests.includes(row.digest) ? verified(lessOne(row)) : incorrect(lessOne(row))
      },
    })),
    failedBy: exhausted,
    saying: /attemptsLeft of get: expected 2, got undefined/,
  },
  {
    name: 'the right code is accepted after the last attempt',
    create: onTable((table, sound) => ({
      attempt: async (id, digests) => {
        const row = await table.read(id)
        if (row === undefined || !digests.includes(row.digest)) return sound.attempt(id, digests)
        await table.remove(id)
        return verified(lessOne(row))
      },
    })),
    failedBy: exhausted,
    saying: /a code after the last: .*got .*"verified"/,
  },
  {
    name: 'a consumed challenge is forgotten at once',
    create: onTable((table, sound) => ({
      attempt: async (id, digests) => {
        const outcome = await sound.attempt(id, digests)
        if (outcome.outcome === 'verified') await table.remove(id)
        return outcome
      },
    })),
    failedBy: 'S04 a verified challenge is consumed, and says so for a minute',
    saying: /get, at a life of 1000 ms: .*got null/,
  },
  {
    name: 'a consumed challenge keeps the life that it had left',
    create: onTable((table, sound) => ({
      attempt: async (id, digests) => {
        const row = await table.read(id)
        const outcome = await sound.attempt(id, digests)
        const used = await table.read(id)
        if (outcome.outcome === 'verified' && row && used) {
          await table.write(id, { ...used, expiresAt: row.expiresAt })
        }
        return outcome
      },
    })),
    failedBy: 'S04 a verified challenge is consumed, and says so for a minute',
    saying: /get, at a life of 1000 ms: .*got .*"remainingMs":400/,
  },
  {
    name: 'a used code is compared without end',
    create: onTable((table, sound) => ({
      attempt: async (id, digests) => {
        const row = await table.read(id)
        if (!row?.used) return sound.attempt(id, digests)
        return digests.includes(row.digest) ? { outcome: 'used' } : gone
      },
    })),
    failedBy: 'S30 a used challenge is compared only while attempts are left',
    saying: /guess 5 at a used one: .*got .*"used"/,
  },
  {
    name: 'delete without looking at the digest',
    create: onTable((table) => ({
      delete: async (id) => {
        await table.remove(id)
      },
    })),
    failedBy: 'a late delete of the old digest leaves the successor alone',
    saying: /digest after the delete: .*got undefined/,
  },
  {
    name: 'look at the digest, then delete',
    create: onTable((table) => ({
      delete: async (id, digest) => {
        const row = await table.read(id)
        if (row?.digest === digest) await table.remove(id)
      },
    })),
    failedBy: 'a delete of the old digest racing the put of its successor leaves the successor',
    saying: /the successor: .*got null/,
  },
  {
    name: 'reading writes the row back',
    create: onTable((table, sound) => ({
      get: async (id) => {
        const row = await table.read(id)
        if (row !== undefined) await table.write(id, row)
        return sound.get(id)
      },
    })),
    failedBy: 'attempts and life never rise under the eyes of a reader',
    saying: /attempts rose|attempts and life at the end/,
  },
  {
    name: 'guessing extends the life',
    create: onTable((table, sound) => ({
      attempt: async (id, digests) => {
        const row = await table.read(id)
        if (row !== undefined) await table.write(id, { ...row, expiresAt: row.expiresAt + 300 })
        return sound.attempt(id, digests)
      },
    })),
    failedBy: 'S03 neither reading nor guessing extends a life',
    saying: /remainingMs after 900 ms/,
  },
  {
    name: 'alive at exactly its ttl',
    create: onMemory((sound) => ({
      put: (challenge) => sound.put({ ...challenge, ttlMs: challenge.ttlMs + 1 }),
      get: async (id) => {
        const found = await sound.get(id)
        return found === null ? null : { ...found, remainingMs: found.remainingMs - 1 }
      },
    })),
    failedBy: 'S03 a challenge is alive until 1 ms before its ttl and gone at exactly its ttl',
    saying: /get at the end: expected null/,
  },
  {
    name: 'put keeps the attempts that were used',
    create: onMemory((sound) => ({
      put: async (challenge) => {
        const found = await sound.get(challenge.id)
        await sound.put({ ...challenge, attempts: found?.attemptsLeft || challenge.attempts })
      },
    })),
    failedBy: 'a put replaces the whole of what stood there',
    saying: /get of the successor/,
  },
  {
    name: 'put resets the attempts, then writes the rest',
    create: onTable((table, sound) => ({
      put: async (challenge) => {
        const row = await table.read(challenge.id)
        if (row) await table.write(challenge.id, { ...row, attemptsLeft: challenge.attempts })
        await sound.put(challenge)
      },
    })),
    failedBy: 'S43 while a put replaces a challenge, all of the old one is seen or all of the new',
    saying: /a get meanwhile|came back to life/,
  },
  {
    name: 'every digest of a list is charged',
    create: onMemory((sound) => ({
      attempt: async (id, digests) => {
        for (const digest of digests.slice(0, -1)) {
          const result = await sound.attempt(id, [digest])
          if (result.outcome === 'verified') return result
        }
        return sound.attempt(id, digests.slice(-1))
      },
    })),
    failedBy: 'S06 any of several digests may match, and the list costs one attempt',
    saying: /three wrong digests/,
  },
  {
    name: 'an attempt without digests is free',
    create: onMemory((sound) => ({
      attempt: async (id, digests) => {
        const found = digests.length === 0 ? await sound.get(id) : null
        return found === null ? sound.attempt(id, digests) : { outcome: 'incorrect', ...found }
      },
    })),
    failedBy: 'an attempt without digests is charged and never matches',
    saying: /no digests: expected/,
  },
  {
    name: 'the id is looked up and the code is not',
    create: onMemory((sound) => ({
      attempt: async (id, digests) => {
        const found = await sound.get(id)
        return sound.attempt(id, found === null ? digests : [found.digest])
      },
    })),
    failedBy: "S14 no challenge is verified by another one's code",
    saying: /the codes of all the others/,
  },
  {
    name: 'data is cut at 255 characters',
    create: onMemory((sound) => ({
      put: (challenge) => sound.put({ ...challenge, data: challenge.data.slice(0, 255) }),
    })),
    failedBy: 'data comes back to the byte, empty or 2,048 characters of printable ASCII',
    saying: /data of get/,
  },
  {
    name: 'digests compare without case, as some databases do',
    create: onMemory((sound) => ({
      put: (challenge) => sound.put({ ...challenge, digest: challenge.digest.toLowerCase() }),
      attempt: (id, digests) =>
        sound.attempt(
          id,
          digests.map((digest) => digest.toLowerCase()),
        ),
    })),
    failedBy: 'a digest matches only as a whole and to the letter',
    saying: /digests that are nearly right/,
  },
  {
    name: 'ids compare without case, as some databases do',
    create: onMemory((sound) => ({
      put: (challenge) => sound.put({ ...challenge, id: challenge.id.toLowerCase() }),
      get: (id) => sound.get(id.toLowerCase()),
      attempt: (id, digests) => sound.attempt(id.toLowerCase(), digests),
    })),
    failedBy: 'ids that differ in case or length are different challenges',
    saying: /data of get/,
  },
]
