import type { DeliveryErrorKind } from '../../delivery'
import type { DeliveryFailure } from '../../errors'

/**
 * Why a provider refused, whether something may have been sent all the same, and where in its
 * console the operator mends it.
 */
export type Classification = readonly [
  kind: DeliveryErrorKind,
  sent: DeliveryFailure['sent'],
  consolePage?: string | undefined,
]

/**
 * What a provider says in its own envelope: a row of its table, a refusal that the table lacks, or
 * nothing, where the body is somebody else's or empty.
 */
export type Statement = Classification | 'unlisted' | undefined

/** A provider's own error codes. */
export type ErrorTable = Readonly<Record<string, Classification>>

/** The recipient cannot be reached by anybody: no such number or mailbox. */
export const invalidRecipient: Classification = ['invalid_recipient', 'no']

/** The recipient wants no messages from this sender. */
export const optedOut: Classification = ['opted_out', 'no']

/** The provider takes the request for fraud, such as traffic pumping. */
export const fraudBlocked: Classification = ['fraud_blocked', 'no']

/** The text, its template or its sender is not allowed there. */
export const contentRejected: Classification = ['content_rejected', 'no']

/** The account, its credentials or the request is wrong. */
export const misconfigured: Classification = ['misconfigured', 'no']

/** The account is out of money, or out of what it has paid for. */
export const insufficientFunds: Classification = ['insufficient_funds', 'no']

/** The same, and a page of the provider's console that mends it. */
export function mendedAt(consolePage: string, [kind, sent] = misconfigured): Classification {
  return [kind, sent, consolePage]
}

/** Too many requests. */
export const rateLimited: Classification = ['rate_limited', 'no']

/** The provider certainly did nothing, and may do better in a moment. */
export const unavailable: Classification = ['unavailable', 'no']

/** The provider failed within itself, perhaps after it had passed the message on. */
export const brokeDown: Classification = ['unavailable', 'unknown']

/** Nobody can tell what became of the message. */
export const unknownOutcome: Classification = ['unknown', 'unknown']

/** The row of a provider's code, if the table has one. */
export function classify(table: ErrorTable, code: unknown): Classification | undefined {
  if (typeof code !== 'string' && typeof code !== 'number') return undefined
  return Object.hasOwn(table, code) ? table[code] : undefined
}

/**
 * What an answer without success means. A refusal in the provider's own words sent nothing, listed
 * or not; but with a status by which a server may have acted, and in the words of somebody else,
 * such as a proxy on the way, nobody can tell.
 */
export function classifyAnswer(status: number, said: Statement): Classification {
  if (typeof said === 'object') return said
  return [kindOfStatus(status), said === undefined || mayHaveActed(status) ? 'unknown' : 'no']
}

/** The same for a provider whose HTTP status says nothing of the kind. */
export function classifyStatement(status: number, said: Statement): Classification {
  if (typeof said === 'object') return said
  return said === undefined || mayHaveActed(status) ? unknownOutcome : unlistedRefusal
}

/** Whether a server that answers so may have passed the message on before. */
export function mayHaveActed(status: number): boolean {
  return status >= 500 || status === 408 || status === 409 || status === 425
}

const unlistedRefusal: Classification = ['unknown', 'no']

function kindOfStatus(status: number): DeliveryErrorKind {
  if (status === 401 || status === 403 || status === 404) return 'misconfigured'
  return status === 429 ? 'rate_limited' : 'unknown'
}
