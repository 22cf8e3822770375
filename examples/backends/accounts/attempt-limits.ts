import { createHmac } from 'node:crypto'
import { ipBucket, type Limit, OtpError, type RateLimiter } from 'otpkit'
import type { Refusal } from '../http/route'
import { tooManyRequests } from './otp-refusal'

const minuteMs = 60_000

/** What is tried too often by somebody who guesses, with how often it may be. */
const limits = {
  login: {
    subject: { max: 10, windowMs: 15 * minuteMs },
    ip: { max: 30, windowMs: 15 * minuteMs },
  },
  registration: {
    subject: { max: 10, windowMs: 60 * minuteMs },
    ip: { max: 30, windowMs: 60 * minuteMs },
  },
} as const

export type Attempt = keyof typeof limits

export type AttemptLimits = ReturnType<typeof createAttemptLimits>

/**
 * Limits on what is no code of the library: passwords and registrations. Each attempt is charged
 * before anything is compared; a right one takes back its own charge and no other, so that a login
 * never wipes out what somebody else guessed.
 */
export function createAttemptLimits(rateLimiter: RateLimiter, secret: string) {
  // Nothing personal is a key, and none of them is one of the library's own.
  const keyOf = (...fields: readonly string[]) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['attempts', ...fields]))
      .digest('base64url')

  return async (
    attempt: Attempt,
    subject: string,
    ip: string | null,
  ): Promise<
    | { readonly ok: true; succeeded(): Promise<void> }
    | { readonly ok: false; readonly refusal: Refusal }
  > => {
    const charged: readonly Limit[] = [
      { key: keyOf(attempt, 'subject', subject), ...limits[attempt].subject },
      { key: keyOf(attempt, 'ip', bucketOf(ip)), ...limits[attempt].ip },
    ]
    const keys = charged.map(({ key }) => key)
    const taken = await rateLimiter.take(charged).catch((cause: unknown) => {
      throw new OtpError('rate_limiter_unavailable', 'the limits on attempts failed', { cause })
    })
    if (!taken.ok) return { ok: false, refusal: tooManyRequests(taken.retryAfterMs, 'attempts') }
    // A charge that stands is a nuisance. A right password that fails for it would be worse.
    const succeeded = () => rateLimiter.refund(keys, taken.charge).catch(() => {})
    return { ok: true, succeeded }
  }
}

/** As the library counts addresses: whoever has one of IPv6 has a whole /64 of them. */
function bucketOf(ip: string | null): string {
  const read = ipBucket(ip)
  return read.ok ? read.bucket : 'unknown'
}
