import type { Policy, PolicyLimit } from '../../database'
import type { AskedLimit, Charges } from './charges'

/** The keys and costs that come with a call. */
export interface Called {
  readonly keys: readonly string[]
  readonly costs?: readonly number[]
}

/** The limits of a policy over the keys of a call, and what the first one has used. */
export function askedLimits(
  charges: Charges,
  { limits }: Policy,
  called: Called,
  now: number,
): { readonly limits: readonly AskedLimit[]; readonly firstUsed: number } {
  const unitsOf = ({ key, windowMs }: { readonly key: number; readonly windowMs: number }) =>
    charges.units(keyAt(called, key), windowMs, now)
  const firstUsed = unitsOf(limits[0])
  const asked = ({ key, max, windowMs, cost, refuses = false, from = 0, plus }: PolicyLimit) => ({
    key: keyAt(called, key),
    max: plus === undefined ? max : max + plus.times * unitsOf(plus),
    windowMs,
    cost: cost === 0 ? 0 : (called.costs?.[key] ?? 1),
    refuses,
    idle: firstUsed < from,
  })
  return { limits: limits.map(asked), firstUsed }
}

/** The key that a policy counts. */
export function keyAt({ keys }: Called, index: number): string {
  const key = keys[index]
  if (key === undefined) throw new TypeError('a policy names a key that its call does not bring')
  return key
}
