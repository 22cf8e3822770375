import type { SendResult, VerifyResult } from 'otpkit'
import { invalidFields, type Refusal } from '../http/route'

type Refused = Exclude<SendResult | VerifyResult, { readonly ok: true }>

export const wrongCode: Refusal = { code: 400, message: 'Invalid or expired OTP' }

// The same code twice, by autofill and a finger: whoever was let in by the first one goes on.
export const usedCode: Refusal = {
  code: 409,
  message: 'This code was used already. Go on, or ask for a new one',
}

export function tooManyRequests(retryAfterMs: number, what = 'OTP requests'): Refusal {
  const minutes = Math.ceil(retryAfterMs / 60_000)
  const wait = minutes === 1 ? '1 minute' : `${minutes} minutes`
  return {
    code: 429,
    message: `Too many ${what}. Try again in ${wait}`,
    retryAfterSeconds: Math.ceil(retryAfterMs / 1000),
  }
}

/**
 * What the library refused, in the words of these APIs.
 *
 * @param field - The field of the request that holds the recipient.
 */
export function otpRefusal(refused: Refused, field: string): Refusal {
  const unreachable = invalidFields([{ field, message: 'Cannot be reached over this channel' }])
  switch (refused.reason) {
    case 'incorrect':
    case 'expired':
      return wrongCode
    case 'used':
      return usedCode
    case 'rate_limited':
      return tooManyRequests(refused.retryAfterMs)
    case 'locked':
      return { code: 429, message: 'Too many failed attempts. Contact support' }
    case 'undeliverable':
      return unreachable
    case 'invalid':
      // The contact was read before: what is left to be wrong with it is the channel.
      return refused.field === 'to'
        ? unreachable
        : invalidFields([{ field: refused.field, message: 'Is not valid' }])
  }
}
