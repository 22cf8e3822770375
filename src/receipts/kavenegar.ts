import { knownOptions } from '../internal/known-options'
import {
  checkPathSecret,
  hasPathSecret,
  type OutcomeTable,
  outcomeOf,
  readForm,
  readQuery,
  receiptReader,
  receipts,
  single,
} from '../internal/webhooks/request'
import type { ReceiptReader } from '../receipt'

const name = 'kavenegar'

/** Options of `kavenegarReceipts`. */
export interface KavenegarReceiptsOptions {
  /**
   * The last segment of the webhook's path: 32 or more letters, digits, `-` and `_`, at random.
   * Kavenegar signs nothing, so whoever knows it can say what they like about any message.
   */
  readonly pathSecret: string
}

/**
 * Status reports of Kavenegar, which come to a URL that its panel holds for each line, as a form or
 * in the query.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://kavenegar.com/rest.html}
 *
 * @example
 * ```ts
 * import { kavenegarReceipts } from 'otpkit/receipts/kavenegar'
 *
 * export const receipts = kavenegarReceipts({
 *   pathSecret: process.env.KAVENEGAR_WEBHOOK_SECRET ?? '',
 * })
 * ```
 */
export function kavenegarReceipts(given: KavenegarReceiptsOptions): ReceiptReader {
  const options = knownOptions('kavenegarReceipts', given, { pathSecret: true })
  const pathSecret = checkPathSecret('kavenegarReceipts', options.pathSecret)

  return receiptReader(['POST', 'GET'], async ({ method, url, body }) => {
    if (!hasPathSecret(url, pathSecret)) return null
    const fields = method === 'GET' ? readQuery(url) : readForm(body)
    if (fields === null) return []
    const status = single(fields, 'status')
    return receipts(name, {
      messageId: single(fields, 'messageid'),
      outcome: outcomeOf(statuses, status),
      code: status,
    })
  })
}

const statuses: OutcomeTable = {
  1: ['accepted'],
  2: ['accepted'],
  4: ['sent'],
  5: ['sent'],
  6: ['failed'],
  10: ['delivered'],
  11: ['failed', 'unavailable'],
  13: ['failed'],
  // The recipient refuses lines that carry advertising.
  14: ['failed', 'opted_out'],
}
