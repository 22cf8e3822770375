import type { Delivery } from '../delivery'
import { knownOptions } from '../internal/known-options'
import { type AwsOptions, awsOptionNames, createAwsClient } from '../internal/providers/aws'
import { checkText } from '../internal/providers/check'
import { classifyAnswer } from '../internal/providers/classify'
import { encodeMailbox } from '../internal/providers/email-address'
import {
  createEmailComposer,
  type EmailOptions,
  emailOptionNames,
} from '../internal/providers/email-message'
import type { HttpAnswer } from '../internal/providers/http'
import { field, messageIdOf } from '../internal/providers/read'
import { sesStatement } from '../internal/providers/ses-errors'

const name = 'ses'

/** Options of `sesEmail`. */
export interface SesEmailOptions extends EmailOptions, AwsOptions {
  /**
   * Name of a configuration set, which publishes the events of delivery.
   *
   * @defaultValue none
   */
  readonly configurationSet?: string
}

/**
 * E-mail through Amazon SES (API v2).
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html}
 *
 * @example
 * ```ts
 * import { AwsClient } from 'aws4fetch'
 * import { sesEmail } from 'otpkit/deliveries/ses'
 *
 * const signer = new AwsClient({
 *   accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? '',
 *   secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? '',
 * })
 * export const email = sesEmail({ signer, region: 'eu-west-1', from: 'Acme <otp@acme.example>' })
 * ```
 */
export function sesEmail(given: SesEmailOptions): Delivery {
  const options = knownOptions('sesEmail', given, {
    ...awsOptionNames,
    ...emailOptionNames,
    configurationSet: true,
  })
  const configurationSet =
    options.configurationSet === undefined
      ? undefined
      : checkText('sesEmail', 'configurationSet', options.configurationSet)
  const compose = createEmailComposer('sesEmail', name, options)
  const client = createAwsClient(
    'sesEmail',
    { provider: name, service: 'ses', host: 'email' },
    options,
  )

  return {
    name,
    reaches: ['email'],
    deliver: async (message, { signal } = {}) => {
      const { from, to, subject, text, html, headers } = compose(message)
      const answer = await client.post({
        path: '/v2/email/outbound-emails',
        contentType: 'application/json',
        body: JSON.stringify({
          FromEmailAddress: encodeMailbox(from),
          Destination: { ToAddresses: [to] },
          Content: {
            Simple: {
              Subject: utf8(subject),
              Body: { Text: utf8(text), Html: html === undefined ? undefined : utf8(html) },
              Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
            },
          },
          ConfigurationSetName: configurationSet,
          EmailTags: [{ Name: 'reference', Value: message.reference }],
        }),
        signal,
      })
      const messageId = messageIdOf(field(answer.body, 'MessageId'))
      if (answer.status < 300 && messageId !== undefined) return { provider: name, messageId }
      const code = errorType(answer)
      throw client.failure(
        answer,
        classifyAnswer(answer.status, sesStatement(code, field(answer.body, 'message'))),
        code,
      )
    },
  }
}

function utf8(text: string) {
  return { Data: text, Charset: 'UTF-8' }
}

// In a header or in the body, as AWS' own clients read it: with a name space in front of a `#`, and an
// address behind a colon, at times. A `code` in the body may be a proxy's.
function errorType({ headers, body }: HttpAnswer): string | undefined {
  const named = headers.get('x-amzn-errortype') ?? field(body, '__type')
  const [, type] = /^(?:[^:]*#)?([A-Za-z]\w*)(?::|$)/.exec(String(named)) ?? []
  return named === undefined ? undefined : type
}
