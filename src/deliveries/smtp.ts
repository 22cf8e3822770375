import type { Delivery } from '../delivery'
import { DeliveryError } from '../errors'
import { defined } from '../internal/defined'
import { knownOptions } from '../internal/known-options'
import { checkTimeout } from '../internal/providers/check'
import { type Classification, unavailable, unknownOutcome } from '../internal/providers/classify'
import type { Mailbox } from '../internal/providers/email-address'
import {
  createEmailComposer,
  type EmailOptions,
  emailOptionNames,
} from '../internal/providers/email-message'
import { field, messageIdOf } from '../internal/providers/read'
import { classifySmtpFailure } from '../internal/providers/smtp-failure'
import { wrongOption } from '../internal/wrong-option'

const name = 'smtp'

/** What `nodemailer.createTransport` returns, as far as it is used: version 6 to 10, pooled or not. */
export interface SmtpTransport {
  /** Loosely typed, because nodemailer's versions disagree about what an address is. */
  sendMail(mail: { readonly [name in keyof SmtpMail]?: unknown }): Promise<unknown>
}

/** One mail in nodemailer's words. */
export interface SmtpMail {
  /** What the server is told in `MAIL FROM` and `RCPT TO`. */
  readonly envelope: { readonly from: Mailbox; readonly to: readonly [Mailbox] }
  readonly from: Mailbox
  readonly to: Mailbox
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly messageId: string
  readonly headers: Readonly<Record<string, string>>
  readonly disableFileAccess: true
  readonly disableUrlAccess: true
  /** Ends the attempt; versions before 10.5 ignore it. */
  readonly signal: AbortSignal
}

/** Options of `smtpEmail`. */
export interface SmtpEmailOptions extends EmailOptions {
  /**
   * A transport of nodemailer. Give it short timeouts, for its own are minutes; and neither `debug`
   * nor `logger`, for they write the code into the log.
   */
  readonly transport: SmtpTransport
  /**
   * How long to wait for the server to take the mail, in milliseconds. When it runs out the outcome
   * is unknown and no other route is tried.
   *
   * @defaultValue 20000
   */
  readonly timeoutMs?: number
}

/**
 * Sends codes by e-mail over SMTP, through the nodemailer transport you already have.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://nodemailer.com/smtp/ nodemailer's SMTP transport}
 * @example
 * ```ts
 * import nodemailer from 'nodemailer'
 * import { smtpEmail } from 'otpkit/deliveries/smtp'
 *
 * const transport = nodemailer.createTransport({
 *   host: 'smtp.acme.example',
 *   port: 465,
 *   secure: true,
 *   auth: { user: 'otp', pass: process.env.SMTP_PASSWORD ?? '' },
 *   connectionTimeout: 5_000,
 *   greetingTimeout: 5_000,
 *   socketTimeout: 10_000,
 * })
 * export const email = smtpEmail({ transport, from: 'Acme <otp@acme.example>' })
 * ```
 */
export function smtpEmail(given: SmtpEmailOptions): Delivery {
  const options = knownOptions('smtpEmail', given, {
    ...emailOptionNames,
    transport: true,
    timeoutMs: true,
  })
  const { transport } = options
  if (typeof transport?.sendMail !== 'function') {
    throw wrongOption('smtpEmail', 'transport', 'must be what nodemailer.createTransport returns')
  }
  const timeoutMs = checkTimeout('smtpEmail', options.timeoutMs ?? 20_000)
  const compose = createEmailComposer('smtpEmail', name, options)
  const failure = ([kind, sent, consolePage]: Classification, code?: unknown) =>
    new DeliveryError(
      defined({
        kind,
        sent,
        consolePage,
        provider: name,
        providerCode: typeof code === 'string' || typeof code === 'number' ? code : undefined,
      }),
    )

  return {
    name,
    reaches: ['email'],
    deliver: async (message, { signal } = {}) => {
      const { from, to, subject, text, html, headers } = compose(message)
      if (signal?.aborted === true) throw failure(unavailable)
      const timeout = AbortSignal.timeout(timeoutMs)
      const end = signal === undefined ? timeout : AbortSignal.any([timeout, signal])
      const ended = new Promise<never>((_, reject) => {
        end.addEventListener('abort', () => reject(failure(unknownOutcome)), { once: true })
      })
      // Objects, so that no parser looks for several addresses in one.
      const recipient = { name: '', address: to }
      const mail: SmtpMail = defined({
        envelope: { from, to: [recipient] },
        from,
        to: recipient,
        subject,
        text,
        html,
        messageId: `<otp.${message.reference}@${from.address.split('@')[1]}>`,
        headers,
        disableFileAccess: true,
        disableUrlAccess: true,
        signal: end,
      })
      let info: unknown
      try {
        info = await Promise.race([transport.sendMail(mail), ended])
      } catch (error) {
        // nodemailer's error quotes the server, which quotes the address: only codes are read.
        throw failure(
          classifySmtpFailure(error, { from: from.address, to }),
          field(error, 'responseCode') ?? field(error, 'originalCode') ?? field(error, 'code'),
        )
      }
      if (isTaken(info)) return { provider: name, messageId: mail.messageId }
      throw failure(isRejected(info) ? ['unknown', 'no'] : unknownOutcome)
    },
  }
}

// SMTP lists whom the server took. The transports for SES, sendmail, streams and JSON do not, and
// throw what was not taken.
function isTaken(info: unknown): boolean {
  const accepted = field(info, 'accepted')
  if (accepted === undefined) {
    return messageIdOf(field(info, 'messageId')) !== undefined && !isRejected(info)
  }
  return Array.isArray(accepted) && accepted.length === 1
}

function isRejected(info: unknown): boolean {
  const rejected = field(info, 'rejected')
  return Array.isArray(rejected) && rejected.length > 0
}
