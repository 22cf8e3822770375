import type { RateLimiter } from '../../rate-limiter'
import type { OtpStore } from '../../store'
import { randomBelow } from './random'

const writesBetweenSweeps = 128
// More rows than were written since, so a table cannot outgrow its sweeps.
const rowsPerSweep = 256

/** The store, which now also removes some expired rows once every 128 puts. */
export function sweepingStore(store: OtpStore, sweep: (rows: number) => Promise<number>): OtpStore {
  const written = sweepSometimes(sweep)
  return {
    ...store,
    put: async (challenge) => {
      await store.put(challenge)
      written()
    },
  }
}

/** The limiter, which now also removes some expired rows once every 128 takes. */
export function sweepingRateLimiter(
  rateLimiter: RateLimiter,
  sweep: (rows: number) => Promise<number>,
): RateLimiter {
  const written = sweepSometimes(sweep)
  return {
    ...rateLimiter,
    take: async (limits) => {
      const taken = await rateLimiter.take(limits)
      if (taken.ok) written()
      return taken
    },
  }
}

function sweepSometimes(sweep: (rows: number) => Promise<number>): () => void {
  // Begins anywhere, or processes that live for fewer writes would never sweep.
  let writes = randomBelow(writesBetweenSweeps)
  return () => {
    writes += 1
    if (writes % writesBetweenSweeps !== 0) return
    // Nobody waits for it, and a failure leaves the rows to the next one.
    sweep(rowsPerSweep).catch(() => {})
  }
}
