import type { OtpDatabase } from '../../database'
import type { RateLimiter } from '../../rate-limiter'
import type { OtpStore } from '../../store'
import { randomBelow } from './random'
import type { SqlTable } from './settings'

const rowsBetweenSweeps = 128

/** The store, which now also removes some expired rows with every 128 that it has written. */
export function sweepingStore(store: OtpStore, sweep: (rows: number) => Promise<number>): OtpStore {
  const written = sweepSometimes(sweep)
  return {
    ...store,
    put: async (challenge) => {
      await store.put(challenge)
      written(1)
    },
  }
}

/** The limiter, which now also removes some expired rows with every 128 that it has written. */
export function sweepingRateLimiter(
  rateLimiter: RateLimiter,
  sweep: (rows: number) => Promise<number>,
): RateLimiter {
  const written = sweepSometimes(sweep)
  return {
    ...rateLimiter,
    take: async (limits) => {
      const taken = await rateLimiter.take(limits)
      if (taken.ok) written(limits.length)
      return taken
    },
  }
}

/** The database, which does the same with both of its tables, or with more rows less often. */
export function sweepingDatabase(
  database: OtpDatabase,
  sweep: (table: SqlTable, rows: number) => Promise<number>,
  between = rowsBetweenSweeps,
): OtpDatabase {
  const written = {
    challenges: sweepSometimes((rows) => sweep('challenges', rows), between),
    charges: sweepSometimes((rows) => sweep('charges', rows), between),
  }
  return {
    ...database,
    put: async (challenge) => {
      await database.put(challenge)
      written.challenges(1)
    },
    take: async (limits) => {
      const taken = await database.take(limits)
      if (taken.ok) written.charges(limits.length)
      return taken
    },
    begin: async (beginning) => {
      const begun = await database.begin(beginning)
      if (begun.put) written.challenges(1)
      if (begun.taken.ok) written.charges(beginning.keys.length)
      return begun
    },
    settle: async (submission) => {
      const settled = await database.settle(submission)
      if (settled.taken.ok) written.charges(submission.keys.length)
      return settled
    },
  }
}

function sweepSometimes(
  sweep: (rows: number) => Promise<number>,
  between = rowsBetweenSweeps,
): (rows: number) => void {
  let written: number | undefined
  return (rows) => {
    // Begins anywhere, or processes that live for fewer writes would never sweep; and with the first
    // write, since some runtimes refuse random numbers while a module loads.
    written = (written ?? randomBelow(between)) + rows
    if (written < between) return
    written %= between
    // More rows than were written since, so a table cannot outgrow its sweeps. Nobody waits for it,
    // and a failure leaves the rows to the next one.
    sweep(2 * between).catch(() => {})
  }
}
