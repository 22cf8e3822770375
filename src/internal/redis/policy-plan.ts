import type { Policy, PolicyLimit } from '../../database'
import type { RedisScript } from './client'
import { logName, subjectOf } from './keys'

/** A log among the records of a script. */
export interface PlacedLog {
  /** The number of its record, from 1 on. */
  readonly record: number
  readonly name: string
}

/** The limits of a policy that meet in one script. */
export interface Group {
  /** Which limits of the policy they are. */
  readonly places: readonly number[]
  readonly limits: readonly PolicyLimit[]
  /** Which of the call's keys have a log there. */
  readonly keys: readonly number[]
  /** Those of them whose cost the call says, in the order of these costs; with the others it is 1. */
  readonly paid: readonly number[]
  /**
   * Whose records the script gets: one of the call's keys for each. In the group of the first limit
   * the first one is the record of its subject.
   */
  readonly records: readonly number[]
  /** @param key - One of `keys`. */
  logOf(key: number): PlacedLog
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

/** How a policy is asked by a call with these keys and costs, of which those not given are 1. */
export type PlanFor = (
  policy: Policy,
  keys: readonly string[],
  costs?: readonly number[] | undefined,
) => Plan

/**
 * Plans that are made once for each policy, each way in which a call's keys share subjects, and each
 * choice of keys that cost something else than 1.
 *
 * @param compileOwn - The script of the first limit's group.
 * @param compileOther - The script of any other.
 * @param isCluster - Whether records of different subjects must not meet in one script.
 */
export function plansOf(
  compileOwn: (policy: Policy, group: Group) => RedisScript,
  compileOther: (group: Group) => RedisScript,
  isCluster: boolean,
): PlanFor {
  const known = new WeakMap<Policy, Map<string, Plan>>()

  function make(policy: Policy, keys: readonly string[], costs: readonly number[]): Plan {
    const [own, ...others] = groupsOf(policy, keys, costs, isCluster)
    return {
      own: { ...own, script: compileOwn(policy, own) },
      others: others.map((group) => ({ ...group, script: compileOther(group) })),
    }
  }

  return (policy, keys, costs = []) => {
    let plans = known.get(policy)
    if (plans === undefined) {
      plans = new Map()
      known.set(policy, plans)
    }
    const pattern = patternOf(keys, costs)
    let plan = plans.get(pattern)
    if (plan === undefined) {
      plan = make(policy, keys, costs)
      plans.set(pattern, plan)
    }
    return plan
  }
}

/** The names of the keys' logs, which of them share a subject, and which have a cost of their own. */
function patternOf(keys: readonly string[], costs: readonly number[]): string {
  const subjects: string[] = []
  let pattern = ''
  for (const [index, key] of keys.entries()) {
    const subject = subjectOf(key)
    let place = subjects.indexOf(subject)
    if (place < 0) place = subjects.push(subject) - 1
    pattern += `${logName(key)}${place}${isPaid(costs, index) ? '$' : ' '}`
  }
  return pattern
}

function isPaid(costs: readonly number[], key: number): boolean {
  return (costs[key] ?? 1) !== 1
}

/** The first limit's group, then the others. */
function groupsOf(
  policy: Policy,
  keys: readonly string[],
  costs: readonly number[],
  isCluster: boolean,
): readonly [Group, ...Group[]] {
  const { limits, forgiveness } = policy
  const subjects = keys.map(subjectOf)
  const subjectAt = (key: number) => {
    const subject = subjects[key]
    if (subject === undefined) {
      throw new TypeError('a policy names a key that its call does not bring')
    }
    return subject
  }
  const own = subjectAt(limits[0].key)
  const slotOf = (key: number) => (isCluster ? subjectAt(key) : subjectAt(key) && own)

  function groupIn(slot: string): Group {
    const members = [...limits.entries()].filter(([, { key }]) => slotOf(key) === slot)
    const all = members.flatMap(([, { key, plus }]) => (plus ? [key, plus.key] : [key]))
    if (slot === own && forgiveness !== undefined) all.push(forgiveness.key)
    const strays = all.some((key) => slotOf(key) !== slot)
    if (strays || (slot !== own && members.some(([, { from }]) => from !== undefined))) {
      throw new TypeError('`from`, `plus` and `forgiveness` need keys of the same subject')
    }
    const used = [...new Set(all)]
    const held = [...new Set(used.map(subjectAt))]
    return {
      places: members.map(([place]) => place),
      limits: members.map(([, limit]) => limit),
      keys: used,
      paid: used.filter((key) => isPaid(costs, key)),
      records: held.map((subject) => subjects.indexOf(subject)),
      logOf: (key) => {
        return { record: held.indexOf(subjectAt(key)) + 1, name: logName(keys[key] ?? '') }
      },
    }
  }

  const others = new Set(limits.map(({ key }) => slotOf(key)))
  others.delete(own)
  return [groupIn(own), ...[...others].map(groupIn)]
}
