import type { Beginning, OtpDatabase, PolicyLimit } from 'otpkit'

// Databases under which the guard works as if it had been written wrongly.

/** Whether a test of the guard may refuse by it: `max` rises with what was verified. */
function isTest({ plus }: PolicyLimit): boolean {
  return plus !== undefined
}

function withTests(change: (limit: PolicyLimit) => PolicyLimit) {
  // A database may know a policy by its identity.
  const changed = new Map<Beginning['policy'], Beginning['policy']>()
  return (database: OtpDatabase): OtpDatabase => ({
    ...database,
    begin: (beginning) => {
      const { policy } = beginning
      const [first, ...rest] = policy.limits
      const limits = rest.map((limit) => (isTest(limit) ? change(limit) : limit))
      const known = changed.get(policy) ?? { ...policy, limits: [first, ...limits] }
      changed.set(policy, known)
      return database.begin({ ...beginning, policy: known })
    },
  })
}

const times = (factor: number) => (limit: PolicyLimit) =>
  limit.plus === undefined
    ? limit
    : { ...limit, plus: { ...limit.plus, times: limit.plus.times * factor } }

/** Each with what its simulation must show. */
export const broken = [
  { name: 'r is twice as large', shows: 'losses', of: withTests(times(2)) },
  {
    name: 'a is three times as large',
    shows: 'losses',
    of: withTests((limit) => ({ ...limit, max: 3 * limit.max })),
  },
  {
    name: 'nothing is refused',
    shows: 'losses',
    of: withTests((limit) => ({ ...limit, max: 2 ** 40 })),
  },
  { name: 'what was verified is not looked at', shows: 'refusals', of: withTests(times(0)) },
  {
    name: 'what was verified is never counted',
    shows: 'refusals',
    of: (database: OtpDatabase): OtpDatabase => ({
      ...database,
      take: async () => ({ ok: true, charge: '', used: [], retryAfterMs: 0 }),
    }),
  },
  {
    name: 'a success forgives one message and counts for nothing',
    shows: 'refusals',
    of: withTests((limit) =>
      limit.plus === undefined ? limit : { ...limit, plus: { ...limit.plus, times: 1 / 4 } },
    ),
  },
] as const
