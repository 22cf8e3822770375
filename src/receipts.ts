import { knownOptions } from './internal/known-options'
import { readBody } from './internal/read-body'
import { hasMethods } from './internal/strange-clients'
import { wrongOption } from './internal/wrong-option'
import type { Receipt, ReceiptReader } from './receipt'

/** Options of `createReceipts`. */
export interface CreateReceiptsOptions {
  /**
   * Where providers reach this server, such as `https://otp.example.com`; with the path that a proxy or
   * a mount takes off before the handler sees the rest, such as `https://example.com/api`. Several
   * sign the address that they call, and behind a proxy only configuration knows it.
   */
  readonly origin: string
  /**
   * The reader of each path: `twilio` reads `…/twilio`, and `…/twilio/<secret>` for the providers that
   * sign nothing.
   */
  readonly readers: Readonly<Record<string, ReceiptReader>>
}

/** Whoever is told of receipts: an `OtpManager`. */
export interface ReceiptTaker {
  /** Is told of a receipt, perhaps more than once. */
  receipt(receipt: Receipt): void
}

// WhatsApp's batches are the largest, with up to 3 MB.
const mostBytes = 4 * 1024 * 1024

/**
 * One handler for the status webhooks of all providers, which tells the manager of each receipt
 * (`otp.receipt`). It answers 200; 403 to what the provider did not make, or not lately; 404 where no
 * reader is; 405 to another method than GET and POST; 413 to more than 4 MB; and the question by
 * which Meta checks the address. It needs the body unread, and takes the rest of the path as it is
 * mounted. For Express, Fastify and `node:http` see `toNodeHandler`.
 *
 * @throws `TypeError` at construction for a missing or malformed option; from the handler when the
 * body was read before, never for what a request holds.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { OtpManager } from 'otpkit'
 * import { memory } from 'otpkit/databases/memory'
 * import { twilioSms } from 'otpkit/deliveries/twilio'
 * import { toNodeHandler } from 'otpkit/http'
 * import { createReceipts } from 'otpkit/receipts'
 * import { twilioReceipts } from 'otpkit/receipts/twilio'
 *
 * const authToken = process.env.TWILIO_AUTH_TOKEN ?? ''
 * const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   database: memory(),
 *   deliveries: {
 *     sms: twilioSms({
 *       accountSid: process.env.TWILIO_ACCOUNT_SID ?? '',
 *       authToken,
 *       from: '+15017122661',
 *       statusCallback: 'https://otp.example.com/hooks/twilio',
 *     }),
 *   },
 *   countries: ['IN'],
 *   purposes: ['login'],
 * })
 *
 * const receipts = createReceipts(otp, {
 *   origin: 'https://otp.example.com',
 *   readers: { twilio: twilioReceipts({ authToken }) },
 * })
 * createServer(toNodeHandler(receipts)).listen(3000)
 * ```
 */
export function createReceipts(
  otp: ReceiptTaker,
  given: CreateReceiptsOptions,
): (request: Request) => Promise<Response> {
  if (!hasMethods(otp, 'receipt')) {
    throw wrongOption('createReceipts', 'otp', 'must be an OtpManager, before the options')
  }
  const options = knownOptions('createReceipts', given, { origin: true, readers: true })
  const { origin, prefix } = checkOrigin(options.origin)
  const readers = checkReaders(options.readers)

  return async (request) => {
    const { method, headers } = request
    const { pathname, search } = new URL(request.url)
    const segments = pathname.split('/')
    // Behind the name comes the secret, of providers that sign nothing.
    const reader = readers.get(segments.at(-1) ?? '') ?? readers.get(segments.at(-2) ?? '')
    if (reader === undefined) return answer(404)
    if (method !== 'GET' && method !== 'POST') return answer(405, '', { allow: 'GET, POST' })
    const body = await readBody('createReceipts', request, mostBytes)
    if (typeof body === 'number') return answer(body)

    // A path that is whole has the prefix already.
    const missing = pathname.startsWith(`${prefix}/`) ? '' : prefix
    const webhook = { method, url: `${origin}${missing}${pathname}${search}`, headers, body }
    const handshake = method === 'GET' ? reader.handshake?.(webhook) : null
    if (typeof handshake === 'string') return answer(200, handshake)
    const receipts = await reader.parse(webhook)
    if (receipts === null) return answer(403)
    if (!Array.isArray(receipts)) {
      throw wrongOption('createReceipts', 'readers', 'must give a list of receipts, or null')
    }
    for (const receipt of receipts) otp.receipt(receipt)
    return answer(200)
  }
}

function answer(status: number, text = '', more: Readonly<Record<string, string>> = {}): Response {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...more,
  }
  return new Response(text, { status, headers })
}

function checkOrigin(given: unknown): { readonly origin: string; readonly prefix: string } {
  const isAddress = typeof given === 'string' && /^https?:\/\/[^\s@?#]+$/.test(given)
  const url = isAddress && URL.canParse(given) ? new URL(given) : undefined
  // As browsers write it, for nobody signs `https://OTP.example.com:443`.
  if (url === undefined || (url.href !== given && url.href !== `${given}/`)) {
    const rule = 'must be an address such as https://otp.example.com or https://example.com/api'
    throw wrongOption('createReceipts', 'origin', rule)
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}

function checkReaders(readers: unknown): ReadonlyMap<string, ReceiptReader> {
  if (typeof readers !== 'object' || readers === null || Object.keys(readers).length === 0) {
    throw wrongOption('createReceipts', 'readers', 'must hold a reader for each provider')
  }
  const all = new Map<string, ReceiptReader>()
  for (const [name, reader] of Object.entries(readers)) {
    if (!/^[\w-]{1,31}$/.test(name)) {
      throw wrongOption(
        'createReceipts',
        'readers',
        'must have names of 1 to 31 letters, digits, _ and -',
      )
    }
    if (!isReader(reader)) {
      throw wrongOption('createReceipts', `readers.${name}`, 'must be a reader of receipts')
    }
    all.set(name, reader)
  }
  return all
}

function isReader(value: unknown): value is ReceiptReader {
  return hasMethods(value, 'parse')
}
