import type { RedeemResult, SendResult, VerifyResult } from 'otpkit'
import { invalidFields, type Refusal, tooManyRequests, wrongCode } from './answer'

type Refused = Exclude<SendResult | VerifyResult | RedeemResult, { readonly ok: true }>
type Invalid = Extract<Refused, { readonly reason: 'invalid' }>

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
      return invalidFields([{ field: 'contact', message: 'Cannot be reached over this channel' }])
    case 'invalid':
      return invalidFields([
        { field: apiFields[refused.field] ?? refused.field, message: messageOf(refused) },
      ])
  }
}

const apiFields: Readonly<Record<string, string>> = {
  to: 'contact',
  code: 'otp',
  channel: 'contact_type',
}

function messageOf({ field, problem }: Invalid): string {
  if (problem === 'country') return 'Is in a country that is not served'
  if (problem === 'number_type') return 'Is not a number that can receive codes'
  if (problem === 'domain') return 'Is at a domain that cannot receive mail'
  return field === 'to' ? 'Is not a phone number or e-mail address that is served' : 'Is not valid'
}
