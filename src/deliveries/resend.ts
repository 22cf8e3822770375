import type { Delivery } from '../delivery'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import {
  brokeDown,
  classify,
  classifyAnswer,
  contentRejected,
  type ErrorTable,
  insufficientFunds,
  invalidRecipient,
  mendedAt,
  misconfigured,
  rateLimited,
  type Statement,
  unknownOutcome,
} from '../internal/providers/classify'
import { formatMailbox } from '../internal/providers/email-address'
import {
  createEmailComposer,
  type EmailOptions,
  emailOptionNames,
} from '../internal/providers/email-message'
import { createHttpClient, type HttpOptions, httpOptionNames } from '../internal/providers/http'
import { field, messageIdOf } from '../internal/providers/read'

const name = 'resend'

/** Options of `resendEmail`. */
export interface ResendEmailOptions extends EmailOptions, HttpOptions {
  /** An API key, `re_…`, with permission to send. */
  readonly apiKey: string
}

/**
 * E-mail through Resend. Every message carries an idempotency key of its own, so Resend takes it
 * once, however often the same message is repeated within 24 hours.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://resend.com/docs/api-reference/emails/send-email}
 *
 * @example
 * ```ts
 * import { resendEmail } from 'otpkit/deliveries/resend'
 *
 * export const email = resendEmail({
 *   apiKey: process.env.RESEND_API_KEY ?? '',
 *   from: 'Acme <otp@acme.example>',
 * })
 * ```
 */
export function resendEmail(given: ResendEmailOptions): Delivery {
  const options = knownOptions('resendEmail', given, {
    ...httpOptionNames,
    ...emailOptionNames,
    apiKey: true,
  })
  const apiKey = checkText('resendEmail', 'apiKey', options.apiKey)
  const compose = createEmailComposer('resendEmail', name, options)
  const client = createHttpClient('resendEmail', name, 'https://api.resend.com', options)

  return {
    name,
    reaches: ['email'],
    deliver: async (message, { signal } = {}) => {
      const { from, to, ...content } = compose(message)
      const answer = await client.post({
        path: '/emails',
        headers: { authorization: `Bearer ${apiKey}`, 'idempotency-key': message.reference },
        json: { from: formatMailbox(from), to: [to], ...content },
        signal,
      })
      const messageId = messageIdOf(field(answer.body, 'id'))
      if (answer.status < 300 && messageId !== undefined) return { provider: name, messageId }
      const code = field(answer.body, 'name')
      throw client.failure(answer, classifyAnswer(answer.status, statementOf(answer.body)), code)
    },
  }
}

function statementOf(body: unknown): Statement {
  const code = field(body, 'name')
  const text = field(body, 'message')
  const isOwn = typeof code === 'string' && typeof text === 'string'
  if (isOwn && code === 'validation_error' && /[`'"]to[`'"]/.test(text)) return invalidRecipient
  return classify(errors, code) ?? (isOwn ? 'unlisted' : undefined)
}

const keys = mendedAt('https://resend.com/api-keys')
const domains = mendedAt('https://resend.com/domains')

const errors: ErrorTable = {
  missing_api_key: keys,
  invalid_api_key: keys,
  restricted_api_key: keys,
  invalid_access: keys,
  invalid_from_address: domains,
  // Of a domain that is not verified, for the most part.
  validation_error: domains,
  missing_required_field: misconfigured,
  invalid_parameter: misconfigured,
  invalid_region: misconfigured,
  invalid_attachment: misconfigured,
  method_not_allowed: misconfigured,
  not_found: misconfigured,
  invalid_idempotency_key: misconfigured,
  rate_limit_exceeded: rateLimited,
  daily_quota_exceeded: insufficientFunds,
  monthly_quota_exceeded: insufficientFunds,
  security_error: contentRejected,
  // Another request with this key was taken, or is being looked at.
  invalid_idempotent_request: unknownOutcome,
  concurrent_idempotent_requests: brokeDown,
  // Repeating is safe with the same key only, so something may have been sent.
  application_error: brokeDown,
  internal_server_error: brokeDown,
}
