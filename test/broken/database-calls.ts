import type { Settled, Submission } from 'otpkit'
import { type BrokenDatabase, limitsOf, onMemory } from './broken-database'

/** Gives the answer that the sound database gave to the first call that verified there. */
const remembering = (isReplay: (submission: Submission, before: Submission) => boolean) =>
  onMemory((sound) => {
    const verified = new Map<string, { submission: Submission; settled: Settled }>()
    return {
      settle: async (submission) => {
        const before = verified.get(submission.id)
        const found = await sound.get(submission.id)
        if (before && found?.used && isReplay(submission, before.submission)) return before.settled
        const settled = await sound.settle(submission)
        if (settled.attempt?.outcome === 'verified') {
          verified.set(submission.id, { submission, settled })
        }
        return settled
      },
    }
  })

/** What calls that are sent again go wrong about, and used codes. */
export const brokenDatabaseCalls: readonly BrokenDatabase[] = [
  {
    name: 'a used code is compared without end',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const found = await sound.get(submission.id)
        const settled = await sound.settle(submission)
        const { taken } = settled
        if (!taken.ok || !found?.used || settled.attempt?.outcome !== 'gone') return settled
        if (!submission.digests.includes(found.digest)) return settled
        return { taken, attempt: { outcome: 'used' } }
      },
    })),
    failedBy: 'a call sent again takes no attempt and gives nothing back',
    saying: /another call, without attempts: .*"gone".* got .*"used"/,
  },
  {
    name: 'whoever has the code is verified again',
    create: remembering(({ digests }, before) => digests[0] === before.digests[0]),
    failedBy: 'S04 another call with the same code is used, and verifies nothing',
    saying: /another call: .*"used".* got .*"verified"/,
  },
  {
    name: 'calls compare without case, as some databases do',
    create: remembering(({ call }, before) => call.toLowerCase() === before.call.toLowerCase()),
    failedBy: 'S04 another call with the same code is used, and verifies nothing',
    saying: /another call: .*"used".* got .*"verified"/,
  },
  {
    name: 'no call is remembered',
    create: onMemory((sound) => {
      let count = 0
      return {
        settle: (submission) => {
          count += 1
          return sound.settle({ ...submission, call: `${submission.call}${count}` })
        },
      }
    }),
    failedBy: 'S04 one call sent 20 times at once is verified once and answered alike',
    saying: /each answer: .*"verified".* got .*"gone"/,
  },
  {
    name: 'a call that is sent again is asked of the limits first',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const taken = await sound.take(limitsOf(submission))
        if (!taken.ok) return { taken }
        await sound.refund(submission.keys, taken.charge)
        return sound.settle(submission)
      },
    })),
    failedBy: 'a call sent again is verified where every limit would refuse it now',
    saying: /the same call from a full address: .*"verified".* got undefined/,
  },
  {
    name: 'a call that is sent again takes an attempt',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const found = await sound.get(submission.id)
        const settled = await sound.settle(submission)
        if (found?.used && settled.attempt?.outcome === 'verified') {
          await sound.attempt(submission.id, [])
        }
        return settled
      },
    })),
    failedBy: 'a call sent again takes no attempt and gives nothing back',
    saying: /another call, while attempts are left: .*"used".* got .*"gone"/,
  },
]
