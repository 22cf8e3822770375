import type { Policy } from '../../../database'
import { numberArray } from './values'

/** One window as the functions are told of it. Keys and windows count from 0 here. */
export interface AskedWindow {
  readonly key: number
  readonly max: number
  readonly windowMs: number
  /** Looked at by other windows alone. */
  readonly isOnlyCounted?: boolean
  readonly refuses?: boolean
  readonly from?: number
  readonly plus?: { readonly window: number; readonly times: number }
}

// Functions are told of whole numbers only.
const billion = 1_000_000_000

/** Windows as rows of a parameter; log-functions.ts says what the numbers are. */
export function windowRows(windows: readonly AskedWindow[]): string {
  const rows = windows.map(({ key, max, windowMs, isOnlyCounted, refuses, from, plus }) =>
    numberArray([
      ...[key + 1, max, windowMs, isOnlyCounted ? 0 : refuses ? 2 : 1, from ?? 0],
      ...[plus === undefined ? 0 : plus.window + 1, Math.round((plus?.times ?? 0) * billion)],
    ]),
  )
  return rows.join()
}

/** The longest of the windows over each of so many keys. */
export function longestWindows(windows: readonly AskedWindow[], keys: number): readonly number[] {
  const longest = Array.from({ length: keys }, () => 0)
  for (const { key, windowMs } of windows) longest[key] = Math.max(longest[key] ?? 0, windowMs)
  return longest
}

/** What the functions are told of a policy, whatever call it comes with. */
export interface CompiledPolicy {
  /** Its limits and, behind them, the windows that are only counted. */
  readonly windows: string
  readonly windowCount: number
  /** Of each key, up to the last one that is looked at. */
  readonly longest: readonly number[]
  /** The key of each limit. */
  readonly keys: readonly number[]
  /** Which of the keys are charged. */
  readonly charged: ReadonlySet<number>
  /** Which window bounds forgiveness, counted from 1; 0 for none. */
  readonly forgiveness: number
  readonly mostUsed: number
}

const compiled = new WeakMap<Policy, CompiledPolicy>()

/** Compiles a policy, once. */
export function compile(policy: Policy): CompiledPolicy {
  const known = compiled.get(policy)
  if (known !== undefined) return known
  const made = compilation(policy)
  compiled.set(policy, made)
  return made
}

function compilation({ limits, mostUsed, forgiveness }: Policy): CompiledPolicy {
  const counted: AskedWindow[] = []
  const count = (window: AskedWindow) => limits.length + counted.push(window) - 1
  const asked = limits.map(({ key, max, windowMs, refuses = false, from = 0, plus }) => ({
    ...{ key, max, windowMs, refuses, from },
    ...(plus !== undefined && {
      plus: {
        // It is counted as far as its log is kept, however many units that are.
        window: count({
          key: plus.key,
          max: Number.MAX_SAFE_INTEGER,
          windowMs: plus.windowMs,
          isOnlyCounted: true,
        }),
        times: plus.times,
      },
    }),
  }))
  const forgiven =
    forgiveness === undefined ? 0 : count({ ...forgiveness, isOnlyCounted: true }) + 1
  const windows = [...asked, ...counted]
  const keyCount = Math.max(...windows.map(({ key }) => key)) + 1
  return {
    windows: windowRows(windows),
    windowCount: windows.length,
    longest: longestWindows(windows, keyCount),
    keys: limits.map(({ key }) => key),
    charged: new Set(limits.filter(({ cost = 1 }) => cost > 0).map(({ key }) => key)),
    forgiveness: forgiven,
    mostUsed: wholeNumber(mostUsed ?? Number.POSITIVE_INFINITY),
  }
}

/** A bound as a number that functions know, one without an end too. */
export function wholeNumber(bound: number): number {
  return Math.min(bound, Number.MAX_SAFE_INTEGER)
}
