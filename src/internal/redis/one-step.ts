import type { Begun, OtpDatabase, Policy, Settled } from '../../database'
import {
  type Answer,
  fieldsOf,
  readAnswer,
  readReply,
  refusalIn,
  usedIn,
  waitIn,
  without,
} from './answers'
import type { RedisScripts } from './client'
import { challengeKey, recordKey, subjectOf, subjectOfId } from './keys'
import { lineOfSteps, type StepCall } from './line'
import { type Group, type Plan, type PlanFor, type PlannedGroup, plansOf } from './policy-plan'
import { beginScript, settleScript, takeGroupScript } from './policy-scripts'
import { newCharge, refundKeys } from './rate-limiter'
import { readChallenge, readOutcome, wholeMs } from './store'

/**
 * `begin` and `settle`, each one script and one round trip.
 *
 * In a cluster, limits of other slots than the recipient's are charged before it, in parallel, and
 * given back after a refusal: nothing of the recipient's is ever seen before it is decided.
 */
export function redisSteps(scripts: RedisScripts): Pick<OtpDatabase, 'begin' | 'settle'> {
  const plansOver = (compile: Parameters<typeof plansOf>[0]) =>
    plansOf(compile, takeGroupScript, scripts.cluster)
  const planBegin = plansOver(beginScript)
  const planSettle = new Map<number, PlanFor>()

  /** One for each number of digests, of which a manager has one or two. */
  function settlePlans(digests: number): PlanFor {
    const known = planSettle.get(digests)
    if (known !== undefined) return known
    const plans = plansOver((policy, group) => settleScript(policy, group, digests))
    planSettle.set(digests, plans)
    return plans
  }

  // Steps that share a script would not share a slot.
  const take = scripts.cluster
    ? ({ script, keys, args }: StepCall) => scripts.run(script, keys, args)
    : lineOfSteps(scripts)

  /** What the limits of a group's script say, and what it says after that. */
  async function run(
    group: PlannedGroup,
    { keys, id }: Called,
    args: readonly string[],
    isOwn: boolean,
  ): Promise<Answered> {
    const named = isOwn ? [challengeKey(id)] : []
    for (const key of group.records) named.push(recordKey(subjectOf(keyAt(keys, key))))
    const call = { script: group.script, subject: subjectOfId(id), keys: named, args }
    const reply = readReply(await take(call))
    const answered = reply && readAnswer(reply.said, group.places)
    if (reply === undefined || answered === undefined) throw scripts.strangeReply()
    return { answer: answered.answer, rest: answered.rest, data: reply.data }
  }

  /** Charges what is not the recipient's; after a fault, gives it back. */
  async function chargeOthers(
    { gate = -1 }: Policy,
    { others }: Plan,
    called: Called,
    charge: string,
  ): Promise<readonly Other[]> {
    const { keys, costs } = called
    const ask = (group: PlannedGroup, name: string) =>
      run(group, called, [name, ...costsOf(group, costs)], false)
    const gateGroup = others.find((group) => group.keys.includes(gate))
    const atGate = gateGroup && ask(gateGroup, charge)
    const isOpen = await Promise.resolve(atGate).then(
      (said) => said === undefined || said.answer.refuser === -1,
      () => false,
    )
    const asked = await Promise.allSettled(
      others.map((group) => {
        return (group === gateGroup && atGate) || ask(group, isOpen ? charge : '')
      }),
    )
    const faults = asked.filter((one) => one.status === 'rejected')
    const [fault] = faults
    if (fault === undefined) {
      return asked.flatMap((one) => {
        if (one.status === 'rejected') return []
        const { answer } = one.value
        return [{ answer, isCharged: isOpen && answer.refuser === -1 }]
      })
    }
    // One that did not answer may have charged all the same. What cannot be given back now stays
    // charged; the fault matters more.
    await giveBack(others, keys, charge).catch(() => {})
    throw fault.reason
  }

  function giveBack(groups: readonly Group[], keys: readonly string[], charge: string) {
    const charged = groups.flatMap((group) => group.keys.map((key) => keyAt(keys, key)))
    return refundKeys(scripts, charged, charge)
  }

  /** The others, then the recipient's; and what has to be given back, is. */
  async function inTurn(
    policy: Policy,
    plan: Plan,
    called: Called,
    args: Arguments,
  ): Promise<Step> {
    const [charge, ...more] = args
    const others = await chargeOthers(policy, plan, called, charge)
    const isRefused = others.some(({ answer }) => answer.refuser >= 0)
    const charged = plan.others.filter((_, index) => others[index]?.isCharged)
    // After a refusal the recipient's are only asked, for the answer names the longest wait.
    const early = isRefused ? giveBack(charged, called.keys, charge) : undefined
    const [own] = await Promise.all([
      run(plan.own, called, [isRefused ? '' : charge, ...more], true),
      early?.catch(() => {}),
    ])
    const isAgain = own.rest.startsWith('again ')
    const stands = !isRefused && !isAgain && own.answer.refuser === -1
    const given = early ?? (stands ? undefined : giveBack(charged, called.keys, charge))
    // A success that is repeated is not taken away by what could not be given back.
    await (isAgain ? given?.catch(() => {}) : given)
    const costOf = (place: number) => {
      const limit = policy.limits[place]
      return limit === undefined || limit.cost === 0 ? 0 : (called.costs?.[limit.key] ?? 1)
    }
    const said = others.map(({ answer, isCharged }) =>
      isCharged && !stands ? without(answer, costOf) : answer,
    )
    return { ...own, answers: [own.answer, ...said] }
  }

  async function step(policy: Policy, plan: Plan, called: Called, args: Arguments): Promise<Step> {
    if (plan.others.length > 0) return inTurn(policy, plan, called, args)
    const { answer, rest, data } = await run(plan.own, called, args, true)
    return { answers: [answer], rest, data }
  }

  return {
    begin: async ({ policy, keys, costs, challenge, replaces = '' }): Promise<Begun> => {
      const { id, digest, attempts, ttlMs, data } = challenge
      const plan = planBegin(policy, keys, costs)
      const charge = newCharge()
      const args: Arguments = [charge, replaces, digest, String(attempts), wholeMs(ttlMs), data]
      args.push(...costsOf(plan.own, costs))
      const { answers, rest, data: found } = await step(policy, plan, { keys, costs, id }, args)
      const refusal = refusalIn(answers)
      if (refusal !== undefined) return { taken: refusal, standing: null, put: false }
      const retryAfterMs = waitIn(answers)
      const taken = { ok: true, charge, used: usedIn(answers), retryAfterMs } as const
      if (rest === 'put') return { taken, standing: null, put: true }
      if (rest === 'kept') return { taken, standing: null, put: false }
      const [state, said = ''] = fieldsOf(rest, 1)
      const standing = state === 'standing' ? readChallenge(id, { said, data: found }) : undefined
      if (standing === undefined) throw scripts.strangeReply()
      return { taken, standing, put: false }
    },

    settle: async ({ policy, keys, id, digests, mostUsed, call }): Promise<Settled> => {
      const plan = settlePlans(digests.length)(policy, keys)
      // Lua reads no infinity.
      const bound = Math.min(mostUsed, Number.MAX_SAFE_INTEGER)
      const called = { keys, costs: undefined, id }
      const args: Arguments = [newCharge(), call, String(bound), ...digests]
      const { answers, rest, data } = await step(policy, plan, called, args)
      const isAgain = rest.startsWith('again ')
      const refusal = isAgain ? undefined : refusalIn(answers)
      if (refusal !== undefined) return { taken: refusal }
      const said = isAgain ? `verified ${rest.slice('again '.length)}` : rest
      const attempt = readOutcome({ said, data })
      if (attempt === undefined) throw scripts.strangeReply()
      return { taken: { ok: true, used: usedIn(answers) }, attempt }
    },
  }
}

interface Called {
  readonly keys: readonly string[]
  readonly costs: readonly number[] | undefined
  readonly id: string
}

/** Of the recipient's script: the charge's name, and more. */
type Arguments = [charge: string, ...more: string[]]

interface Answered {
  readonly answer: Answer
  readonly rest: string
  readonly data: string | undefined
}

/** What the limits of another group say. */
interface Other {
  readonly answer: Answer
  /** Not where it refuses, or where the gate did: then it was only asked. */
  readonly isCharged: boolean
}

interface Step {
  readonly answers: readonly Answer[]
  readonly rest: string
  readonly data: string | undefined
}

function costsOf(group: Group, costs: readonly number[] = []): string[] {
  return group.paid.map((key) => String(costs[key]))
}

function keyAt(keys: readonly string[], index: number): string {
  const key = keys[index]
  if (key === undefined) throw new TypeError('a policy names a key that its call does not bring')
  return key
}
