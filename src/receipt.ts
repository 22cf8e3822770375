import type { DeliveryErrorKind, Price } from './delivery'

/**
 * What a provider later reports about a message. It is advice about the message only: an authentic
 * receipt, `read` included, never proves who the recipient is and never stands in for a code.
 *
 * It holds no phone number and no address. WhatsApp's ids contain the number in base64, so keep
 * them as you keep numbers.
 */
export interface Receipt {
  /** The provider's name, as in the `Accepted` of the message. */
  readonly provider: string
  /** The provider's id of the message, as in its `Accepted`. */
  readonly messageId: string
  /** The message's `reference`, from providers that return it: found even if the answer was lost. */
  readonly reference?: string
  readonly status: ReceiptStatus
  /** Why it failed; there whenever `status` is `failed`. */
  readonly kind?: DeliveryErrorKind
  /** The provider's own code of a failure, or its own word for a status not known here. */
  readonly providerCode?: string
  /** What the provider says that it took for the message, or for the segment that this is about. */
  readonly price?: Price
}

/**
 * How far a message has come:
 *
 * - `unknown`: the provider says something that is not known here.
 * - `accepted`: the provider has it and has not passed it on.
 * - `sent`: it is on its way.
 * - `delivered`: the phone or the mail server has it, or somebody or something took the call.
 * - `failed`: it will not arrive; `kind` says why.
 * - `read`: it was shown to somebody.
 */
export type ReceiptStatus = 'unknown' | 'accepted' | 'sent' | 'delivered' | 'failed' | 'read'

/** A request of a provider's, as it came. */
export interface WebhookRequest {
  /** `POST` or `GET`. */
  readonly method: string
  /**
   * The absolute URL that the provider asked for, with the query exactly as it came. Some
   * signatures cover it, so behind a proxy its origin is configuration and not the `Host` header.
   */
  readonly url: string
  /** The request's headers, names in any case: Node's object or a `Headers`. */
  readonly headers:
    | Pick<Headers, 'get'>
    | Readonly<Record<string, string | readonly string[] | undefined>>
  /** The raw text of the body, empty if there is none. Parsed and written again it is another. */
  readonly body: string
}

/** Reads the webhook of one provider. */
export interface ReceiptReader {
  /**
   * The receipts in a request, or `null` for one that the provider did not make, or not lately:
   * answer that with 403. An authentic request about something else gives an empty list.
   *
   * Every request can come twice, late, and after its successor: see `furtherStatus`.
   *
   * @throws `TypeError` for a body that is not text and a URL that is not absolute, which a request
   * cannot cause.
   */
  parse(request: WebhookRequest): Promise<readonly Receipt[] | null>
  /**
   * Of providers that ask by GET whether the address is ours: the plain text to answer with status
   * 200, or `null` for a GET that is no such question, or does not know the word agreed on.
   */
  handshake?(request: WebhookRequest): string | null
}

// Later ones say more.
const inOrder: readonly ReceiptStatus[] = [
  'unknown',
  'accepted',
  'sent',
  'delivered',
  'failed',
  'read',
]

/**
 * What is known about a message after another receipt. Statuses have one order and the furthest
 * wins, so receipts that come twice, late or in another order change nothing.
 *
 * @example
 * ```ts
 * import { furtherStatus } from 'otpkit'
 *
 * furtherStatus(undefined, 'sent') // 'sent'
 * furtherStatus('delivered', 'sent') // 'delivered'
 * furtherStatus('delivered', 'failed') // 'failed': a mail that bounced, a segment that was lost
 * ```
 */
export function furtherStatus(
  known: ReceiptStatus | undefined,
  reported: ReceiptStatus,
): ReceiptStatus {
  if (known === undefined) return reported
  return inOrder.indexOf(reported) > inOrder.indexOf(known) ? reported : known
}
