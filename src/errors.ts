import type { DeliveryErrorKind } from './delivery'

// A bundle can hold these classes twice (ESM beside CommonJS), so errors are known by a brand on
// the global symbol registry and never by instanceof.
const brand = Symbol.for('otpkit.error')

/**
 * What went wrong, for the operator to act on:
 *
 * - `store_unavailable`: the store threw; `cause` holds its error.
 * - `rate_limiter_unavailable`: the limiter threw; `cause` holds its error.
 * - `database_unavailable`: the database threw; `cause` holds its error.
 * - `capacity`: a bounded store or limiter is full, and refuses rather than forgets.
 * - `delivery_failed`: no delivery took the message; `cause` holds the last `DeliveryError`.
 */
export type OtpErrorCode =
  | 'store_unavailable'
  | 'rate_limiter_unavailable'
  | 'database_unavailable'
  | 'capacity'
  | 'delivery_failed'

/** A fault that the operator must fix. What a request can cause is a returned value instead. */
export class OtpError extends Error {
  readonly code: OtpErrorCode

  constructor(code: OtpErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'OtpError'
    this.code = code
    Object.defineProperty(this, brand, { value: 'OtpError' })
  }
}

/** Whether this is an `OtpError`, whichever copy of the library made it. */
export function isOtpError(error: unknown): error is OtpError {
  return hasBrand(error, 'OtpError')
}

/** What a `DeliveryError` is made of. */
export interface DeliveryFailure {
  readonly kind: DeliveryErrorKind
  /** `no`: certainly nothing was sent. `unknown`: the message may still arrive. */
  readonly sent: 'no' | 'unknown'
  readonly provider: string
  /** The provider's own error code; anything but a short plain code is dropped. */
  readonly providerCode?: string | number
  /** How long the provider asked to wait, in milliseconds. */
  readonly retryAfterMs?: number
  /** The page of the provider's console where the operator mends it; anything but a plain https address is dropped. */
  readonly consolePage?: string
}

/**
 * A message that was not, or not certainly, taken. Its text is built from its fields alone, and it
 * has no cause: a provider's answer or a client's error may quote the code, the number or a
 * credential.
 */
export class DeliveryError extends Error {
  readonly kind: DeliveryErrorKind
  readonly sent: 'no' | 'unknown'
  readonly provider: string
  readonly providerCode?: string
  readonly retryAfterMs?: number
  readonly consolePage?: string

  constructor(failure: DeliveryFailure) {
    const code = plainCode(failure.providerCode)
    const page = plainPage(failure.consolePage)
    const coded = code === undefined ? '' : ` (${code})`
    super(
      `${failure.provider}: ${failure.kind}${coded}${page === undefined ? '' : `, see ${page}`}`,
    )
    this.name = 'DeliveryError'
    this.kind = failure.kind
    // Whoever does not say it cannot know it.
    this.sent = failure.sent === 'no' ? 'no' : 'unknown'
    this.provider = failure.provider
    if (code !== undefined) this.providerCode = code
    if (failure.retryAfterMs !== undefined) this.retryAfterMs = failure.retryAfterMs
    if (page !== undefined) this.consolePage = page
    Object.defineProperty(this, brand, { value: 'DeliveryError' })
  }
}

/** Whether this is a `DeliveryError`, whichever copy of the library made it. */
export function isDeliveryError(error: unknown): error is DeliveryError {
  return hasBrand(error, 'DeliveryError')
}

/**
 * Whether another route may be tried after this failure: only when nothing was sent, and never
 * around a fraud block or an opt-out.
 */
export function mayTryAnotherRoute(error: DeliveryError): boolean {
  return error.sent === 'no' && error.kind !== 'fraud_blocked' && error.kind !== 'opted_out'
}

/** Whether a message failed for a reason of the recipient's, which the operator cannot mend. */
export function isUndeliverable(
  kind: DeliveryErrorKind,
): kind is 'invalid_recipient' | 'opted_out' | 'fraud_blocked' {
  return kind === 'invalid_recipient' || kind === 'opted_out' || kind === 'fraud_blocked'
}

function hasBrand(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && Reflect.get(error, brand) === name
}

// A long digit run is left out too: it could be the recipient's number.
function plainCode(code: string | number | undefined): string | undefined {
  const text = code === undefined ? '' : String(code)
  return /^[A-Za-z0-9_.:-]{1,48}$/.test(text) && !/\d{9}/.test(text) ? text : undefined
}

function plainPage(page: string | undefined): string | undefined {
  const text = page ?? ''
  return /^https:\/\/[a-z0-9.-]+\/[\w./#-]{0,128}$/.test(text) && !/\d{6}/.test(text)
    ? text
    : undefined
}
