/**
 * What messages cost, in one currency: for caps (option `spend`) and for pages that show what was
 * spent. Look them up in your contract or your provider's price list; nothing is fetched.
 *
 * @example
 * ```ts
 * import type { Prices } from 'otpkit'
 *
 * export const prices: Prices = {
 *   currency: 'EUR',
 *   perMessage: {
 *     sms: { DE: 0.075, FR: 0.06, others: 0.12 },
 *     twilio: { DE: 0.082, others: 0.15 },
 *     email: 0.0001,
 *   },
 * }
 * ```
 */
export interface Prices {
  /** ISO 4217 code, such as `EUR`. */
  readonly currency: string
  /**
   * The price of one message by the channel that it goes over (`sms`), or by the provider that carries
   * it (`twilio`), which goes first. An SMS is billed by the segment, a call here as a whole.
   */
  readonly perMessage: Readonly<Record<string, MessagePrice>>
}

/** One price everywhere; or by ISO 3166 country, and for all others. */
export type MessagePrice = number | Readonly<Record<string, number>>

/** What a price is looked up by. */
export interface Priced {
  readonly channel: string
  readonly provider?: string | undefined
  /** Of a phone number. */
  readonly country?: string | undefined
}

/**
 * The price of one message or segment, in the table's currency: the provider's own, else the
 * channel's; `undefined` where the table has none.
 */
export function priceOf(
  { perMessage }: Prices,
  { channel, provider = '', country = '' }: Priced,
): number | undefined {
  return (
    priceIn(ownValue(perMessage, provider), country) ??
    priceIn(ownValue(perMessage, channel), country)
  )
}

function priceIn(price: MessagePrice | undefined, country: string): number | undefined {
  if (price === undefined || typeof price === 'number') return price
  return ownValue(price, country) ?? ownValue(price, 'others')
}

// A provider may be named as `constructor` is, and a country must not be read off a prototype.
function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
