import type { LimitState } from '../results'
import type { Core } from './context'
import type { Charge, Judgement, PlacedTest } from './logs'
import { amountOf } from './spend-settings'
import { readTest, waitsInOutage } from './watch'

/**
 * What the guard and the caps on money say of the next message, without charging anything.
 *
 * @param judged - Which tests would refuse it, rather than only tell.
 */
export async function lookWatched(
  core: Core,
  charge: Charge,
  judged: Judgement = 'none',
): Promise<LimitState[]> {
  const tests = charge.tests.map((test) => {
    const refuses = judged === 'all' || (judged === 'local' && !waitsInOutage(test))
    return lookAtTest(core, charge, test, refuses)
  })
  const budgets = charge.caps.map((cap, place) =>
    cap === undefined ? null : lookAtBudget(core, charge, place, cap),
  )
  const looked = await Promise.all([...tests, ...budgets])
  return looked.filter((state) => state !== null)
}

async function lookAtTest(
  { database }: Core,
  { policy, keys }: Charge,
  test: PlacedTest,
  refuses: boolean,
): Promise<LimitState | null> {
  const { rule, level, place, verified } = test
  const [limit, other] = [policy.limits[place], policy.limits[verified]]
  if (limit === undefined || other === undefined) return null
  const window = (of: typeof limit, max: number) => ({
    key: keys[of.key] ?? '',
    max,
    windowMs: of.windowMs,
    cost: 0,
  })
  const seen = await database.take([window(other, other.max)])
  const most = Math.floor(test.floor + test.times * (seen.used[0] ?? 0))
  const { used, retryAfterMs } = await database.take([window(limit, most)])
  const units: number[] = []
  units[place] = used[0] ?? 0
  units[verified] = seen.used[0] ?? 0
  const read = readTest(test, { ok: true, used: units })
  return {
    limit: 'guard',
    rule,
    level,
    max: read.allowed,
    windowMs: limit.windowMs,
    used: read.used,
    retryAfterMs: refuses ? retryAfterMs : 0,
  }
}

async function lookAtBudget(
  { database }: Core,
  { policy, keys, costs = [] }: Charge,
  place: number,
  cap: NonNullable<LimitState['cap']>,
): Promise<LimitState | null> {
  const limit = policy.limits[place]
  if (limit === undefined) return null
  const { key, max, windowMs } = limit
  const cost = costs[key] ?? 1
  // A look waits for one unit: for more of them there is room as if the cap were so much lower.
  const room = { key: keys[key] ?? '', max: Math.max(1, max - cost + 1), windowMs, cost: 0 }
  const { used, retryAfterMs } = await database.take([room])
  return {
    limit: 'budget',
    cap,
    max: amountOf(max),
    windowMs,
    used: amountOf(used[0] ?? 0),
    retryAfterMs: cost > max ? windowMs : retryAfterMs,
  }
}
