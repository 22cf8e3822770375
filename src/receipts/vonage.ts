import { checkClock } from '../internal/check-function'
import { encodeHex } from '../internal/encoding'
import { equal } from '../internal/equal'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import { priceOf } from '../internal/providers/price'
import { field } from '../internal/providers/read'
import { messagesRow, problemCode } from '../internal/providers/vonage-errors'
import {
  type Fields,
  header,
  type KindTable,
  kindOf,
  type OutcomeTable,
  outcomeOf,
  parseJson,
  readForm,
  readQuery,
  receiptReader,
  receipts,
  single,
} from '../internal/webhooks/request'
import {
  type FreshnessOptions,
  freshness,
  freshnessNames,
  hmac,
  sha256,
  verifyJwt,
} from '../internal/webhooks/signature'
import { wrongOption } from '../internal/wrong-option'
import type { ReceiptReader, WebhookRequest } from '../receipt'

const name = 'vonage'

/** Options of `vonageMessagesReceipts`. */
export interface VonageMessagesReceiptsOptions extends FreshnessOptions {
  /** The account's signature secret, not its API secret. */
  readonly signatureSecret: string
}

/** Options of `vonageSmsReceipts`. */
export interface VonageSmsReceiptsOptions extends VonageMessagesReceiptsOptions {
  /**
   * The account's signature method, an HMAC. Those with MD5 are not supported: choose another one
   * in Vonage's dashboard.
   *
   * @defaultValue `'SHA-256'`
   */
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-512'
}

/**
 * Delivery receipts of Vonage's SMS API, one for each segment of a message. The account must sign
 * its webhooks; without `sig` they are refused. With the method GET the webhook's own URL must have
 * no query, for Vonage signs all of it.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developer.vonage.com/en/getting-started/concepts/signing-messages}
 *
 * @example
 * ```ts
 * import { vonageSmsReceipts } from 'otpkit/receipts/vonage'
 *
 * export const receipts = vonageSmsReceipts({
 *   signatureSecret: process.env.VONAGE_SIGNATURE_SECRET ?? '',
 * })
 * ```
 */
export function vonageSmsReceipts(given: VonageSmsReceiptsOptions): ReceiptReader {
  const options = knownOptions('vonageSmsReceipts', given, {
    ...freshnessNames,
    signatureSecret: true,
    hash: true,
  })
  const { hash = 'SHA-256' } = options
  if (!['SHA-1', 'SHA-256', 'SHA-512'].includes(hash)) {
    throw wrongOption('vonageSmsReceipts', 'hash', 'must be SHA-1, SHA-256 or SHA-512')
  }
  const sign = hmac(
    hash,
    checkText('vonageSmsReceipts', 'signatureSecret', options.signatureSecret),
  )
  const isFresh = freshness('vonageSmsReceipts', options)

  return receiptReader(['POST', 'GET'], async (request) => {
    const fields = readFields(request)
    const text = fields === null ? null : signedText(fields)
    const signature = fields?.get('sig')?.[0]
    if (fields === null || text === null || signature === undefined) return null
    if (!equal(encodeHex(await sign(text)), signature.toLowerCase())) return null
    if (!isFresh(single(fields, 'timestamp'))) return null

    const status = single(fields, 'status')
    const errorCode = single(fields, 'err-code')
    const [meaning, kind] = outcomeOf(smsStatuses, status)
    return receipts(name, {
      messageId: single(fields, 'messageId'),
      reference: single(fields, 'client-ref'),
      outcome: [meaning, errorCode === '0' ? kind : kindOf(smsKinds, errorCode)],
      code: meaning === 'failed' && errorCode !== '0' ? errorCode : status,
    })
  })
}

/**
 * Status webhooks of Vonage's Messages API. The account or application must sign its webhooks.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developer.vonage.com/en/getting-started/concepts/webhooks}
 *
 * @example
 * ```ts
 * import { vonageMessagesReceipts } from 'otpkit/receipts/vonage'
 *
 * export const receipts = vonageMessagesReceipts({
 *   signatureSecret: process.env.VONAGE_SIGNATURE_SECRET ?? '',
 * })
 * ```
 */
