import type { Settled, Submission } from 'otpkit'
import { type BrokenDatabase, limitsOf, onMemory } from './broken-database'

const firstKey = ({ policy, keys }: Submission) => keys[policy.limits[0].key] ?? ''

/** Takes, attempts and refunds: all that a store beside a limiter gives. */
const oneAfterAnother = onMemory((sound) => ({
  settle: async (submission): Promise<Settled> => {
    const { id, digests, mostUsed } = submission
    const taken = await sound.take(limitsOf(submission))
    if (!taken.ok) return { taken }
    const [failures = 0] = taken.used
    const attempt = await sound.attempt(id, failures > mostUsed ? [] : digests)
    if (attempt.outcome === 'incorrect') return { taken, attempt }
    await sound.refund([firstKey(submission)], taken.charge)
    return { taken: { ...taken, used: [failures - 1, ...taken.used.slice(1)] }, attempt }
  },
}))

/** What begin and settle go wrong about. */
export const brokenDatabases: readonly BrokenDatabase[] = [
  {
    name: 'a charge that is given back is seen meanwhile',
    create: oneAfterAnother,
    failedBy: 'S25 guesses at nothing, any number at once, change no answer of the owner',
    saying: /failures that a guess at nothing saw|the owner's right code/,
  },
  {
    name: 'a charge that is given back takes the last place in the ledger meanwhile',
    create: oneAfterAnother,
    failedBy: 'S25 beside guesses at nothing the last place in the ledger stays free',
    saying: /a guess at nothing|the owner's right code: .*got undefined/,
  },
  {
    name: 'a guess past the budget takes an attempt',
    create: oneAfterAnother,
    failedBy: 'a settle that finds it gone: wrong at alive, ledger 5 of 5',
    saying: /what it came to: .*"gone".* got .*"incorrect"/,
  },
  {
    name: 'a put does not yield to what stands there',
    create: onMemory((sound) => ({
      begin: async (beginning) => {
        const begun = await sound.begin(beginning)
        if (begun.standing === null) return begun
        await sound.put(beginning.challenge)
        return { taken: begun.taken, standing: null, put: true }
      },
    })),
    failedBy: 'of 20 begins at once one puts, and the others get its challenge',
    saying: /challenges put: expected 1, got 20/,
  },
  {
    name: 'read, then put',
    create: onMemory((sound) => ({
      begin: async (beginning) => {
        const standing = await sound.get(beginning.challenge.id)
        if (standing !== null) return sound.begin(beginning)
        const begun = await sound.begin(beginning)
        if (begun.standing === null) return begun
        await sound.put(beginning.challenge)
        return { taken: begun.taken, standing: null, put: true }
      },
    })),
    failedBy: 'of 20 begins at once one puts, and the others get its challenge',
    saying: /challenges put: expected 1, got 20/,
  },
  {
    name: 'a put ignores which challenge it may replace',
    create: onMemory((sound) => ({
      begin: ({ policy, keys, costs = [], challenge }) =>
        sound.begin({ policy, keys, costs, challenge }),
    })),
    failedBy: 'a begin puts over one that is alive, replacing its digest',
    saying: /what it came to: .*"put":true.* got .*"put":false/,
  },
  {
    name: 'a put replaces whatever stands there once it names anything',
    create: onMemory((sound) => ({
      begin: async (beginning) => {
        const found = await sound.get(beginning.challenge.id)
        if (beginning.replaces === undefined || found === null) return sound.begin(beginning)
        return sound.begin({ ...beginning, replaces: found.digest })
      },
    })),
    failedBy: 'a begin yields over one that is alive, replacing another',
    saying: /what it came to: .*"put":false.* got .*"put":true/,
  },
  {
    name: 'an exhausted challenge stands in the way',
    create: onMemory((sound) => ({
      begin: async (beginning) => {
        const found = await sound.get(beginning.challenge.id)
        const begun = await sound.begin(beginning)
        if (found === null || found.used || found.attemptsLeft > 0 || !begun.taken.ok) return begun
        return { taken: begun.taken, standing: found, put: false }
      },
    })),
    failedBy: 'a begin puts over one that is exhausted',
    saying: /what it came to: .*"put":true.* got .*"put":false/,
  },
  {
    name: 'a begin compares the first limit after its charge',
    create: onMemory((sound) => ({
      begin: (beginning) => {
        const { mostUsed } = beginning.policy
        if (mostUsed === undefined) return sound.begin(beginning)
        return sound.begin({
          ...beginning,
          policy: { ...beginning.policy, mostUsed: mostUsed - 1 },
        })
      },
    })),
    failedBy: 'a begin puts where nothing is, ledger 5 of 5',
    saying: /what it came to: .*"put":true.* got .*"put":false/,
  },
  {
    name: 'a refused begin puts all the same',
    create: onMemory((sound) => ({
      begin: async (beginning) => {
        const begun = await sound.begin(beginning)
        if (!begun.taken.ok) await sound.put(beginning.challenge)
        return begun
      },
    })),
    failedBy: 'a begin that is refused charges nothing, puts nothing and answers nothing else',
    saying: /get afterwards/,
  },
  {
    name: 'a guess is compared once past the budget',
    create: onMemory((sound) => ({
      settle: (submission) => sound.settle({ ...submission, mostUsed: submission.mostUsed + 1 }),
    })),
    failedBy: 'a settle that finds it gone: right at alive, ledger 5 of 5',
    saying: /what it came to: .*"gone".* got .*"verified"/,
  },
  {
    name: 'a guess counts as one too many',
    create: onMemory((sound) => ({
      settle: (submission) => sound.settle({ ...submission, mostUsed: submission.mostUsed - 1 }),
    })),
    failedBy: 'a settle that finds it verified: right at alive, ledger 4 of 5',
    saying: /what it came to: .*"verified".* got .*"gone"/,
  },
  {
    name: 'a wrong guess is not charged',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const settled = await sound.settle(submission)
        if (settled.attempt?.outcome === 'incorrect') await sound.clear([firstKey(submission)], 1)
        return settled
      },
    })),
    failedBy: 'S25 every wrong code in flight is in the ledger, whatever is begun meanwhile',
    saying: /failures in the ledger: expected \[\d+\], got \[0\]/,
  },
  {
    name: 'a guess at nothing is charged to the ledger',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const settled = await sound.settle(submission)
        if (settled.attempt?.outcome === 'gone') {
          await sound.take(limitsOf(submission).slice(0, 1))
        }
        return settled
      },
    })),
    failedBy: 'a settle that finds it gone: right at nothing, ledger 0 of 100',
    saying: /units afterwards: expected \[0,1\], got \[1,1\]/,
  },
  {
    name: 'a success is not charged to the address',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const settled = await sound.settle(submission)
        if (settled.attempt?.outcome === 'verified') await sound.clear(submission.keys.slice(1), 1)
        return settled
      },
    })),
    failedBy: 'a settle that finds it verified: right at alive, ledger 0 of 100',
    saying: /units afterwards: expected \[0,1\], got \[0,0\]/,
  },
  {
    name: 'a consumed code stays',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const found = await sound.get(submission.id)
        const settled = await sound.settle(submission)
        if (found && settled.attempt?.outcome === 'verified') {
          await sound.put({ ...found, ttlMs: found.remainingMs })
        }
        return settled
      },
    })),
    failedBy: 'a settle that finds it verified: right at alive, ledger 0 of 100',
    saying: /get afterwards: .*"used":true.* got .*"attemptsLeft":5/,
  },
  {
    name: 'compare, then consume',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const found = await sound.get(submission.id)
        const settled = await sound.settle(submission)
        const { taken } = settled
        if (!taken.ok || !found || found.used) return settled
        if (!submission.digests.includes(found.digest)) return settled
        const { data, remainingMs } = found
        return { taken, attempt: { outcome: 'verified', data, attemptsUsed: 1, remainingMs } }
      },
    })),
    failedBy: 'S04 of 200 right codes settled together exactly one verifies',
    saying: /outcomes, with 1 attempts: .*got .*"verified":\[1,1/,
  },
]
