import type { OtpDatabase, Policy, PolicyLimit } from 'otpkit'
import { type BrokenDatabase, limitsOf, onMemory } from './broken-database'

/** Every policy is another one. */
function withPolicy(change: (policy: Policy) => Policy): (clock: () => number) => OtpDatabase {
  return onMemory((sound) => ({
    begin: (beginning) => sound.begin({ ...beginning, policy: change(beginning.policy) }),
    settle: (submission) => sound.settle({ ...submission, policy: change(submission.policy) }),
  }))
}

/** Every limit of every policy is another one. */
function withLimits(change: (limit: PolicyLimit) => PolicyLimit) {
  return withPolicy((policy) => {
    const [first, ...others] = policy.limits
    return { ...policy, limits: [change(first), ...others.map(change)] }
  })
}

/** What the limits of policies go wrong about, and forgiveness. */
export const brokenDatabaseLimits: readonly BrokenDatabase[] = [
  {
    name: '`refuses` is ignored',
    create: withLimits(({ refuses: _, ...limit }) => limit),
    failedBy: 'begin: a limit of cost 0 that refuses does so once it is full, and charges nothing',
    saying: /begin, step 6: expected .*"refusedBy":0/,
  },
  {
    name: 'every look refuses',
    create: withLimits((limit) => ({ ...limit, refuses: true })),
    failedBy: 'begin: a limit of cost 0 that does not refuse counts for the wait alone',
    saying: /begin, step 3: .*got .*"refusedBy":0/,
  },
  {
    name: '`from` is ignored',
    create: withLimits(({ from: _, ...limit }) => limit),
    failedBy: 'settle: a limit applies from as many units as the first one had used before',
    saying: /settle, step 3: .*got .*"refusedBy":2/,
  },
  {
    name: '`from` is read after the charge',
    create: withLimits(({ from, ...limit }) =>
      from === undefined ? limit : { ...limit, from: from - 1 },
    ),
    failedBy: 'begin: a limit applies from as many units as the first one had used before',
    saying: /begin, step (1|2): /,
  },
  {
    name: 'a limit that does not apply is never charged under its own window',
    create: onMemory((sound) => ({
      begin: async (beginning) => {
        const { policy, keys } = beginning
        const [first, ...others] = policy.limits
        const key = keys[first.key] ?? ''
        const { used } = await sound.take([{ ...first, key, cost: 0 }])
        const applying = others.filter(({ from = 0 }) => (used[0] ?? 0) >= from)
        const begun = await sound.begin({
          ...beginning,
          policy: { ...policy, limits: [first, ...applying] },
        })
        return begun
      },
    })),
    failedBy: 'what was charged before a limit applied counts once it does',
    saying: /begin, step/,
  },
  {
    name: '`plus` is ignored',
    create: withLimits(({ plus: _, ...limit }) => limit),
    failedBy: 'begin: max rises with the units of another log',
    saying: /begin, step 4: .*got .*"refusedBy":1/,
  },
  {
    name: '`plus` is added once, whatever its times',
    create: withLimits(({ plus, ...limit }) =>
      plus === undefined ? limit : { ...limit, plus: { ...plus, times: 1 } },
    ),
    failedBy: 'settle: max rises with the units of another log',
    saying: /settle, step 5: .*got .*"refusedBy":1/,
  },
  {
    name: 'costs are ignored',
    create: onMemory((sound) => ({
      begin: ({ costs: _, ...beginning }) => sound.begin(beginning),
    })),
    failedBy: 'begin: each key costs what the call says, once, and 1 where it says nothing',
    saying: /begin, step 1: .*40.* got .*\[0,1,1,1\]/,
  },
  {
    name: 'what a gate kept from being charged is taken off all the same',
    create: onMemory((sound) => ({
      begin: async (beginning) => {
        const { policy, costs } = beginning
        const begun = await sound.begin(beginning)
        const { taken } = begun
        if (taken.ok || policy.limits[taken.index]?.key !== policy.gate) return begun
        const used = taken.used.map((units, place) => {
          const limit = policy.limits[place]
          const isCharged = limit !== undefined && limit.cost !== 0 && place !== taken.index
          return isCharged ? units - (costs?.[limit.key] ?? 1) : units
        })
        return { taken: { ...taken, used }, standing: null, put: false }
      },
    })),
    failedBy: 'a begin that its gate refuses charges nothing, and says what was used',
    saying: /a begin whose gate is full: .*\[0,1,2,0,1\].* got .*-7/,
  },
  {
    name: 'the first limit that refuses is named',
    create: onMemory((sound) => ({
      begin: async (beginning) => {
        const begun = await sound.begin(beginning)
        const { taken } = begun
        if (taken.ok) return begun
        const { limits } = beginning.policy
        const index = limits.findIndex(({ max }, place) => (taken.used[place] ?? 0) >= max)
        return { taken: { ...taken, index }, standing: null, put: false }
      },
    })),
    failedBy: 'begin: of several limits that refuse the one with the longest wait is named',
    saying: /begin, step 7: expected .*"refusedBy":2.* got .*"refusedBy":0/,
  },
  {
    name: 'a refused guess is charged to its address',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const settled = await sound.settle(submission)
        if (!settled.taken.ok) await sound.take(limitsOf(submission).slice(1))
        return settled
      },
    })),
    failedBy: 'settle: the first limit refuses as if the guess were charged to it',
    saying: /settle, step 6: expected .*\[2,3\].* got .*\[2,4\]/,
  },
  {
    name: 'the first limit is asked without the guess',
    create: withPolicy((policy) => {
      const [first, ...others] = policy.limits
      const more = first.cost === 0 ? first : { ...first, max: first.max + 1 }
      return { ...policy, limits: [more, ...others] }
    }),
    failedBy: 'settle: the first limit refuses as if the guess were charged to it',
    saying: /settle, step 5: expected .*"refusedBy":0/,
  },
  {
    name: 'a success wipes the ledger',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const settled = await sound.settle(submission)
        if (settled.attempt?.outcome === 'verified') await sound.clear(submission.keys.slice(0, 1))
        return settled
      },
    })),
    failedBy: 'a success after 2 failures, 3 elsewhere, without a window',
    saying: /units afterwards: expected \[3,0\], got \[0,0\]/,
  },
  {
    name: 'more is forgiven than the window holds',
    create: withPolicy(({ forgiveness, ...policy }) =>
      forgiveness === undefined
        ? policy
        : { ...policy, forgiveness: { ...forgiveness, max: forgiveness.max + 1 } },
    ),
    failedBy: 'a success after 2 failures, 3 elsewhere, 9 of 10 forgiven before',
    saying: /units afterwards: expected \[5,9\], got \[3,11\]/,
  },
  {
    name: 'the window of what is forgiven is ignored',
    create: withPolicy(({ forgiveness: _, ...policy }) => policy),
    failedBy: 'a success after 2 failures, 3 elsewhere, 9 of 10 forgiven before',
    saying: /units afterwards: expected \[5,9\], got \[3,9\]/,
  },
  {
    name: 'as much is forgiven as the window still holds',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const { policy, keys } = submission
        const settled = await sound.settle(submission)
        const { forgiveness } = policy
        const failed =
          settled.attempt?.outcome === 'verified' ? settled.attempt.attemptsUsed - 1 : 0
        if (forgiveness === undefined || failed === 0) return settled
        const log = { ...forgiveness, key: keys[forgiveness.key] ?? '' }
        const { used } = await sound.take([{ ...log, cost: 0 }])
        const room = Math.min(failed, log.max - (used[0] ?? 0))
        if (room <= 0) return settled
        await sound.take([{ ...log, cost: room }])
        await sound.clear(keys.slice(0, 1), room)
        return settled
      },
    })),
    failedBy: 'a success after 2 failures, 3 elsewhere, 9 of 10 forgiven before',
    saying: /units afterwards: expected \[5,9\], got \[4,10\]/,
  },
  {
    name: 'what is forgiven is one charge for each failure',
    create: onMemory((sound) => ({
      settle: async (submission) => {
        const { policy, keys } = submission
        const settled = await sound.settle(submission)
        const failed =
          settled.attempt?.outcome === 'verified' ? settled.attempt.attemptsUsed - 1 : 0
        const { forgiveness } = policy
        if (forgiveness === undefined || failed === 0) return settled
        const log = { ...forgiveness, key: keys[forgiveness.key] ?? '' }
        await sound.clear([log.key], 1)
        for (let count = 0; count < failed; count += 1) await sound.take([log])
        return settled
      },
    })),
    failedBy: 'what is forgiven is one charge, and ages out of its window',
    saying: /units less the newest charge: expected \[6\], got \[8\]/,
  },
]
