import type { DeliveryErrorKind } from '../../delivery'
import {
  type Classification,
  classify,
  type ErrorTable,
  invalidRecipient,
  misconfigured,
  unavailable,
  unknownOutcome,
} from './classify'
import { field } from './read'

// What nodemailer's code says when the server answered nothing. A connection lost after the final
// dot looks like one lost before it (ECONNECTION, ESOCKET, ETIMEDOUT), so those prove nothing.
const errorTable: ErrorTable = {
  EAUTH: misconfigured,
  ECONFIG: misconfigured,
  EDNS: unavailable,
  EENVELOPE: invalidRecipient,
  ENOAUTH: misconfigured,
  EOAUTH2: misconfigured,
  EREQUIRETLS: misconfigured,
  ETLS: misconfigured,
}

// Subject and detail of an enhanced status code (RFC 3463): more exact than the reply code.
const kindByDetail: Readonly<Record<string, DeliveryErrorKind>> = {
  '1.1': 'invalid_recipient',
  '1.2': 'invalid_recipient',
  '1.3': 'invalid_recipient',
  '1.6': 'invalid_recipient',
  '1.10': 'invalid_recipient',
  '2.1': 'invalid_recipient',
  '2.2': 'unavailable',
}

const kindByReply: Readonly<Record<string, DeliveryErrorKind>> = {
  'RCPT TO 501': 'invalid_recipient',
  'RCPT TO 550': 'invalid_recipient',
  'RCPT TO 551': 'invalid_recipient',
  'RCPT TO 553': 'invalid_recipient',
  'RCPT TO 552': 'unavailable',
  'RCPT TO 554': 'content_rejected',
  'DATA 550': 'content_rejected',
  'DATA 552': 'unavailable',
  'DATA 554': 'content_rejected',
}

/** What an error of nodemailer proves about the mail, whichever version threw it. */
export function classifySmtpFailure(error: unknown): Classification {
  const reply = field(error, 'responseCode')
  // A refusal at any step, the final dot included, means that the mail was not taken (RFC 5321
  // section 4.2.1).
  if (typeof reply === 'number' && reply >= 400) return [kindOfReply(error, reply), 'no']
  if (neverConnected(error)) return unavailable
  // The TLS handshake failed: a wrong certificate, or TLS on a port that begins without it.
  const system = field(error, 'originalCode')
  if (typeof system === 'string' && /CERT|UNABLE_TO_|WRONG_VERSION/.test(system)) {
    return misconfigured
  }
  return classify(errorTable, field(error, 'code')) ?? unknownOutcome
}

function kindOfReply(error: unknown, reply: number): DeliveryErrorKind {
  const text = String(field(error, 'response') ?? '')
  const detail = /^\d{3}[ -][245]\.(\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? ''
  const code = field(error, 'code')
  const command = String(field(error, 'command') ?? '')
  const temporary = reply < 500
  // How SendGrid's relay says it, under a temporary code.
  if (/credits exceeded/i.test(text)) return 'insufficient_funds'
  if (code === 'ETLS') return 'misconfigured'
  if (code === 'EAUTH' || reply === 530) return temporary ? 'unavailable' : 'misconfigured'
  if (command === 'MAIL FROM') {
    if (!temporary) return 'misconfigured'
    return reply === 421 || detail.startsWith('7.') ? 'rate_limited' : 'unavailable'
  }
  if (temporary) return 'unavailable'
  if (detail.startsWith('7.')) return 'content_rejected'
  return kindByDetail[detail] ?? kindByReply[`${command} ${reply}`] ?? 'unknown'
}

// The timeouts are those before the first command. A reset (syscall `read`) may have come later.
function neverConnected(error: unknown): boolean {
  if (field(error, 'syscall') === 'connect') return true
  const timeout = field(error, 'timeoutType')
  if (typeof timeout === 'string' && /^(CONNECT|GREETING|UPGRADE)_/.test(timeout)) return true
  // One error per address that was tried.
  const errors = field(error, 'errors')
  return Array.isArray(errors) && errors.length > 0 && errors.every(neverConnected)
}
