/**
 * What carries a message. Combinators such as `fallback` are deliveries too.
 *
 * A delivery that knows that nothing was sent, or that cannot tell, throws a `DeliveryError`, whose
 * `sent` says which; anything else it throws counts as an unknown outcome. It resolves only on
 * positive proof that the provider took the message.
 */
export interface Delivery {
  /** The provider's name in results, receipts and events, such as `twilio`. */
  readonly name: string
  /** The kinds of recipient it can carry a message to. */
  readonly reaches: readonly ('phone' | 'email')[]
  /** Hands the message to the provider. */
  deliver(message: OtpMessage, options?: DeliverOptions): Promise<Accepted>
}

/** What goes along with a message. */
export interface DeliverOptions {
  /** Ends a call that has become pointless. */
  readonly signal?: AbortSignal
  /** Hears of each error after which a route tries another delivery; the last one is thrown. */
  readonly onFailure?: (error: unknown) => void
  /**
   * Surrounds the call of a delivery, as a span does, and gives what it gives. A route that tries one
   * delivery after another surrounds each of them.
   */
  readonly around?: (delivery: Delivery, call: () => Promise<Accepted>) => Promise<Accepted>
}

/**
 * One message, rendered by the core. It carries the code, so it must never be logged: turned into
 * JSON or inspected by Node it prints its public fields only.
 */
export interface OtpMessage {
  /** An E.164 number or an e-mail address, normalised. */
  readonly to: string
  /** ISO 3166 country of a phone number. */
  readonly country?: string
  /** The channel it goes over: a key of `deliveries`. */
  readonly channel: string
  /**
   * What the person types. Missing only where `relay` was handed a text without it: then the text is
   * all there is, and a template of the provider's cannot be filled in.
   */
  readonly code?: string
  readonly purpose: string
  /** BCP 47 tag of the text. */
  readonly locale: string
  readonly appName: string
  /** How long the code stays good, in milliseconds: what is left of its life. */
  readonly expiresInMs: number
  /** Random and unique per message, for the provider's own reference field. */
  readonly reference: string
  readonly content: MessageContent
}

/** A message that says its code, as the templates of providers need it. */
export type CodedMessage = OtpMessage & { readonly code: string }

/** The text of a message, for the delivery to use as its channel needs. */
export interface MessageContent {
  /** Plain text: the whole of an SMS, the text part of a mail. */
  readonly text: string
  /** Subject line of a mail. */
  readonly subject?: string
  /** HTML part of a mail. */
  readonly html?: string
  /** What a voice call says, without markup. */
  readonly spoken?: string
}

/** The provider's word that it took the message. */
export interface Accepted {
  readonly provider: string
  /** The provider's id of the message, to match its later reports. */
  readonly messageId?: string
  /**
   * Every id of the message, `messageId` first, where each of its segments has one of its own and is
   * reported by it.
   */
  readonly messageIds?: readonly string[]
  /** SMS segments billed, where the provider says so. */
  readonly segments?: number
  /** What the provider says that it takes for the whole message. */
  readonly price?: Price
}

/** What a message costs. Amounts of different currencies never add up. */
export interface Price {
  readonly amount: number
  /** ISO 4217 code, such as `USD`. */
  readonly currency: string
}

/** Every `DeliveryErrorKind`, for what must tell one from any other text. */
export const deliveryErrorKinds = [
  'invalid_recipient',
  'opted_out',
  'fraud_blocked',
  'content_rejected',
  'misconfigured',
  'insufficient_funds',
  'rate_limited',
  'unavailable',
  'unknown',
] as const

/**
 * Why a provider did not take a message.
 *
 * The person's fault: `invalid_recipient`, `opted_out`. The provider protects itself or the person:
 * `fraud_blocked`, `rate_limited`. The operator's to mend: `content_rejected`, `misconfigured`,
 * `insufficient_funds`. Nobody's: `unavailable`, `unknown`.
 */
export type DeliveryErrorKind = (typeof deliveryErrorKinds)[number]
