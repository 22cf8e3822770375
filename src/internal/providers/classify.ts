import type { DeliveryErrorKind } from '../../delivery'
import type { DeliveryFailure } from '../../errors'

/** Why a provider refused, and whether something may have been sent all the same. */
export type Classification = readonly [kind: DeliveryErrorKind, sent: DeliveryFailure['sent']]

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

/** What a status says by itself, for answers without a code that the provider documents. */
export function classifyStatus(status: number): Classification {
  if (status === 401 || status === 403 || status === 404) return misconfigured
  if (status === 429) return rateLimited
  return unknownOutcome
}
