import { isOtpError, OtpError, type OtpErrorCode } from '../errors'
import type { EventSubject, Events } from '../events'
import type { Limit, RateLimiter } from '../rate-limiter'
import type { Locked, RateLimited } from '../results'
import type { OtpStore } from '../store'
import type { NamedLimit } from './limits'
import type { Requests } from './read-requests'
import type { Settings } from './settings'

/** What every operation of one manager works with. */
export interface Core {
  readonly settings: Settings
  readonly requests: Requests
  readonly events: Events
  readonly store: OtpStore
  readonly rateLimiter: RateLimiter
}

/** A store whose every fault is an `OtpError`. */
export function guardStore(store: OtpStore): OtpStore {
  const guard = guardWith('store_unavailable', 'the store failed')
  return {
    put: guard((challenge) => store.put(challenge)),
    get: guard((id) => store.get(id)),
    attempt: guard((id, digests) => store.attempt(id, digests)),
    delete: guard((id, digest) => store.delete(id, digest)),
  }
}

/** A rate limiter whose every fault is an `OtpError`. */
export function guardRateLimiter(rateLimiter: RateLimiter): RateLimiter {
  const guard = guardWith('rate_limiter_unavailable', 'the rate limiter failed')
  return {
    take: guard((limits) => rateLimiter.take(limits)),
    refund: guard((limits, charge) => rateLimiter.refund(limits, charge)),
    clear: guard((keys, newest) => rateLimiter.clear(keys, newest)),
  }
}

function guardWith(code: OtpErrorCode, message: string) {
  return <Arguments extends unknown[], Result>(call: (...args: Arguments) => Promise<Result>) =>
    async (...args: Arguments): Promise<Result> => {
      try {
        return await call(...args)
      } catch (cause) {
        throw isOtpError(cause) ? cause : new OtpError(code, message, { cause })
      }
    }
}

/** Tells the events of a `take` that was refused, and makes the answer of it. */
export function refuse(
  core: Core,
  subject: EventSubject,
  action: 'send' | 'verify',
  limit: NamedLimit | undefined,
  retryAfterMs: number,
): RateLimited | Locked {
  const name = limit?.name ?? 'ledger'
  if (name === 'ledger') {
    core.events.emit({ ...subject, type: 'refused', action, reason: 'locked', retryAfterMs })
    return { ok: false, reason: 'locked', retryAfterMs }
  }
  const refused = { reason: 'rate_limited', limit: name, retryAfterMs } as const
  core.events.emit({ ...subject, type: 'refused', action, ...refused })
  return { ok: false, ...refused }
}

/** Gives a charge back. What fails here leaves it standing, and never changes an answer. */
export async function refundQuietly(
  core: Core,
  fingerprint: string,
  limits: readonly Limit[],
  charge: string,
): Promise<void> {
  try {
    await core.rateLimiter.refund(limits, charge)
  } catch (error) {
    core.events.emit({ type: 'fault', during: 'refund', error, fingerprint })
  }
}