export function vonageMessagesReceipts(given: VonageMessagesReceiptsOptions): ReceiptReader {
  const options = knownOptions('vonageMessagesReceipts', given, {
    ...freshnessNames,
    signatureSecret: true,
  })
  const sign = hmac(
    'SHA-256',
    checkText('vonageMessagesReceipts', 'signatureSecret', options.signatureSecret),
  )
  const isFresh = freshness('vonageMessagesReceipts', options)
  const clock = checkClock('vonageMessagesReceipts', options.clock) ?? Date.now

  return receiptReader(['POST'], async (request) => {
    const [, token] = /^Bearer (\S+)$/i.exec(header(request, 'authorization') ?? '') ?? []
    const claims = token === undefined ? undefined : await verifyJwt(sign, token)
    const bodyHash = field(claims, 'payload_hash')
    if (typeof bodyHash !== 'string' || !isFresh(field(claims, 'iat'))) return null
    if (!isAlive(claims, clock())) return null
    if (!equal(encodeHex(await sha256(request.body)), bodyHash.toLowerCase())) return null

    const report = parseJson(request.body)
    const status = field(report, 'status')
    const code = problemCode(field(field(report, 'error'), 'type'))
    const usage = field(report, 'usage')
    return receipts(name, {
      messageId: field(report, 'message_uuid'),
      reference: field(report, 'client_ref'),
      outcome: [outcomeOf(messagesStatuses, status)[0], messagesRow(code)?.[0]],
      code: code ?? status,
      price: priceOf(field(usage, 'price'), field(usage, 'currency')),
    })
  })
}

// What the token says of its own life holds whatever is tolerated of the time of signing (RFC 7519
// section 4.1).
function isAlive(claims: unknown, nowMs: number): boolean {
  const [until, from] = [field(claims, 'exp'), field(claims, 'nbf')]
  const hasEnded = until !== undefined && !(typeof until === 'number' && nowMs < until * 1000)
  const hasBegun = from === undefined || (typeof from === 'number' && from * 1000 <= nowMs)
  return hasBegun && !hasEnded
}

// The account decides whether its receipts are a query, a form or JSON.
function readFields({ method, url, body }: WebhookRequest): Fields | null {
  if (method === 'GET') return readQuery(url)
  if (!body.startsWith('{')) return readForm(body)
  const report = parseJson(body)
  if (typeof report !== 'object' || report === null || body.length > 65_536) return null
  const scalar = (value: unknown) => typeof value === 'string' || typeof value === 'number'
  if (!Object.values(report).every(scalar)) return null
  return new Map(Object.entries(report).map(([key, value]) => [key, [String(value)]]))
}

// Names are not escaped in it, so one with `&` in it could hide another field.
function signedText(fields: Fields): string | null {
  let text = ''
  for (const key of [...fields.keys()].sort()) {
    const value = single(fields, key)
    if (value === undefined || !/^[\w-]+$/.test(key)) return null
    if (key !== 'sig') text += `&${key}=${value.replace(/[&=]/g, '_')}`
  }
  return text
}

const smsStatuses: OutcomeTable = {
  accepted: ['accepted'],
  buffered: ['accepted'],
  delivered: ['delivered'],
  expired: ['failed', 'unavailable'],
  failed: ['failed'],
  rejected: ['failed'],
}

const messagesStatuses: OutcomeTable = {
  submitted: ['sent'],
  delivered: ['delivered'],
  rejected: ['failed'],
  undeliverable: ['failed'],
  read: ['read'],
}

const smsKinds: KindTable = {
  2: 'unavailable',
  3: 'invalid_recipient',
  4: 'opted_out',
  6: 'content_rejected',
  7: 'unavailable',
  8: 'unavailable',
  9: 'invalid_recipient',
  10: 'content_rejected',
  12: 'unavailable',
  14: 'opted_out',
  50: 'content_rejected',
  51: 'content_rejected',
  52: 'content_rejected',
  53: 'opted_out',
  54: 'content_rejected',
}
