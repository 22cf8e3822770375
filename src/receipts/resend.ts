import type { DeliveryErrorKind } from '../delivery'
import { decodeBase64 } from '../internal/encoding'
import { knownOptions } from '../internal/known-options'
import { field } from '../internal/providers/read'
import {
  type KindTable,
  kindOf,
  type OutcomeTable,
  outcomeOf,
  parseJson,
  receiptReader,
  receipts,
} from '../internal/webhooks/request'
import { type FreshnessOptions, freshnessNames } from '../internal/webhooks/signature'
import { standardSignature } from '../internal/webhooks/standard-signature'
import { wrongOption } from '../internal/wrong-option'
import type { ReceiptReader } from '../receipt'

const name = 'resend'

/** Options of `resendReceipts`. */
export interface ResendReceiptsOptions extends FreshnessOptions {
  /** The webhook's signing secret, `whsec_…`. */
  readonly signingSecret: string
}

/**
 * Webhooks of Resend, signed as Standard Webhooks say. A complaint counts as delivered; opens and
 * clicks are left out, for machines open and click too.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://resend.com/docs/webhooks/verify-webhooks-requests}
 *
 * @example
 * ```ts
 * import { resendReceipts } from 'otpkit/receipts/resend'
 *
 * export const receipts = resendReceipts({
 *   signingSecret: process.env.RESEND_WEBHOOK_SECRET ?? '',
 * })
 * ```
 */
export function resendReceipts(given: ResendReceiptsOptions): ReceiptReader {
  const options = knownOptions('resendReceipts', given, { ...freshnessNames, signingSecret: true })
  const key = decodeSecret(options.signingSecret)
  const isAuthentic = standardSignature('resendReceipts', key, options, 'svix')

  return receiptReader(['POST'], async (request) => {
    if (!(await isAuthentic(request))) return null
    const event = parseJson(request.body)
    const data = field(event, 'data')
    const [status, kind] = outcomeOf(events, field(event, 'type'))
    const bounce = field(data, 'bounce')
    if (status === 'unknown') return []
    return receipts(name, {
      messageId: field(data, 'email_id'),
      outcome: [status, kind ?? bounceKind(bounce)],
      code:
        field(bounce, 'subType') ??
        field(field(data, 'failed'), 'reason') ??
        field(field(data, 'suppressed'), 'type'),
    })
  })
}

function decodeSecret(secret: unknown): Uint8Array {
  const text = typeof secret === 'string' && secret.startsWith('whsec_') ? secret.slice(6) : ''
  const bytes = decodeBase64(text)
  if (bytes === null || bytes.length === 0) {
    throw wrongOption('resendReceipts', 'signingSecret', 'must be whsec_ and base64')
  }
  return bytes
}

function bounceKind(bounce: unknown): DeliveryErrorKind {
  const kind = kindOf(bounces, field(bounce, 'subType'))
  return kind === 'unknown' ? kindOf(bounces, field(bounce, 'type')) : kind
}

const events: OutcomeTable = {
  'email.scheduled': ['accepted'],
  'email.sent': ['sent'],
  'email.delivery_delayed': ['sent'],
  'email.delivered': ['delivered'],
  'email.complained': ['delivered'],
  'email.bounced': ['failed'],
  'email.failed': ['failed'],
  // On the account's list of addresses that bounced or complained before.
  'email.suppressed': ['failed', 'opted_out'],
}

const bounces: KindTable = {
  Suppressed: 'opted_out',
  MessageRejected: 'content_rejected',
  Permanent: 'invalid_recipient',
  Transient: 'unavailable',
  Temporary: 'unavailable',
}
