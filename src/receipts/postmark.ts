import { knownOptions } from '../internal/known-options'
import { field } from '../internal/providers/read'
import {
  checkPathSecret,
  hasPathSecret,
  type OutcomeTable,
  outcomeOf,
  parseJson,
  receiptReader,
  receipts,
} from '../internal/webhooks/request'
import type { ReceiptReader } from '../receipt'

const name = 'postmark'

/** Options of `postmarkReceipts`. */
export interface PostmarkReceiptsOptions {
  /**
   * The last segment of the webhook's path: 32 or more letters, digits, `-` and `_`, at random.
   * Postmark signs nothing, so whoever knows it can say what they like about any message.
   */
  readonly pathSecret: string
}

/**
 * Webhooks of Postmark for deliveries, bounces and complaints. A complaint counts as delivered.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://postmarkapp.com/developer/webhooks/webhooks-overview}
 *
 * @example
 * ```ts
 * import { postmarkReceipts } from 'otpkit/receipts/postmark'
 *
 * export const receipts = postmarkReceipts({
 *   pathSecret: process.env.POSTMARK_WEBHOOK_SECRET ?? '',
 * })
 * ```
 */
export function postmarkReceipts(given: PostmarkReceiptsOptions): ReceiptReader {
  const options = knownOptions('postmarkReceipts', given, { pathSecret: true })
  const pathSecret = checkPathSecret('postmarkReceipts', options.pathSecret)

  return receiptReader(['POST'], async ({ url, body }) => {
    if (!hasPathSecret(url, pathSecret)) return null
    const report = parseJson(body)
    const record = field(report, 'RecordType')
    const type = field(report, 'Type')
    const outcome = record === 'Bounce' ? outcomeOf(bounces, type) : outcomeOf(records, record)
    if (record !== 'Bounce' && outcome[0] === 'unknown') return []
    return receipts(name, {
      messageId: field(report, 'MessageID'),
      reference: field(field(report, 'Metadata'), 'reference'),
      outcome,
      code: type,
    })
  })
}

const records: OutcomeTable = {
  Delivery: ['delivered'],
  SpamComplaint: ['delivered'],
}

const bounces: OutcomeTable = {
  HardBounce: ['failed', 'invalid_recipient'],
  BadEmailAddress: ['failed', 'invalid_recipient'],
  // Postmark tries again.
  Transient: ['sent'],
  SoftBounce: ['failed', 'unavailable'],
  DnsError: ['failed', 'unavailable'],
  SpamNotification: ['failed', 'content_rejected'],
  DMARCPolicy: ['failed', 'content_rejected'],
  Blocked: ['failed', 'content_rejected'],
  ManuallyDeactivated: ['failed', 'opted_out'],
  TemplateRenderingFailed: ['failed', 'misconfigured'],
  Unsubscribe: ['delivered'],
  Subscribe: ['delivered'],
  AutoResponder: ['delivered'],
  AddressChange: ['delivered'],
  SpamComplaint: ['delivered'],
}
