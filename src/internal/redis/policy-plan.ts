import type { Policy, PolicyLimit } from '../../database'
import type { RedisScript } from './client'

/** The limits of a policy that meet in one script, since their keys are of one slot. */
export interface Group {
  /** Which limits of the policy they are. */
  readonly places: readonly number[]
  readonly limits: readonly PolicyLimit[]
  /** Which of the call's keys their script gets. */
  readonly keys: readonly number[]
}

/** A group and its script. */
export interface PlannedGroup extends Group {
  readonly script: RedisScript
}

/** How a policy is asked. */
export interface Plan {
  /** The group of the first limit, where the challenge is too. */
  readonly own: PlannedGroup
  /** Those of other slots, in a cluster. */
  readonly others: readonly PlannedGroup[]
}

/**
 * Plans that are made once for each policy and each way in which a call's keys fall into slots.
 *
 * @param compileOwn - The script of the first limit's group.
 * @param compileOther - The script of any other.
 * @param slotOf - Where a key is; without it all are in one place.
 */
export function plansOf(
  compileOwn: (policy: Policy, group: Group) => RedisScript,
  compileOther: (group: Group) => RedisScript,
  slotOf?: (key: string) => string,
): (policy: Policy, keys: readonly string[]) => Plan {
  const known = new WeakMap<Policy, Map<string, Plan>>()

  function make(policy: Policy, slots: readonly number[]): Plan {
    const [own, ...others] = groupsOf(policy, slots)
    return {
      own: { ...own, script: compileOwn(policy, own) },
      others: others.map((group) => ({ ...group, script: compileOther(group) })),
    }
  }

  return (policy, keys) => {
    const names = slotOf === undefined ? [] : keys.map(slotOf)
    const slots = names.map((name) => names.indexOf(name))
    const pattern = slots.join()
    const plans = known.get(policy) ?? new Map<string, Plan>()
    const plan = plans.get(pattern) ?? make(policy, slots)
    plans.set(pattern, plan)
    known.set(policy, plans)
    return plan
  }
}

/** The first limit's group, then the others. */
function groupsOf(policy: Policy, slots: readonly number[]): readonly [Group, ...Group[]] {
  const { limits, forgiveness } = policy
  const slotOf = (key: number) => slots[key] ?? 0
  const own = slotOf(limits[0].key)

  function groupIn(slot: number): Group {
    const members = [...limits.entries()].filter(([, { key }]) => slotOf(key) === slot)
    const keys = members.flatMap(([, { key, plus }]) => (plus ? [key, plus.key] : [key]))
    if (slot === own && forgiveness !== undefined) keys.push(forgiveness.key)
    const strays = keys.some((key) => slotOf(key) !== slot)
    if (strays || (slot !== own && members.some(([, { from }]) => from !== undefined))) {
      throw new TypeError('`from`, `plus` and `forgiveness` need keys of the same subject')
    }
    return {
      places: members.map(([place]) => place),
      limits: members.map(([, limit]) => limit),
      keys: [...new Set(keys)],
    }
  }

  const others = new Set(limits.map(({ key }) => slotOf(key)))
  others.delete(own)
  return [groupIn(own), ...[...others].map(groupIn)]
}
