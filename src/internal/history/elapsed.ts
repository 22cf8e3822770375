import type { Percentiles } from '../../history'

/**
 * Where the buckets of time to verify end, in milliseconds; the last one has no end. Two layouts
 * cannot be merged into one percentile, so these stay as they are.
 */
export const bucketEnds: readonly number[] = [
  500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 12_000, 15_000, 18_000, 22_000,
  26_000, 30_000, 36_000, 43_000, 52_000, 60_000, 75_000, 90_000, 110_000, 130_000, 160_000,
  200_000, 240_000, 300_000, 360_000, 450_000, 600_000, 900_000, 1_800_000, 3_600_000,
]

/** Which bucket a duration is in. */
export function bucketOf(durationMs: number): number {
  const index = bucketEnds.findIndex((end) => durationMs < end)
  return index < 0 ? bucketEnds.length : index
}

/** Percentiles of so many durations by bucket, spread evenly inside each; none of none. */
export function percentilesOf(counts: ReadonlyMap<number, number>): Percentiles | undefined {
  const buckets = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b)
  const total = buckets.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return undefined
  const percentile = (share: number) => {
    const rank = share * total
    let before = 0
    for (const [bucket, count] of buckets) {
      if (before + count >= rank) {
        const start = bucketEnds[bucket - 1] ?? 0
        const end = bucketEnds[bucket] ?? start
        return Math.round(start + ((end - start) * (rank - before)) / count)
      }
      before += count
    }
    return bucketEnds.at(-1) ?? 0
  }
  return { p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99) }
}
