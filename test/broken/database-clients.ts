import type { Limit, OtpDatabase, Submission } from 'otpkit'
import { joined } from '../../src/core/joined'
import { opaque } from '../../src/testing/random'

/** What a client makes wrongly of a sound database that is far away. */
export interface BrokenDatabase {
  readonly name: string
  change(far: OtpDatabase): Partial<OtpDatabase>
  /** The promises of a manager that it breaks, and how it is seen. */
  readonly breaks: Readonly<Record<string, RegExp>>
}

export const brokenDatabases: readonly BrokenDatabase[] = [
  {
    name: 'a settle that charges, compares and gives back',
    change: (far) => ({ settle: (submission) => chargeAndGiveBack(far, submission) }),
    breaks: {
      'S25 guesses at nothing, any number at once, change no answer of the owner':
        /the owner's (right code|next message)/,
      'S04 of 200 right codes at once one verifies, and nobody else is charged': /round \d+: /,
      'what the place did not hear of is not charged': /the ledger/,
      'while the store can be read alone, tries cost no more failures than attempts': /the ledger/,
    },
  },
  {
    name: 'a settle that reads, compares and removes',
    change: (far) => ({
      settle: async (submission) => {
        const { id, digests } = submission
        const found = await far.get(id)
        if (found === null || !digests.includes(found.digest)) return far.settle(submission)
        await far.delete(id, found.digest)
        const { data, remainingMs } = found
        const attempt = { outcome: 'verified', data, attemptsUsed: 1, remainingMs } as const
        return { taken: { ok: true, used: [] }, attempt }
      },
    }),
    breaks: {
      'S04 of 200 right codes at once one verifies, and nobody else is charged': /verified/,
      'S46 whatever is cut, one code verifies once and no more are compared than may be':
        /verified/,
      'of 200 times the fixed code at once one verifies, challenge after challenge, and nothing is sent':
        /round \d+: /,
    },
  },
  {
    name: 'a settle that looks at the challenge of whoever came last',
    change: (far) => {
      let last: { readonly id: string; readonly digest: string } | undefined
      return {
        begin: async (beginning) => {
          last = beginning.challenge
          return far.begin(beginning)
        },
        settle: async (submission) => {
          if (last === undefined) return far.settle(submission)
          const attempt = await far.attempt(last.id, [last.digest])
          return { taken: { ok: true, used: [] }, attempt }
        },
      }
    },
    breaks: {
      'of a fixed code after its time none verifies, whatever was begun before': /not authentic/,
    },
  },
  {
    name: 'a settle that compares whatever the ledger holds',
    change: (far) => ({
      settle: (submission) => far.settle({ ...submission, mostUsed: 1_000 }),
    }),
    breaks: {
      'S44 a right code among 199 wrong ones verifies once, and within the budget':
        /wrong ones compared/,
    },
  },
  {
    name: 'a settle that knows no call again',
    change: (far) => ({ settle: (submission) => far.settle({ ...submission, call: opaque() }) }),
    breaks: {
      'S47 a client that sends a guess again after a lost answer gets its own success':
        /each sent twice/,
    },
  },
  {
    name: 'a settle that is tried anew when its answer is lost',
    change: (far) => ({
      settle: (submission) =>
        far.settle(submission).catch(() => far.settle({ ...submission, call: opaque() })),
    }),
    breaks: {
      'S46 guesses whose answers were lost cost an attempt and a failure each at most':
        /after two wrong codes/,
    },
  },
  {
    name: 'a begin that looks at the limits, and then charges them',
    change: (far) => ({
      begin: async (beginning) => {
        const limits = limitsOf(beginning)
        const { used } = await far.take(limits.map((limit) => ({ ...limit, cost: 0 })))
        if (limits.some(({ max }, index) => (used[index] ?? 0) >= max)) return far.begin(beginning)
        const [first, ...others] = beginning.policy.limits
        const open = others.map((limit) => ({ ...limit, max: 1_000 }))
        return far.begin({ ...beginning, policy: { limits: [first, ...open] } })
      },
    }),
    breaks: {
      'S39 of messages asked for at once one is sent in a cooldown': /length of 1/,
      'of one message relayed many times at once, one is sent and the others are duplicates':
        /messages/,
      'of different messages relayed at once one is sent in a cooldown': /sent: 1/,
    },
  },
  {
    name: 'a begin that keeps no charge',
    change: (far) => ({
      begin: async (beginning) => {
        const begun = await far.begin(beginning)
        if (begun.taken.ok) await far.refund(beginning.keys, begun.taken.charge)
        return begun
      },
    }),
    breaks: {
      'a host that asks three times within 5 seconds while the provider takes 7 gets one message':
        /duplicate: 1/,
    },
  },
  {
    name: 'a refund that never arrives',
    change: () => ({ refund: async () => {} }),
    breaks: { 'a relayed message that nobody took is sent by the next try': /sent: 1/ },
  },
  {
    name: 'a begin that is tried anew when its answer is lost',
    change: (far) => ({
      begin: (beginning) => far.begin(beginning).catch(() => far.begin(beginning)),
    }),
    breaks: { 'a message whose answer was lost costs no more than one': /resolved/ },
  },
  {
    name: 'a begin that puts over whatever stands',
    change: (far) => ({
      begin: async (beginning) => {
        const { taken, standing, put } = await far.begin(beginning)
        if (standing === null)
          return taken.ok ? { taken, standing, put } : { taken, standing, put: false }
        await far.put(beginning.challenge)
        return { taken, standing: null, put: true }
      },
    }),
    breaks: {
      'of two messages at once in place of a code, none kills what the other sent':
        /codes that were sent verify/,
      'a message that nobody took kills no code that somebody has': /codes that were sent verify/,
      'of two first messages at once, one that nobody took kills no code of the other':
        /codes that were sent verify/,
    },
  },
  {
    name: 'a begin that says that it has put what it has not',
    change: (far) => ({
      begin: async (beginning) => {
        const begun = await far.begin(beginning)
        return begun.standing === null ? begun : { ...begun, standing: null, put: true }
      },
    }),
    breaks: {
      'a message that nobody took leaves its code to the next one': /codes that were sent verify/,
    },
  },
  {
    name: 'a begin that ends whatever else stands for the same recipient',
    change: (far) => {
      const standing = new Map<string, { readonly id: string; readonly digest: string }>()
      return {
        begin: async (beginning) => {
          const { id } = beginning.challenge
          const recipient = id.slice(-22)
          const earlier = standing.get(recipient)
          standing.set(recipient, beginning.challenge)
          const begun = await far.begin(beginning)
          if (earlier !== undefined && earlier.id !== id)
            await far.delete(earlier.id, earlier.digest)
          return begun
        },
      }
    },
    breaks: {
      'two messages of one handle at once under handles of their own leave both codes':
        /codes that were sent verify/,
    },
  },
  {
    name: 'a begin that looks what stands, and then puts',
    change: (far) => {
      const { begin } = joined({ store: far, rateLimiter: far, onFault: () => {} })
      return { begin }
    },
    breaks: {
      'of two first messages at once, none kills what the other sent': /codes that were sent verif/,
    },
  },
]

/** As the version before did: while it waits for the store, everybody sees the charge. */
async function chargeAndGiveBack(far: OtpDatabase, submission: Submission) {
  const { id, digests, mostUsed } = submission
  const limits = limitsOf(submission)
  const [first] = limits
  const taken = await far.take(limits)
  if (!taken.ok) return { taken }
  const isCompared = (taken.used[0] ?? 0) <= mostUsed
  const attempt = await far.attempt(id, isCompared ? digests : [])
  if (attempt.outcome !== 'incorrect' && first !== undefined) {
    await far.refund([first.key], taken.charge)
  }
  return { taken, attempt }
}

function limitsOf({ policy, keys }: Pick<Submission, 'policy' | 'keys'>): Limit[] {
  return policy.limits.map(({ key, max, windowMs, cost = 1 }) => {
    return { key: keys[key] ?? '', max, windowMs, cost }
  })
}
