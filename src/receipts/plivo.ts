import { encodeBase64 } from '../internal/encoding'
import { equal } from '../internal/equal'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import {
  type Fields,
  header,
  type KindTable,
  kindOf,
  type OutcomeTable,
  outcomeOf,
  readForm,
  readQuery,
  receiptReader,
  receipts,
  single,
} from '../internal/webhooks/request'
import { hmac } from '../internal/webhooks/signature'
import type { ReceiptReader, WebhookRequest } from '../receipt'

const name = 'plivo'

/** Options of `plivoReceipts`. */
export interface PlivoReceiptsOptions {
  /** The auth token of the account that sends, or of its main account. */
  readonly authToken: string
  /**
   * Takes requests that have only Plivo's older signature (V2). It covers neither body nor query:
   * whoever has seen one such request can say what they like about any message. Set `false` once
   * you see that your account's reports carry V3.
   *
   * @defaultValue true
   */
  readonly acceptV2?: boolean
}

/**
 * Message callbacks of Plivo, one for each segment of a message. Plivo signs no time, so a request
 * can be replayed for ever.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.plivo.com/docs/messaging/concepts/signature-validation}
 *
 * @example
 * ```ts
 * import { plivoReceipts } from 'otpkit/receipts/plivo'
 *
 * export const receipts = plivoReceipts({ authToken: process.env.PLIVO_AUTH_TOKEN ?? '' })
 * ```
 */
export function plivoReceipts(given: PlivoReceiptsOptions): ReceiptReader {
  const options = knownOptions('plivoReceipts', given, { authToken: true, acceptV2: true })
  const sign = hmac('SHA-256', checkText('plivoReceipts', 'authToken', options.authToken))
  const { acceptV2 = true } = options

  return receiptReader(['POST', 'GET'], async (request) => {
    const { method, url, body } = request
    const query = readQuery(url)
    const form = readForm(method === 'POST' ? body : '')
    if (query === null || form === null) return null

    const isV3 = signatures(request, 'v3').length > 0
    const version = isV3 ? 'v3' : 'v2'
    const nonce = header(request, `x-plivo-signature-${version}-nonce`)
    if (nonce === undefined || !(isV3 || acceptV2)) return null
    const text = isV3 ? `${signedText(url, query, form)}.${nonce}` : bare(url) + nonce
    const expected = encodeBase64(await sign(text))
    if (!signatures(request, version).some((signature) => equal(expected, signature))) return null

    const fields = method === 'POST' ? form : query
    const status = single(fields, 'Status')
    const errorCode = single(fields, 'ErrorCode')
    const [meaning] = outcomeOf(statuses, status)
    return receipts(name, {
      // The id of the whole message, which each of its segments names beside its own.
      messageId: single(fields, 'ParentMessageUUID') ?? single(fields, 'MessageUUID'),
      // Plivo returns none: the delivery has put it into the URL, whose query V2 does not sign.
      reference: isV3 ? single(query, 'reference') : undefined,
      outcome: [meaning, kindOf(kinds, errorCode)],
      code: meaning === 'failed' && errorCode !== '000' ? errorCode : status,
    })
  })
}

// A subaccount's request is signed by its main account too, and a header can hold several.
function signatures(request: WebhookRequest, version: 'v2' | 'v3'): string[] {
  return [`x-plivo-signature-${version}`, `x-plivo-signature-ma-${version}`].flatMap(
    (headerName) => header(request, headerName)?.split(/\s*,\s*/) ?? [],
  )
}

function bare(url: string): string {
  return url.replace(/[?#].*$/s, '')
}

function signedText(url: string, query: Fields, form: Fields): string {
  const queryText = pairs(query, '=').join('&')
  const formText = pairs(form, '').join('')
  const mark = queryText !== '' || formText !== '' ? '?' : ''
  const dot = queryText !== '' && formText !== '' ? '.' : ''
  return bare(url) + mark + queryText + dot + formText
}

function pairs(fields: Fields, between: string): string[] {
  return [...fields.keys()]
    .sort()
    .flatMap((key) => [...(fields.get(key) ?? [])].sort().map((value) => key + between + value))
}

const statuses: OutcomeTable = {
  queued: ['accepted'],
  sent: ['sent'],
  delivered: ['delivered'],
  undelivered: ['failed'],
  failed: ['failed'],
  read: ['read'],
}

const kinds: KindTable = {
  10: 'content_rejected',
  20: 'unavailable',
  30: 'content_rejected',
  40: 'misconfigured',
  50: 'invalid_recipient',
  70: 'invalid_recipient',
  80: 'unavailable',
  90: 'unavailable',
  100: 'content_rejected',
  110: 'content_rejected',
  200: 'opted_out',
  201: 'misconfigured',
  300: 'unavailable',
  420: 'unavailable',
  900: 'insufficient_funds',
}
