import type { Beginning, Begun, Policy, Settled, Submission } from '../database'
import type { Limit, Taken } from '../rate-limiter'
import { type AttemptOutcome, type NewChallenge, type StoredChallenge, usedMs } from '../store'
import { rateLimiterModel } from './rate-limiter-model'

/** What a database must answer, one call after another. */
export interface DatabaseModel {
  put(challenge: NewChallenge): void
  get(id: string): StoredChallenge | null
  attempt(id: string, digests: readonly string[]): AttemptOutcome
  delete(id: string, digest: string): void
  take(limits: readonly Limit[]): Taken
  refund(keys: readonly string[], charge: string): void
  clear(keys: readonly string[], newest?: number): void
  begin(beginning: Beginning): Begun
  settle(submission: Submission): Settled
  advance(milliseconds: number): void
  /** Units of this key, however old. */
  units(key: string, ageMs: number): number
  /** How long each limit of the last call had to wait: two waits may be equally long. */
  waits(): readonly number[]
}

interface Row {
  readonly challenge: NewChallenge
  readonly expiresAt: number
  readonly attemptsLeft: number
  /** Once it was verified. */
  readonly used?: { readonly call: string | undefined; readonly answer: AttemptOutcome }
}

type Asked = Limit & { readonly cost: number; readonly needs: number; readonly applies: boolean }

