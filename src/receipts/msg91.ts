import { knownOptions } from '../internal/known-options'
import { field } from '../internal/providers/read'
import {
  checkPathSecret,
  hasPathSecret,
  listOf,
  type OutcomeTable,
  outcomeOf,
  parseJson,
  readForm,
  receiptReader,
  receipts,
  single,
} from '../internal/webhooks/request'
import type { Receipt, ReceiptReader } from '../receipt'

const name = 'msg91'

/** Options of `msg91Receipts`. */
export interface Msg91ReceiptsOptions {
  /**
   * The last segment of the webhook's path: 32 or more letters, digits, `-` and `_`, at random.
   * MSG91 signs nothing, so whoever knows it can say what they like about any message.
   */
  readonly pathSecret: string
}

/**
 * Delivery reports of MSG91, in its formats v2 (a form) and v3 (JSON).
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://msg91.com/help/webhooks}
 *
 * @example
 * ```ts
 * import { msg91Receipts } from 'otpkit/receipts/msg91'
 *
 * export const receipts = msg91Receipts({ pathSecret: process.env.MSG91_WEBHOOK_SECRET ?? '' })
 * ```
 */
export function msg91Receipts(given: Msg91ReceiptsOptions): ReceiptReader {
  const options = knownOptions('msg91Receipts', given, { pathSecret: true })
  const pathSecret = checkPathSecret('msg91Receipts', options.pathSecret)

  return receiptReader(['POST'], async ({ url, body }) => {
    if (!hasPathSecret(url, pathSecret)) return null
    if (body.startsWith('{')) {
      const report = parseJson(body)
      return receiptOf(field(report, 'requestId'), report)
    }
    const form = readForm(body)
    const batches = form === null ? [] : listOf(parseJson(single(form, 'data') ?? ''))
    return batches.flatMap((batch) =>
      listOf(field(batch, 'report')).flatMap((report) =>
        receiptOf(field(batch, 'requestId'), report),
      ),
    )
  })
}

function receiptOf(messageId: unknown, report: unknown): readonly Receipt[] {
  const status = field(report, 'status')
  return receipts(name, { messageId, outcome: outcomeOf(statuses, status), code: status })
}

const statuses: OutcomeTable = {
  1: ['delivered'],
  2: ['failed', 'unavailable'],
  // On the register of numbers that want no advertising (NDNC).
  9: ['failed', 'opted_out'],
  16: ['failed', 'content_rejected'],
  17: ['failed', 'opted_out'],
  25: ['failed', 'content_rejected'],
}
