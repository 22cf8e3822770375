import { encodeHex } from '../internal/encoding'
import { equal } from '../internal/equal'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import { field } from '../internal/providers/read'
import { classifyWhatsappError } from '../internal/providers/whatsapp-errors'
import {
  header,
  listOf,
  type OutcomeTable,
  outcomeOf,
  parseJson,
  readQuery,
  receiptReader,
  receipts,
  single,
} from '../internal/webhooks/request'
import { hmac } from '../internal/webhooks/signature'
import type { Receipt, ReceiptReader, WebhookRequest } from '../receipt'

const name = 'whatsapp'

/** Options of `whatsappReceipts`. */
export interface WhatsappReceiptsOptions {
  /** The app secret of the Meta app, not its access token. */
  readonly appSecret: string
  /** A word of your own that you enter beside the webhook's URL in the app's settings. */
  readonly verifyToken: string
}

/** Reads WhatsApp's webhook, and answers the question that Meta asks when it is set up. */
export interface WhatsappReceiptReader extends ReceiptReader {
  /**
   * What to answer, as plain text with status 200, to the GET by which Meta checks the URL; `null`
   * for a GET that does not know the `verifyToken`: answer that with 403.
   */
  handshake(request: WebhookRequest): string | null
}

/**
 * Status webhooks of WhatsApp's Cloud API. A message to a number without WhatsApp is taken first,
 * and is `failed` here; an old or blocked one may stay `sent` for ever. Meta signs no time, so a
 * request can be replayed for ever.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developers.facebook.com/docs/graph-api/webhooks/getting-started}
 *
 * @example
 * ```ts
 * import { whatsappReceipts } from 'otpkit/receipts/whatsapp'
 *
 * export const receipts = whatsappReceipts({
 *   appSecret: process.env.WA_APP_SECRET ?? '',
 *   verifyToken: process.env.WA_VERIFY_TOKEN ?? '',
 * })
 * ```
 */
export function whatsappReceipts(given: WhatsappReceiptsOptions): WhatsappReceiptReader {
  const options = knownOptions('whatsappReceipts', given, {
    appSecret: true,
    verifyToken: true,
  })
  const sign = hmac('SHA-256', checkText('whatsappReceipts', 'appSecret', options.appSecret))
  const verifyToken = checkText('whatsappReceipts', 'verifyToken', options.verifyToken)

  const reader = receiptReader(['POST'], async (request) => {
    const signature = header(request, 'x-hub-signature-256') ?? ''
    if (!equal(`sha256=${encodeHex(await sign(request.body))}`, signature)) return null
    return listOf(field(parseJson(request.body), 'entry'))
      .flatMap((entry) => listOf(field(entry, 'changes')))
      .filter((change) => field(change, 'field') === 'messages')
      .flatMap((change) => listOf(field(field(change, 'value'), 'statuses')))
      .flatMap(receiptOf)
  })

  return {
    ...reader,
    handshake({ method, url }) {
      const query = method === 'GET' && URL.canParse(url) ? readQuery(url) : null
      if (query === null || single(query, 'hub.mode') !== 'subscribe') return null
      if (!equal(verifyToken, single(query, 'hub.verify_token') ?? '')) return null
      const answer = single(query, 'hub.challenge') ?? ''
      // It is echoed, so it must not be a page.
      return /^[\w-]{1,256}$/.test(answer) ? answer : null
    },
  }
}

function receiptOf(report: unknown): readonly Receipt[] {
  const status = field(report, 'status')
  const errorCode = field(field(field(report, 'errors'), 0), 'code')
  return receipts(name, {
    messageId: field(report, 'id'),
    reference: field(report, 'biz_opaque_callback_data'),
    outcome: [outcomeOf(statuses, status)[0], classifyWhatsappError(errorCode)?.[0]],
    code: errorCode ?? status,
  })
}

const statuses: OutcomeTable = {
  sent: ['sent'],
  delivered: ['delivered'],
  read: ['read'],
  played: ['read'],
  failed: ['failed'],
}
