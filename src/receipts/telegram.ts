import { encodeHex } from '../internal/encoding'
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
  sha256,
} from '../internal/webhooks/signature'
import type { ReceiptReader } from '../receipt'

const name = 'telegram'

/** Options of `telegramReceipts`. */
export interface TelegramReceiptsOptions extends FreshnessOptions {
  /** The API token of the Gateway account that sends. */
  readonly accessToken: string
}

/**
 * Reports of Telegram's Gateway.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://core.telegram.org/gateway/api#report-delivery}
 *
 * @example
 * ```ts
 * import { telegramReceipts } from 'otpkit/receipts/telegram'
 *
 * export const receipts = telegramReceipts({
 *   accessToken: process.env.TELEGRAM_GATEWAY_TOKEN ?? '',
 * })
 * ```
 */
export function telegramReceipts(given: TelegramReceiptsOptions): ReceiptReader {
  const options = knownOptions('telegramReceipts', given, { ...freshnessNames, accessToken: true })
  const accessToken = checkText('telegramReceipts', 'accessToken', options.accessToken)
  const isFresh = freshness('telegramReceipts', options)

  return receiptReader(['POST'], async (request) => {
    const timestamp = header(request, 'x-request-timestamp')
    const signature = header(request, 'x-request-signature')
    if (timestamp === undefined || signature === undefined) return null
    const sign = hmac('SHA-256', await sha256(accessToken))
    if (!equal(encodeHex(await sign(`${timestamp}\n${request.body}`)), signature)) return null
    if (!isFresh(timestamp)) return null

    const report = parseJson(request.body)
    const status = field(field(report, 'delivery_status'), 'status')
    return receipts(name, {
      messageId: field(report, 'request_id'),
      reference: field(report, 'payload'),
      outcome: outcomeOf(statuses, status),
      code: status,
    })
  })
}

const statuses: OutcomeTable = {
  sent: ['sent'],
  delivered: ['delivered'],
  read: ['read'],
  expired: ['failed', 'unavailable'],
  // Withdrawn by the account itself.
  revoked: ['failed'],
}
