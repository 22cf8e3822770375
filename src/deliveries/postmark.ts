import type { Delivery } from '../delivery'
import { knownOptions } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import {
  brokeDown,
  classify,
  classifyAnswer,
  type ErrorTable,
  insufficientFunds,
  invalidRecipient,
  mendedAt,
  misconfigured,
  optedOut,
  rateLimited,
  type Statement,
  unavailable,
} from '../internal/providers/classify'
import { formatMailbox } from '../internal/providers/email-address'
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

const name = 'postmark'

/** Options of `postmarkEmail`. */
export interface PostmarkEmailOptions extends EmailOptions, HttpOptions {
  /** The API token of the server. `POSTMARK_API_TEST` checks a request without sending. */
  readonly serverToken: string
  /**
   * The id of a transactional message stream.
   *
   * @defaultValue `'outbound'`
   */
  readonly messageStream?: string
}

/**
 * E-mail through Postmark, without open and link tracking.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://postmarkapp.com/developer/api/email-api}
 *
 * @example
 * ```ts
 * import { postmarkEmail } from 'otpkit/deliveries/postmark'
 *
 * export const email = postmarkEmail({
 *   serverToken: process.env.POSTMARK_SERVER_TOKEN ?? '',
 *   from: 'Acme <otp@acme.example>',
 * })
 * ```
 */
export function postmarkEmail(given: PostmarkEmailOptions): Delivery {
  const options = knownOptions('postmarkEmail', given, {
    ...httpOptionNames,
    ...emailOptionNames,
    serverToken: true,
    messageStream: true,
  })
  const serverToken = checkText('postmarkEmail', 'serverToken', options.serverToken)
  const messageStream = checkText(
    'postmarkEmail',
    'messageStream',
    options.messageStream ?? 'outbound',
  )
  const compose = createEmailComposer('postmarkEmail', name, options)
  const client = createHttpClient('postmarkEmail', name, 'https://api.postmarkapp.com', options)

  return {
    name,
    reaches: ['email'],
    deliver: async (message, { signal } = {}) => {
      const { from, to, subject, text, html, headers } = compose(message)
      const answer = await client.post({
        path: '/email',
        headers: { accept: 'application/json', 'x-postmark-server-token': serverToken },
        json: {
          From: formatMailbox(from),
          To: to,
          Subject: subject,
          TextBody: text,
          HtmlBody: html,
          MessageStream: messageStream,
          TrackOpens: false,
          TrackLinks: 'None',
          Metadata: { reference: message.reference },
          Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
        },
        signal,
      })
      const messageId = messageIdOf(field(answer.body, 'MessageID'))
      const code = field(answer.body, 'ErrorCode')
      if (answer.status < 300 && code === 0 && messageId !== undefined) {
        return { provider: name, messageId }
      }
      const classification = classifyAnswer(answer.status, statementOf(answer))
      throw client.failure(answer, classification, code ?? answer.status)
    },
  }
}

function statementOf({ status, body }: HttpAnswer): Statement {
  const code = field(body, 'ErrorCode')
  const text = field(body, 'Message')
  if (code === 300 && typeof text === 'string' && /[`'"]To[`'"]/.test(text)) {
    return invalidRecipient
  }
  if (typeof code === 'number' && code !== 0) return classify(errors, code) ?? 'unlisted'
  // A page is that of the network layer in front of Postmark, which let nothing through.
  if (status === 403 && typeof body === 'string' && body.trimStart().startsWith('<')) {
    return ['unknown', 'no']
  }
  return status === 503 ? brokeDown : undefined
}

const senders = mendedAt('https://account.postmarkapp.com/signature_domains')

const errors: ErrorTable = {
  10: misconfigured,
  100: unavailable,
  300: misconfigured,
  400: senders,
  401: senders,
  402: misconfigured,
  403: misconfigured,
  405: insufficientFunds,
  406: optedOut,
  409: misconfigured,
  412: misconfigured,
  413: misconfigured,
  429: rateLimited,
}
