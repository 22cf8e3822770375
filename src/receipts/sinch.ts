import { encodeBase64 } from '../internal/encoding'
import { equal } from '../internal/equal'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import { field } from '../internal/providers/read'
import {
  header,
  type OutcomeTable,
  outcomeOf,
  parseJson,
  receiptReader,
  receipts,
} from '../internal/webhooks/request'
import {
  type FreshnessOptions,
  freshness,
  freshnessNames,
  hmac,
} from '../internal/webhooks/signature'
import type { ReceiptReader } from '../receipt'

const name = 'sinch'

/** Options of `sinchReceipts`. */
export interface SinchReceiptsOptions extends FreshnessOptions {
  /** The secret of the webhook's signature. */
  readonly webhookSecret: string
}

/**
 * Delivery reports of Sinch's SMS API, one for each recipient (`delivery_report: 'per_recipient'`),
 * for a delivery of your own. `messageId` is the id of the batch.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developers.sinch.com/docs/sms/api-reference/sms/webhooks}
 *
 * @example
 * ```ts
 * import { sinchReceipts } from 'otpkit/receipts/sinch'
 *
 * export const receipts = sinchReceipts({ webhookSecret: process.env.SINCH_WEBHOOK_SECRET ?? '' })
 * ```
 */
export function sinchReceipts(given: SinchReceiptsOptions): ReceiptReader {
  const options = knownOptions('sinchReceipts', given, { ...freshnessNames, webhookSecret: true })
  const sign = hmac('SHA-256', checkText('sinchReceipts', 'webhookSecret', options.webhookSecret))
  const isFresh = freshness('sinchReceipts', options)

  return receiptReader(['POST'], async (request) => {
    const signature = header(request, 'x-sinch-webhook-signature')
    const nonce = header(request, 'x-sinch-webhook-signature-nonce')
    const timestamp = header(request, 'x-sinch-webhook-signature-timestamp')
    if (signature === undefined || nonce === undefined || timestamp === undefined) return null
    const expected = encodeBase64(await sign(`${request.body}.${nonce}.${timestamp}`))
    if (!equal(expected, signature) || !isFresh(timestamp)) return null

    const report = parseJson(request.body)
    if (field(report, 'type') !== 'recipient_delivery_report_sms') return []
    return receipts(name, {
      messageId: field(report, 'batch_id'),
      reference: field(report, 'client_reference'),
      outcome: outcomeOf(statuses, field(report, 'status')),
      code: field(report, 'code'),
    })
  })
}

const statuses: OutcomeTable = {
  Queued: ['accepted'],
  Dispatched: ['sent'],
  Delivered: ['delivered'],
  Aborted: ['failed'],
  Cancelled: ['failed'],
  Rejected: ['failed'],
  Deleted: ['failed'],
  Failed: ['failed'],
  Expired: ['failed', 'unavailable'],
}
