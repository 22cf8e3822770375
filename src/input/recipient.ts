import { foldEmail, maskEmail, parseEmail } from './email'
import { maskPhone, type NumberType, type PhoneRules, parsePhone } from './phone'
import { type Unusable, unusable } from './problem'

/** Somebody who can be sent a code: a normalised phone number or e-mail address. */
export interface Recipient {
  readonly kind: 'phone' | 'email'
  /** The E.164 number, or the address in lower case: what a code proves. */
  readonly identity: string
  /** Where messages go: the same, but for the case in which an address was typed. */
  readonly envelope: string
  /**
   * What every alias of this recipient shares. For limits and the failure ledger only: it may join
   * two recipients, so it proves nothing and no message goes there.
   */
  readonly abuseKey: string
  /** ISO 3166 country of a phone number. */
  readonly country?: string
  /** What kind of line a phone number is. */
  readonly numberType?: NumberType
}

// Longest input of either kind: an e-mail address of 254 characters, and room for spaces and marks.
// Looked at before anything else, so that a megabyte costs nothing.
const longestInput = 320

/**
 * Turns what a request names as its recipient into the one value that is used from then on, or says
 * why it is refused. With an `@` it is an e-mail address, without one a phone number. Never throws.
 */
export function parseRecipient(
  input: unknown,
  rules: PhoneRules,
): { readonly ok: true; readonly recipient: Recipient } | Unusable {
  if (typeof input !== 'string') return unusable('type')
  if (input.length > longestInput) return unusable('too_long')
  if (input.includes('@')) {
    const parsed = parseEmail(input)
    if (!parsed.ok) return parsed
    const { address, typed } = parsed
    const abuseKey = foldEmail(address)
    return {
      ok: true,
      recipient: { kind: 'email', identity: address, envelope: typed, abuseKey },
    }
  }
  const parsed = parsePhone(input, rules)
  if (!parsed.ok) return parsed
  const { number, country, numberType } = parsed.phone
  return {
    ok: true,
    recipient: {
      kind: 'phone',
      identity: number,
      envelope: number,
      abuseKey: number,
      country,
      numberType,
    },
  }
}

/**
 * Whether this recipient's number can take a message over the channel: `sms` needs a line that may
 * be a mobile, and every other channel takes a landline or internet line too. Whether the channel
 * carries to phones or to mailboxes is its delivery's to say (`reaches`).
 */
export function canReceive(recipient: Recipient, channel: string): boolean {
  if (recipient.kind === 'email' || channel !== 'sms') return true
  return recipient.numberType === 'mobile' || recipient.numberType === 'fixed_line_or_mobile'
}

/** For people and logs to recognise without learning it: `+91••••••••10`, `u•••@gmail.com`. */
export function maskRecipient(recipient: Recipient): string {
  return recipient.kind === 'email'
    ? maskEmail(recipient.identity)
    : maskPhone(recipient.identity, recipient.country)
}

/**
 * A phone number less its last four digits: the block it was handed out in, which traffic pumping
 * walks through. Empty for an e-mail address.
 */
export function phonePrefix(recipient: Recipient): string {
  return recipient.kind === 'phone' ? recipient.identity.slice(0, -4) : ''
}