/** A database too slow to be used and too simple to be wrong. */
export function databaseModel(): DatabaseModel {
  const limiter = rateLimiterModel()
  const rows = new Map<string, Row>()
  let now = 0
  let waits: readonly number[] = []

  const alive = (id: string) => {
    const row = rows.get(id)
    return row !== undefined && now < row.expiresAt ? row : undefined
  }

  const put = (challenge: NewChallenge) => {
    const { id, ttlMs, attempts } = challenge
    rows.set(id, { challenge, expiresAt: now + ttlMs, attemptsLeft: attempts })
  }

  const get = (id: string): StoredChallenge | null => {
    const row = alive(id)
    if (row === undefined) return null
    const { digest, attempts, data } = row.challenge
    const found = { id, digest, attempts, remainingMs: row.expiresAt - now }
    return row.used === undefined
      ? { ...found, attemptsLeft: row.attemptsLeft, data }
      : { ...found, attemptsLeft: 0, data: '', used: true }
  }

  const attempt = (id: string, digests: readonly string[], call?: string): AttemptOutcome => {
    const row = alive(id)
    if (row === undefined || row.attemptsLeft === 0) return { outcome: 'gone' }
    const attemptsLeft = row.attemptsLeft - 1
    const { digest, data, attempts } = row.challenge
    const matches = digests.includes(digest)
    rows.set(id, { ...row, attemptsLeft })
    if (row.used !== undefined) return { outcome: matches ? 'used' : 'gone' }
    const remainingMs = row.expiresAt - now
    if (!matches) return { outcome: 'incorrect', data, attemptsLeft, remainingMs }
    const attemptsUsed = attempts - attemptsLeft
    const answer: AttemptOutcome = { outcome: 'verified', data, attemptsUsed, remainingMs }
    rows.set(id, { ...row, attemptsLeft, expiresAt: now + usedMs, used: { call, answer } })
    return answer
  }

  const take = (limits: readonly Limit[]) => {
    waits = limits.map(limiter.waitFor)
    return limiter.take(limits)
  }

  /** Charges without asking. */
  const charge = (limits: readonly Limit[]) => {
    const taken = limiter.take(limits.map((limit) => ({ ...limit, max: Number.MAX_SAFE_INTEGER })))
    return taken.ok ? taken.charge : ''
  }

  const usedOf = (limits: readonly Limit[]) =>
    limits.map(({ key, windowMs }) => limiter.units(key, windowMs))

  const resolve = (policy: Policy, keys: readonly string[], costs: readonly number[] = []) => {
    const keyOf = (index: number) => keys[index] ?? ''
    const units = ({ key, windowMs }: { key: number; windowMs: number }) =>
      limiter.units(keyOf(key), windowMs)
    const firstUsed = units(policy.limits[0])
    const limits = policy.limits.map((limit): Asked => {
      const cost = limit.cost === 0 ? 0 : (costs[limit.key] ?? 1)
      const { key, max, windowMs, plus, from = 0 } = limit
      return {
        key: keyOf(key),
        max: plus === undefined ? max : max + plus.times * units(plus),
        windowMs,
        cost,
        needs: cost === 0 && limit.refuses === true ? 1 : cost,
        applies: firstUsed >= from,
      }
    })
    return { firstUsed, limits, keyOf }
  }

  const refusal = (limits: readonly Asked[]): Extract<Taken, { ok: false }> | undefined => {
    waits = limits.map((limit) =>
      limit.applies ? limiter.waitFor({ ...limit, cost: limit.needs }) : 0,
    )
    const retryAfterMs = Math.max(...waits)
    if (retryAfterMs === 0) return undefined
    return { ok: false, index: waits.indexOf(retryAfterMs), retryAfterMs, used: usedOf(limits) }
  }

  const begin = ({ policy, keys, costs, challenge, replaces }: Beginning): Begun => {
    const { limits, firstUsed } = resolve(policy, keys, costs)
    const refused = refusal(limits)
    if (refused !== undefined) return { taken: refused, standing: null, put: false }
    const name = charge(limits)
    const next = limits
      .filter(({ applies }) => applies)
      .map((limit) => limiter.waitFor({ ...limit, cost: limit.cost || 1 }))
    const taken = {
      ok: true,
      charge: name,
      used: usedOf(limits),
      retryAfterMs: Math.max(0, ...next),
    } as const
    const found = get(challenge.id)
    if (found !== null && found.attemptsLeft > 0 && found.digest !== replaces) {
      return { taken, standing: found, put: false }
    }
    if (policy.mostUsed !== undefined && firstUsed > policy.mostUsed) {
      return { taken, standing: null, put: false }
    }
    put(challenge)
    return { taken, standing: null, put: true }
  }

  const settle = ({ policy, keys, id, digests, mostUsed, call }: Submission): Settled => {
    const { limits, firstUsed, keyOf } = resolve(policy, keys)
    const before = alive(id)?.used
    if (before?.call === call && before !== undefined) {
      return { taken: { ok: true, used: usedOf(limits) }, attempt: before.answer }
    }
    const refused = refusal(limits)
    if (refused !== undefined) return { taken: refused }
    const first = keyOf(policy.limits[0].key)
    charge(limits.filter(({ key }) => key !== first))
    const outcome: AttemptOutcome =
      firstUsed + 1 > mostUsed ? { outcome: 'gone' } : attempt(id, digests, call)
    if (outcome.outcome === 'incorrect') charge(limits.filter(({ key }) => key === first))
    const taken = { ok: true, used: usedOf(limits) } as const
    if (outcome.outcome === 'verified' && outcome.attemptsUsed > 1) {
      const failed = outcome.attemptsUsed - 1
      const { forgiveness } = policy
      const forgiven =
        forgiveness === undefined ||
        limiter.take([{ ...forgiveness, key: keyOf(forgiveness.key), cost: failed }]).ok
      if (forgiven) limiter.clear([first], failed)
    }
    return { taken, attempt: outcome }
  }

  return {
    put,
    get,
    attempt,
    delete: (id, digest) => {
      if (rows.get(id)?.challenge.digest === digest) rows.delete(id)
    },
    take,
    refund: limiter.refund,
    clear: limiter.clear,
    begin,
    settle,
    advance: (milliseconds) => {
      now += milliseconds
      limiter.advance(milliseconds)
    },
    units: limiter.units,
    waits: () => waits,
  }
}
