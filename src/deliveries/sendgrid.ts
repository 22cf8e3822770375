import type { Delivery } from '../delivery'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import {
  classify,
  classifyAnswer,
  type ErrorTable,
  insufficientFunds,
  invalidRecipient,
  mendedAt,
  misconfigured,
  rateLimited,
  type Statement,
} from '../internal/providers/classify'
import {
  createEmailComposer,
  type EmailOptions,
  emailOptionNames,
} from '../internal/providers/email-message'
import {
  createHttpClient,
  type HttpAnswer,
  type HttpOptions,
  httpOptionNames,
} from '../internal/providers/http'
import { field, messageIdOf } from '../internal/providers/read'

const name = 'sendgrid'

/** Options of `sendgridEmail`. */
export interface SendgridEmailOptions extends EmailOptions, HttpOptions {
  /** An API key, `SG.…`, with permission to send mail. */
  readonly apiKey: string
}

/**
 * E-mail through SendGrid, without open and click tracking. Accounts in the EU set `baseUrl` to
 * `https://api.eu.sendgrid.com`.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send}
 *
 * @example
 * ```ts
 * import { sendgridEmail } from 'otpkit/deliveries/sendgrid'
 *
 * export const email = sendgridEmail({
 *   apiKey: process.env.SENDGRID_API_KEY ?? '',
 *   from: 'Acme <otp@acme.example>',
 * })
 * ```
 */
export function sendgridEmail(given: SendgridEmailOptions): Delivery {
  const options = knownOptions('sendgridEmail', given, {
    ...httpOptionNames,
    ...emailOptionNames,
    apiKey: true,
  })
  const apiKey = checkText('sendgridEmail', 'apiKey', options.apiKey)
  const compose = createEmailComposer('sendgridEmail', name, options)
  const client = createHttpClient('sendgridEmail', name, 'https://api.sendgrid.com', options)

  return {
    name,
    reaches: ['email'],
    deliver: async (message, { signal } = {}) => {
      const { from, to, subject, text, html, headers } = compose(message)
      const answer = await client.post({
        path: '/v3/mail/send',
        headers: { authorization: `Bearer ${apiKey}` },
        json: {
          from: { email: from.address, ...(from.name === '' ? {} : { name: from.name }) },
          personalizations: [{ to: [{ email: to }] }],
          subject,
          // SendGrid refuses HTML before text.
          content: [
            { type: 'text/plain', value: text },
            ...(html === undefined ? [] : [{ type: 'text/html', value: html }]),
          ],
          headers,
          custom_args: { reference: message.reference },
          tracking_settings: {
            click_tracking: { enable: false, enable_text: false },
            open_tracking: { enable: false },
          },
        },
        signal,
      })
      // The body of a success is empty; the id in this header is the proof.
      const messageId = messageIdOf(answer.headers.get('x-message-id'))
      if (answer.status === 202 && messageId !== undefined) return { provider: name, messageId }
      const waiting = { ...answer, ...untilReset(answer) }
      throw client.failure(
        waiting,
        classifyAnswer(answer.status, statementOf(answer)),
        answer.status,
      )
    },
  }
}

function statementOf({ status, body }: HttpAnswer): Statement {
  const listed = field(body, 'errors')
  const list: readonly unknown[] = Array.isArray(listed) ? listed : []
  if (!list.some((error) => typeof field(error, 'message') === 'string')) return undefined
  // An account without credit is refused like a wrong key.
  const said = (text: RegExp, member: string) =>
    list.some((error) => text.test(String(field(error, member) ?? '')))
  if (status === 401 && said(/credits exceeded/i, 'message')) return insufficientFunds
  if (status === 400 && said(/^personalizations\b.*\bto\b/, 'field')) {
    return invalidRecipient
  }
  return classify(errors, status) ?? 'unlisted'
}

// Measured from SendGrid's own clock, since the host's may be wrong.
function untilReset({ headers }: HttpAnswer): { retryAfterMs?: number } {
  const reset = headers.get('x-ratelimit-reset') ?? ''
  const waitMs = Number(reset) * 1000 - Date.parse(headers.get('date') ?? '')
  return reset === '' || Number.isNaN(waitMs) ? {} : { retryAfterMs: Math.max(0, waitMs) }
}

// SendGrid's errors are words; the status is their code.
const errors: ErrorTable = {
  400: misconfigured,
  401: mendedAt('https://app.sendgrid.com/settings/api_keys'),
  // A sender that is not verified.
  403: mendedAt('https://app.sendgrid.com/settings/sender_auth'),
  413: misconfigured,
  429: rateLimited,
}
