import type { Limit, OtpDatabase, Submission } from 'otpkit'
import { memory } from 'otpkit/databases/memory'

/** A database that is wrong as real ones are, and the case that must find it out. */
export interface BrokenDatabase {
  readonly name: string
  create(clock: () => number): OtpDatabase
  /** The case that must fail. */
  readonly failedBy: string
  /** What that case must say, so that it fails for this reason and no other. */
  readonly saying: RegExp
}

/** The sound memory database, but for what is changed. */
export function onMemory(
  change: (sound: OtpDatabase) => Partial<OtpDatabase>,
): (clock: () => number) => OtpDatabase {
  return (clock) => {
    const sound = memory({ clock })
    return { ...sound, ...change(sound) }
  }
}

/** A submission's limits as `take` is handed them. */
export const limitsOf = ({ policy, keys }: Submission): Limit[] =>
  policy.limits.map(({ key, max, windowMs }) => ({ key: keys[key] ?? '', max, windowMs }))
