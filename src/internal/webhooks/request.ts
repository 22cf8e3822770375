import type { DeliveryErrorKind, Price } from '../../delivery'
import type { Receipt, ReceiptReader, ReceiptStatus, WebhookRequest } from '../../receipt'
import { defined } from '../defined'
import { equal } from '../equal'
import { plain, plainCode, plainReference } from '../plain'
import { withoutMark } from '../read-body'
import { wrongOption } from '../wrong-option'

/** What a provider's status means. */
export type Outcome = readonly [status: ReceiptStatus, kind?: DeliveryErrorKind | undefined]

/** A provider's own statuses. */
export type OutcomeTable = Readonly<Record<string, Outcome>>

/** What a provider's codes of failures mean. */
export type KindTable = Readonly<Record<string, DeliveryErrorKind>>

/** Decoded fields of a form or a query. */
export type Fields = ReadonlyMap<string, readonly string[]>

// WhatsApp's batches are the largest, with up to 3 MB.
const largestBody = 4 * 1024 * 1024
const largestForm = 64 * 1024

/** A reader that hands on only requests of a bearable size by the provider's methods. */
export function receiptReader(
  methods: readonly string[],
  read: (request: WebhookRequest) => Promise<readonly Receipt[] | null>,
): ReceiptReader {
  return {
    parse: async (request) => {
      const { method, url, body } = request
      if (typeof body !== 'string') {
        throw new TypeError('otpkit: the body of a webhook must be the raw text of the request')
      }
      if (!/^https?:\/\//.test(url)) {
        throw new TypeError('otpkit: the url of a webhook must be absolute')
      }
      if (!methods.includes(method) || body.length > largestBody || !URL.canParse(url)) return null
      return read(request)
    },
  }
}

/** A header's value; nothing where it is missing, empty or there twice. */
export function header(
  { headers }: Pick<WebhookRequest, 'headers'>,
  name: string,
): string | undefined {
  if (isHeaders(headers)) return headers.get(name) || undefined
  const values = Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, value]) => value ?? [])
  return values.length === 1 ? values[0] || undefined : undefined
}

function isHeaders(headers: WebhookRequest['headers']): headers is Pick<Headers, 'get'> {
  return typeof headers.get === 'function'
}

/** The fields of a form, or nothing where it is too long to be a report on a message. */
export function readForm(text: string): Fields | null {
  if (text.length > largestForm) return null
  const fields = new Map<string, string[]>()
  new URLSearchParams(text).forEach((value, name) => {
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [value])
    else values.push(value)
  })
  return fields
}

/** The fields of the URL's query. */
export function readQuery(url: string): Fields | null {
  return readForm(new URL(url).search)
}

/** A field's value; nothing where it is missing or there twice. */
export function single(fields: Fields, name: string): string | undefined {
  const values = fields.get(name)
  return values?.length === 1 ? values[0] : undefined
}

/** The value that JSON stands for, or `undefined`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(withoutMark(text))
  } catch {
    return undefined
  }
}

/** The elements of a list, or none where it is something else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/**
 * Checks a secret that stands in the path, where the provider signs nothing. It is long, because it
 * is all that keeps strangers out, and needs no escaping.
 */
export function checkPathSecret(factory: string, value: unknown): string {
  if (typeof value !== 'string' || !/^[\w-]{32,}$/.test(value)) {
    throw wrongOption(factory, 'pathSecret', 'must be 32 or more letters, digits, - and _')
  }
  return value
}

/** Whether the last segment of the URL's path is the secret. */
export function hasPathSecret(url: string, secret: string): boolean {
  return equal(secret, new URL(url).pathname.split('/').at(-1) ?? '')
}

/** What a status means by its table; a status that the table lacks is `unknown`. */
export function outcomeOf(table: OutcomeTable, status: unknown): Outcome {
  return rowOf(table, status) ?? ['unknown']
}

/** What a code of a failure means by its table; a code that the table lacks is `unknown`. */
export function kindOf(table: KindTable, code: unknown): DeliveryErrorKind {
  return rowOf(table, code) ?? 'unknown'
}

function rowOf<Row>(table: Readonly<Record<string, Row>>, key: unknown): Row | undefined {
  if (typeof key !== 'string' && typeof key !== 'number') return undefined
  return Object.hasOwn(table, key) ? table[key] : undefined
}

/** What a report holds, unchecked. */
export interface Report {
  readonly messageId: unknown
  readonly reference?: unknown
  readonly outcome: Outcome
  /** What becomes `providerCode` when the outcome is a failure or unknown. */
  readonly code?: unknown
  readonly price?: Price | undefined
}

/** A list with the report's receipt, or an empty one where the report is not about a message. */
export function receipts(provider: string, report: Report): readonly Receipt[] {
  const messageId = plain(report.messageId, /^[\x21-\x7e]{1,256}$/)
  const [status, kind = 'unknown'] = report.outcome
  if (messageId === undefined || (status === 'unknown' && report.code === undefined)) return []
  const reference = plainReference(report.reference)
  const failed = status === 'failed'
  const code = failed || status === 'unknown' ? plainCode(report.code) : undefined
  return [
    defined({
      provider,
      messageId,
      reference,
      status,
      kind: failed ? kind : undefined,
      providerCode: code,
      price: report.price,
    }),
  ]
}
