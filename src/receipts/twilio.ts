import { encodeBase64, encodeHex } from '../internal/encoding'
import { equal } from '../internal/equal'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import { classify } from '../internal/providers/classify'
import { twilioErrors } from '../internal/providers/twilio-errors'
import {
  type Fields,
  header,
  type OutcomeTable,
  outcomeOf,
  readForm,
  readQuery,
  receiptReader,
  receipts,
  single,
} from '../internal/webhooks/request'
import { hmac, sha256 } from '../internal/webhooks/signature'
import type { ReceiptReader } from '../receipt'

const name = 'twilio'

/** Options of `twilioReceipts`. */
export interface TwilioReceiptsOptions {
  /** The account's primary auth token, which signs even where an API key sends. */
  readonly authToken: string
}

/**
 * Status callbacks of Twilio's messages (SMS, WhatsApp) and calls. A call that is `delivered` was
 * picked up, perhaps by a mailbox. Twilio signs no time, so a request can be replayed for ever.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.twilio.com/docs/usage/webhooks/webhooks-security}
 *
 * @example
 * ```ts
 * import { twilioReceipts } from 'otpkit/receipts/twilio'
 *
 * export const receipts = twilioReceipts({ authToken: process.env.TWILIO_AUTH_TOKEN ?? '' })
 * ```
 */
export function twilioReceipts(given: TwilioReceiptsOptions): ReceiptReader {
  const options = knownOptions('twilioReceipts', given, { authToken: true })
  const sign = hmac('SHA-1', checkText('twilioReceipts', 'authToken', options.authToken))

  return receiptReader(['POST'], async (request) => {
    const { url, body } = request
    const signature = header(request, 'x-twilio-signature')
    const query: Fields = readQuery(url) ?? new Map()
    const bodyHash = single(query, 'bodySHA256')
    // Twilio's JSON is signed by its hash in the URL; its messages and calls report in forms.
    const fields = readForm(bodyHash === undefined ? body : '')
    if (signature === undefined || fields === null) return null
    if (bodyHash !== undefined && !equal(encodeHex(await sha256(body)), bodyHash)) return null

    const signed = spellings(url).map((spelling) => sign(spelling + concatenate(fields)))
    const expected = (await Promise.all(signed)).map(encodeBase64)
    if (!expected.some((candidate) => equal(candidate, signature))) return null

    const status = single(fields, 'MessageStatus') ?? single(fields, 'CallStatus')
    const errorCode = single(fields, 'ErrorCode')
    const [meaning, kind] = outcomeOf(statuses, status)
    return receipts(name, {
      messageId: single(fields, 'MessageSid') ?? single(fields, 'CallSid'),
      // Twilio returns none: the delivery has put it into the URL, which is signed.
      reference: single(query, 'reference'),
      outcome: [meaning, classify(twilioErrors, errorCode)?.[0] ?? kind],
      code: errorCode ?? status,
    })
  })
}

// What Twilio's own validator tries: the URL as it came, as a browser spells it (a host in lower
// case, `%27`), and with its query as older servers spell it (`'`).
function spellings(url: string): string[] {
  const parsed = new URL(url)
  const all = [url, parsed.href, parsed.href.replace(/\?[^#]*/s, legacyQuery(parsed))]
  return [...new Set(all.flatMap(withAndWithoutPort))]
}

function legacyQuery({ search }: URL): string {
  const fields = [...(readForm(search) ?? [])]
  const pairs = fields.flatMap(([name, values]) =>
    values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

// Twilio may sign the default port though it is not in the URL, and the other way round.
function withAndWithoutPort(url: string): string[] {
  const [, scheme = '', host = '', rest = ''] = /^(https?):\/\/([^/?#]*)(.*)$/s.exec(url) ?? []
  const bare = host.replace(/:\d+$/, '')
  const port = scheme === 'https' ? 443 : 80
  return [url, `${scheme}://${bare}${rest}`, `${scheme}://${bare}:${port}${rest}`]
}

function concatenate(fields: Fields): string {
  return [...fields.keys()]
    .sort()
    .flatMap((key) => [...new Set(fields.get(key))].sort().map((value) => key + value))
    .join('')
}

const statuses: OutcomeTable = {
  accepted: ['accepted'],
  scheduled: ['accepted'],
  queued: ['accepted'],
  sending: ['accepted'],
  sent: ['sent'],
  // Some of its segments.
  partially_delivered: ['sent'],
  delivered: ['delivered'],
  undelivered: ['failed'],
  failed: ['failed'],
  canceled: ['failed'],
  read: ['read'],

  initiated: ['accepted'],
  ringing: ['sent'],
  'in-progress': ['sent'],
  completed: ['delivered'],
  busy: ['failed', 'unavailable'],
  'no-answer': ['failed', 'unavailable'],
}
