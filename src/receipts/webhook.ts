import { deliveryErrorKinds } from '../delivery'
import { knownOptions } from '../internal/known-options'
import { priceOf } from '../internal/providers/price'
import { field } from '../internal/providers/read'
import {
  type OutcomeTable,
  outcomeOf,
  parseJson,
  receiptReader,
  receipts,
} from '../internal/webhooks/request'
import { type FreshnessOptions, freshnessNames } from '../internal/webhooks/signature'
import { decodeStandardSecret } from '../internal/webhooks/standard-secret'
import { standardSignature } from '../internal/webhooks/standard-signature'
import type { Receipt, ReceiptReader } from '../receipt'

const name = 'webhook'

/** Options of `webhookReceipts`. */
export interface WebhookReceiptsOptions extends FreshnessOptions {
  /** What signs the reports: `whsec_` and the base64 of 24 to 64 random bytes. */
  readonly secret: string
}

/**
 * Reports of your own endpoint about the messages that the delivery `webhook` handed to it, signed as
 * that delivery signs (Standard Webhooks). One of them, or a list, as JSON:
 * `{ "messageId": "…", "reference": "…", "status": "failed", "kind": "unavailable", "code": "27",
 * "price": { "amount": 0.01, "currency": "EUR" } }`, of which `messageId` and `status` are needed.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.standardwebhooks.com}
 *
 * @example
 * ```ts
 * import { webhookReceipts } from 'otpkit/receipts/webhook'
 *
 * export const receipts = webhookReceipts({ secret: process.env.WEBHOOK_SECRET ?? '' })
 * ```
 */
export function webhookReceipts(given: WebhookReceiptsOptions): ReceiptReader {
  const options = knownOptions('webhookReceipts', given, { ...freshnessNames, secret: true })
  const key = decodeStandardSecret('webhookReceipts', options.secret)
  const isAuthentic = standardSignature('webhookReceipts', key, options)

  return receiptReader(['POST'], async (request) => {
    if (!(await isAuthentic(request))) return null
    const said = parseJson(request.body)
    return (Array.isArray(said) ? said : [said]).flatMap(receiptOf)
  })
}

function receiptOf(report: unknown): readonly Receipt[] {
  const status = field(report, 'status')
  const kind = deliveryErrorKinds.find((known) => known === field(report, 'kind'))
  const price = field(report, 'price')
  return receipts(name, {
    messageId: field(report, 'messageId'),
    reference: field(report, 'reference'),
    outcome: [outcomeOf(statuses, status)[0], kind],
    code: field(report, 'code') ?? status,
    price: priceOf(field(price, 'amount'), field(price, 'currency')),
  })
}

const statuses: OutcomeTable = {
  accepted: ['accepted'],
  sent: ['sent'],
  delivered: ['delivered'],
  failed: ['failed'],
  read: ['read'],
}
