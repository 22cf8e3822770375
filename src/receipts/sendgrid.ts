import type { DeliveryErrorKind } from '../delivery'
import { knownOptions } from '../internal/known-options'
import { field } from '../internal/providers/read'
import { ecdsaVerifier } from '../internal/webhooks/ecdsa'
import {
  header,
  listOf,
  type OutcomeTable,
  outcomeOf,
  parseJson,
  receiptReader,
  receipts,
} from '../internal/webhooks/request'
import { type FreshnessOptions, freshness, freshnessNames } from '../internal/webhooks/signature'
import type { Receipt, ReceiptReader } from '../receipt'

const name = 'sendgrid'

/** Options of `sendgridReceipts`. */
export interface SendgridReceiptsOptions extends FreshnessOptions {
  /** The verification key that SendGrid shows with the signed event webhook: base64. */
  readonly publicKey: string
}

/**
 * SendGrid's signed event webhook. Opens, clicks and complaints are left out.
 *
 * @throws `TypeError` at construction for a missing or malformed option; at the first request for a
 * key that is none.
 * @see {@link https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features}
 *
 * @example
 * ```ts
 * import { sendgridReceipts } from 'otpkit/receipts/sendgrid'
 *
 * export const receipts = sendgridReceipts({
 *   publicKey:
 *     'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==',
 * })
 * ```
 */
export function sendgridReceipts(given: SendgridReceiptsOptions): ReceiptReader {
  const options = knownOptions('sendgridReceipts', given, { ...freshnessNames, publicKey: true })
  const verify = ecdsaVerifier('sendgridReceipts', 'publicKey', options.publicKey)
  const isFresh = freshness('sendgridReceipts', options)

  return receiptReader(['POST'], async (request) => {
    const timestamp = header(request, 'x-twilio-email-event-webhook-timestamp')
    const signature = header(request, 'x-twilio-email-event-webhook-signature')
    if (timestamp === undefined || signature === undefined || !isFresh(timestamp)) return null
    if (!(await verify(timestamp + request.body, signature))) return null
    return listOf(parseJson(request.body)).flatMap(receiptOf)
  })
}

function receiptOf(event: unknown): readonly Receipt[] {
  const [status, kind] = outcomeOf(events, field(event, 'event'))
  if (status === 'unknown') return []
  const id = field(event, 'sg_message_id')
  const code = field(event, 'status')
  return receipts(name, {
    // What follows names the server and the recipient's copy; the API's answer had it not.
    messageId: typeof id === 'string' ? id.replace(/\.(filter|recvd).*$/, '') : id,
    reference: field(event, 'reference'),
    outcome: [status, dropKind(event) ?? kind ?? bounceKind(code)],
    code,
  })
}

// What SendGrid drops for the operator's sake, and not for the address.
function dropKind(event: unknown): DeliveryErrorKind | undefined {
  const reason = String(field(event, 'reason') ?? '')
  return field(event, 'event') === 'dropped'
    ? dropReasons.find(([pattern]) => pattern.test(reason))?.[1]
    : undefined
}

const dropReasons: readonly (readonly [RegExp, DeliveryErrorKind])[] = [
  [/package quota/i, 'insufficient_funds'],
  [/spam content/i, 'content_rejected'],
  [/smtpapi header/i, 'misconfigured'],
]

// Enhanced status codes (RFC 3463).
function bounceKind(code: unknown): DeliveryErrorKind {
  if (typeof code !== 'string') return 'unknown'
  if (code.startsWith('4.') || code === '5.2.2') return 'unavailable'
  if (code.startsWith('5.7.')) return 'content_rejected'
  return /^5\.1\.|^5\.2\.1$/.test(code) ? 'invalid_recipient' : 'unknown'
}

const events: OutcomeTable = {
  processed: ['accepted'],
  deferred: ['sent'],
  delivered: ['delivered'],
  bounce: ['failed'],
  // On a list of addresses that bounced, complained or unsubscribed before, for the most part.
  dropped: ['failed', 'opted_out'],
}
