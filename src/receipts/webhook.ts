import { deliveryErrorKinds } from '../delivery'
import { encodeBase64 } from '../internal/encoding'
import { equal } from '../internal/equal'
import { knownOptions } from '../internal/known-options'
import { priceOf } from '../internal/providers/price'
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
import { decodeStandardSecret } from '../internal/webhooks/standard-secret'
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
  const sign = hmac('SHA-256', decodeStandardSecret('webhookReceipts', options.secret))
  const isFresh = freshness('webhookReceipts', options)

  return receiptReader(['POST'], async (request) => {
    const id = header(request, 'webhook-id')
    const timestamp = header(request, 'webhook-timestamp')
    // While a secret is being replaced, there is a signature under each of the two.
    const signatures = header(request, 'webhook-signature')?.split(' ') ?? []
    if (id === undefined || timestamp === undefined) return null
    const expected = `v1,${encodeBase64(await sign(`${id}.${timestamp}.${request.body}`))}`
    if (!signatures.some((signature) => equal(expected, signature))) return null
    if (!isFresh(timestamp)) return null

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
