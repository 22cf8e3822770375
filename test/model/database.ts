import type { Begun, Limit, OtpDatabase, Policy, Settled, Taken } from 'otpkit'
import { type RateLimiterModel, rateLimiterModel } from '../../src/testing/rate-limiter-model'
import { type ModelChallenges, modelChallenges } from './challenges'
import type { Rule } from './rules'
import type { World } from './world'

/** `begin`, `settle` and what they are made of, in plain words, any one rule of which may be off. */
export interface Model {
  /** Each call of it is one step, taken at once. */
  readonly database: OtpDatabase
  readonly challenges: ModelChallenges
  /** Charges without asking. */
  fill(key: string, times: number): void
  units(key: string): number
  advance(milliseconds: number): void
}

type Asked = Limit & { readonly cost: number; readonly needs: number; readonly applies: boolean }
const ever = 2 ** 50

export function createModel(world: World, off?: Rule): Model {
  const keeps = (rule: Rule) => rule !== off
  const limiter = rateLimiterModel()
  const challenges = modelChallenges(world.now, keeps)

  const charge = (limits: readonly Limit[]) => {
    const taken = limiter.take(limits.map((limit) => ({ ...limit, max: ever })))
    return taken.ok ? taken.charge : ''
  }
  const unitsOf = (limits: readonly Limit[]) =>
    limits.map(({ key, windowMs }) => limiter.units(key, windowMs))

  const begin: OtpDatabase['begin'] = async ({ policy, keys, challenge, replaces }) => {
    const { limits, firstUsed } = ask(limiter, policy, keys, keeps)
    const refused = refusal(limiter, limits, keeps('begin: a full ledger refuses'))
    if (!keeps('begin: all of it is one step')) await world.hop()
    if (refused !== undefined) {
      if (!keeps('begin: what is refused is not charged')) charge(limits)
      if (!keeps('begin: what is refused is not put')) challenges.put(challenge)
      return { taken: refused, standing: null, put: false }
    }
    const name = charge(limits)
    if (!keeps('begin: each key is charged once')) charge(limits)
    const used = unitsOf(limits)
    const waits = limits.map((limit) =>
      limit.applies ? limiter.waitFor({ ...limit, cost: limit.cost || 1 }) : 0,
    )
    const taken = { ok: true, charge: name, used, retryAfterMs: Math.max(...waits) } as const
    const begun = (rest: Pick<Begun, 'put'> & { standing: Begun['standing'] }): Begun => {
      return { taken, ...rest }
    }
    const found = challenges.get(challenge.id)
    const isNamed = found?.digest === replaces && keeps('begin: it may replace what it names')
    const stands = found !== null && found.attemptsLeft > 0 && !isNamed
    if (stands && keeps('begin: it yields to what stands')) {
      return begun({ standing: found, put: false })
    }
    const isGrown = firstUsed > (policy.mostUsed ?? ever)
    const rule = 'begin: no short code is put once the ledger has grown'
    if (isGrown && keeps(rule)) return begun({ standing: null, put: false })
    challenges.put(challenge)
    return begun({ standing: null, put: true })
  }

  const settle: OtpDatabase['settle'] = async ({ policy, keys, id, digests, mostUsed, call }) => {
    const { limits, firstUsed } = ask(limiter, policy, keys, keeps)
    const before = challenges.verifiedBy(call, id)
    if (before !== undefined) return { taken: { ok: true, used: unitsOf(limits) }, attempt: before }
    const [first] = limits
    const others = limits.filter(({ key }) => key !== first?.key)
    const ledger = limits.filter(({ key }) => key === first?.key)
    const refusing = keeps('settle: a full ledger refuses') ? limits : others
    const refused = refusal(limiter, refusing, true)
    if (refused !== undefined) {
      if (!keeps('settle: what is refused is not charged')) charge(others)
      const index = limits.findIndex(({ key }) => key === refusing[refused.index]?.key)
      return { taken: { ...refused, index, used: unitsOf(limits) } }
    }
    if (keeps('settle: what is not refused is charged to its address')) charge(others)
    const hasRoom = firstUsed + 1 <= mostUsed
    const isLax = !keeps('settle: a guess is compared only while the ledger has room')
    const isCompared = hasRoom || isLax
    const rule = 'settle: a guess too late for the ledger takes no attempt'
    if (!isCompared && !keeps(rule)) challenges.takeAttempt(id)
    if (!keeps('settle: all of it is one step')) {
      const seen = challenges.get(id)
      await world.hop()
      // What was read is what is compared, and it is written back.
      if (seen !== null && !seen.used && seen.attemptsLeft > 0) {
        challenges.put({ ...seen, attempts: seen.attemptsLeft, ttlMs: seen.remainingMs })
      }
    }
    const attempt = isCompared
      ? challenges.attempt(id, digests, call)
      : ({ outcome: 'gone' } as const)
    const pays = {
      incorrect: keeps('settle: a wrong guess is charged to the ledger'),
      gone: !keeps('settle: a guess at nothing is not charged to the ledger'),
      used: false,
      verified: !keeps('settle: a right guess is not charged to the ledger'),
    }
    if (pays[attempt.outcome]) charge(ledger)
    const settled: Settled = { taken: { ok: true, used: unitsOf(limits) }, attempt }
    if (attempt.outcome === 'verified') forgive(policy, keys, attempt.attemptsUsed - 1)
    return settled
  }

  const forgive = ({ limits, forgiveness }: Policy, keys: readonly string[], failed: number) => {
    if (failed === 0 || !keeps('settle: a success forgives the failures of its challenge')) return
    const budget = keeps('settle: forgiveness has a budget') ? forgiveness : undefined
    if (budget !== undefined) {
      const { max, windowMs, key } = budget
      if (!limiter.take([{ key: keys[key] ?? '', max, windowMs, cost: failed }]).ok) return
    }
    const newest = keeps('settle: a success forgives no other failure') ? failed : undefined
    limiter.clear([keys[limits[0].key] ?? ''], newest)
  }

  return {
    database: {
      put: async (challenge) => challenges.put(challenge),
      get: async (id) => challenges.get(id),
      attempt: async (id, digests) => challenges.attempt(id, digests),
      delete: async (id, digest) => challenges.delete(id, digest),
      take: async (limits) => limiter.take(limits),
      refund: async (keys, name) => {
        if (keeps('a refund gives back what it names')) limiter.refund(keys, name)
      },
      clear: async (keys, newest) => limiter.clear(keys, newest),
      begin,
      settle,
    },
    challenges,
    fill: (key, times) => {
      for (let time = 0; time < times; time += 1) charge([{ key, max: ever, windowMs: ever }])
    },
    units: (key) => limiter.units(key, ever),
    advance: (milliseconds) => {
      world.advance(milliseconds)
      if (keeps('a charge ages out of its window')) limiter.advance(milliseconds)
    },
  }
}

