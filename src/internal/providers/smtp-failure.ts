import {
  type Classification,
  classify,
  classifyAnswer,
  type ErrorTable,
  invalidRecipient,
  misconfigured,
  unavailable,
  unknownOutcome,
} from './classify'
import { neverConnected } from './never-connected'
import { field } from './read'
import { sesStatement } from './ses-errors'
import { classifySmtpReply } from './smtp-reply'

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

/** What an error of nodemailer proves about the mail, whichever version and transport threw it. */
export function classifySmtpFailure(
  error: unknown,
  envelope: { readonly from: string; readonly to: string },
): Classification {
  const reply = field(error, 'responseCode')
  // A refusal at any step, the final dot included, means that the mail was not taken (RFC 5321
  // section 4.2.1).
  if (typeof reply === 'number' && reply >= 400) {
    const step = stepOf(error)
    const text = String(field(error, 'response') ?? '')
    const named = (address: string) => text.toLowerCase().includes(address.toLowerCase())
    // Some servers look at the sender when they are told the recipient, and say so of it alone.
    const isOfSender = step === 'recipient' && named(envelope.from) && !named(envelope.to)
    return [classifySmtpReply(isOfSender ? 'sender' : step, reply, text), 'no']
  }
  if (beforeCommands(error)) return unavailable
  // The TLS handshake failed: a wrong certificate, or TLS on a port that begins without it.
  const system = field(error, 'originalCode')
  if (typeof system === 'string' && /CERT|UNABLE_TO_|WRONG_VERSION/.test(system)) {
    return misconfigured
  }
  // There is no such program as `sendmail`.
  if (String(field(error, 'syscall')).startsWith('spawn')) return misconfigured
  // The transport for SES hands on the error of AWS' client.
  const status = field(field(error, '$metadata'), 'httpStatusCode')
  if (typeof status === 'number' && status >= 400) {
    return classifyAnswer(status, sesStatement(field(error, 'name'), field(error, 'message')))
  }
  const code = field(error, 'code')
  if (code === 'EENVELOPE' && /sender/i.test(String(field(error, 'message')))) return misconfigured
  return classify(errorTable, code) ?? unknownOutcome
}

function stepOf(error: unknown): Parameters<typeof classifySmtpReply>[0] {
  const code = field(error, 'code')
  const command = String(field(error, 'command') ?? '')
  if (code === 'ETLS') return 'tls'
  if (code === 'EAUTH' || command.startsWith('AUTH')) return 'auth'
  if (command === 'MAIL FROM') return 'sender'
  if (command === 'RCPT TO') return 'recipient'
  return command === 'DATA' ? 'message' : 'greeting'
}

// The timeouts are those before the first command. A reset (syscall `read`) may have come later.
function beforeCommands(error: unknown): boolean {
  const timeout = field(error, 'timeoutType')
  const early = typeof timeout === 'string' && /^(CONNECT|GREETING|UPGRADE)_/.test(timeout)
  return early || neverConnected(error)
}
