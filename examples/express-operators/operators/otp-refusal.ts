import type { RedeemResult, SendResult, VerifyResult } from 'otpkit'
import { invalidFields, type Refusal, tooManyRequests, wrongCode } from './answer'

type Refused = Exclude<SendResult | VerifyResult | RedeemResult, { readonly ok: true }>

const unreachable = invalidFields([
  { field: 'contact', message: 'Cannot be reached over this channel' },
])

/** What the library refused, in the words of this API. */
export function otpRefusal(refused: Refused): Refusal {
  switch (refused.reason) {
    case 'incorrect':
    case 'expired':
      return wrongCode
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