/** The limits of a policy as they apply to this call. */
function ask(
  limiter: RateLimiterModel,
  policy: Policy,
  keys: readonly string[],
  keeps: (rule: Rule) => boolean,
): { readonly limits: readonly Asked[]; readonly firstUsed: number } {
  const [first] = policy.limits
  const firstUsed = limiter.units(keys[first.key] ?? '', first.windowMs)
  const limits = policy.limits.map((limit): Asked => {
    const { key, max, windowMs, cost = 1, refuses = false, from } = limit
    const applies = from === undefined || firstUsed >= from
    const narrows = from === undefined || keeps('begin: limits narrow with the ledger')
    return {
      key: keys[key] ?? '',
      max,
      windowMs,
      cost,
      needs: cost === 0 && refuses ? 1 : cost,
      applies: applies && narrows,
    }
  })
  return { limits, firstUsed }
}

function refusal(
  limiter: RateLimiterModel,
  limits: readonly Asked[],
  looksRefuse: boolean,
): Extract<Taken, { ok: false }> | undefined {
  const waits = limits.map((limit) => {
    const isIdle = !limit.applies || (limit.cost === 0 && !looksRefuse)
    return isIdle ? 0 : limiter.waitFor({ ...limit, cost: limit.needs })
  })
  const retryAfterMs = Math.max(0, ...waits)
  if (retryAfterMs === 0) return undefined
  const used = limits.map(({ key, windowMs }) => limiter.units(key, windowMs))
  return { ok: false, index: waits.indexOf(retryAfterMs), retryAfterMs, used }
}
