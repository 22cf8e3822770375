import type { OtpDatabase } from '../database'
import { beginJoined } from './joined-begin'
import { settleJoined } from './joined-settle'
import type { Pair } from './joined-steps'

/**
 * A store beside a rate limiter as one database: the plain words for what `begin` and `settle` do,
 * but not in one step, since the two may be on different servers.
 *
 * So it looks first, and charges a ledger only for a guess at a challenge that lives. In the same
 * `take` such a guess takes one of the challenge's *places*, and only with a place it goes on to the
 * store: no more charges are ever under way than the challenge has attempts, and the guesses that
 * are compared are those that the ledger had room for.
 *
 * What remains of two servers: those charges are seen for a moment; forgiveness may forgive one
 * failure fewer; without a cooldown, two beginnings at once may put two challenges, the first of
 * which is dead; a crash may leave a charge standing; a client that asks again after a lost answer
 * hears `used`.
 */
export function joined(pair: Pair): OtpDatabase {
  const { store, rateLimiter } = pair
  return {
    ...store,
    ...rateLimiter,
    begin: (beginning) => beginJoined(pair, beginning),
    settle: (submission) => settleJoined(pair, submission),
  }
}
