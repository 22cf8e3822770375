import { checkClock } from '../internal/check-function'
import { encodeHex } from '../internal/encoding'
import { equal } from '../internal/equal'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import { field } from '../internal/providers/read'
import {
  header,
  type OutcomeTable,
  outcomeOf,
  readQuery,
  receiptReader,
  receipts,
  single,
} from '../internal/webhooks/request'
import { hmac, sha256, verifyJwt } from '../internal/webhooks/signature'
import type { ReceiptReader } from '../receipt'

const name = 'messagebird'

/** Options of `messagebirdReceipts`. */
export interface MessagebirdReceiptsOptions {
  /** The account's signing key, not its access key. */
  readonly signingKey: string
  /**
   * The present in epoch milliseconds, for tests.
   *
   * @defaultValue `Date.now`
   */
  readonly clock?: () => number
}

/**
 * Status reports of MessageBird's REST API, for a delivery of your own. The signature says until
 * when it holds, and covers the URL with its whole query.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developers.messagebird.com/api/#verifying-http-requests}
 *
 * @example
 * ```ts
 * import { messagebirdReceipts } from 'otpkit/receipts/messagebird'
 *
 * export const receipts = messagebirdReceipts({
 *   signingKey: process.env.MESSAGEBIRD_SIGNING_KEY ?? '',
 * })
 * ```
 */
export function messagebirdReceipts(given: MessagebirdReceiptsOptions): ReceiptReader {
  const options = knownOptions('messagebirdReceipts', given, {
    signingKey: true,
    clock: true,
  })
  const sign = hmac('SHA-256', checkText('messagebirdReceipts', 'signingKey', options.signingKey))
  const clock = checkClock('messagebirdReceipts', options.clock) ?? Date.now

  return receiptReader(['GET', 'POST'], async (request) => {
    const { url, body } = request
    const claims = await verifyJwt(sign, header(request, 'messagebird-signature-jwt') ?? '')
    if (field(claims, 'iss') !== 'MessageBird' || !isValidNow(claims, clock())) return null
    if (!(await matches(url, field(claims, 'url_hash')))) return null
    if (body !== '' && !(await matches(body, field(claims, 'payload_hash')))) return null

    const query = readQuery(url) ?? new Map()
    const status = single(query, 'status')
    return receipts(name, {
      messageId: single(query, 'id'),
      reference: single(query, 'reference'),
      outcome: outcomeOf(statuses, status),
      code: single(query, 'statusErrorCode') ?? status,
    })
  })
}

const leewayMs = 5_000

function isValidNow(claims: unknown, nowMs: number): boolean {
  const from = field(claims, 'nbf')
  const until = field(claims, 'exp')
  if (typeof from !== 'number' || typeof until !== 'number') return false
  return from * 1000 - leewayMs <= nowMs && nowMs <= until * 1000 + leewayMs
}

async function matches(text: string, hash: unknown): Promise<boolean> {
  return typeof hash === 'string' && equal(encodeHex(await sha256(text)), hash)
}

const statuses: OutcomeTable = {
  scheduled: ['accepted'],
  buffered: ['accepted'],
  sent: ['sent'],
  delivered: ['delivered'],
  expired: ['failed', 'unavailable'],
  delivery_failed: ['failed'],
}
