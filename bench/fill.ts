import type { OtpPlaces, RateLimiter } from 'otpkit'
import { otpkitWays } from './ways'

/** A limiter that always has room and keeps nothing. */
export const noLimits: RateLimiter = {
  take: async (limits) => ({ ok: true, charge: '', used: limits.map(() => 0), retryAfterMs: 0 }),
  refund: async () => {},
  clear: async () => {},
}

/** Sends so many codes, each to a recipient of its own, and from an address of its own unless they share some. */
export async function fill(sends: number, places: OtpPlaces, addresses?: number) {
  const { send } = otpkitWays('otpkit', places, addresses)
  let next = 0
  const worker = async () => {
    while (next < sends) {
      next += 1
      await send(next - 1)
    }
  }
  await Promise.all(Array.from({ length: 64 }, worker))
}
