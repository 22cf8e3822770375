import type { Delivery } from '../delivery'
import { knownOptions } from '../internal/known-options'
import { type AwsOptions, awsOptionNames, createAwsClient } from '../internal/providers/aws'
import { checkText } from '../internal/providers/check'
import {
  classify,
  classifyAnswer,
  type ErrorTable,
  invalidRecipient,
  misconfigured,
  optedOut,
  rateLimited,
  type Statement,
  unknownOutcome,
} from '../internal/providers/classify'
import { wrongOption } from '../internal/wrong-option'

const name = 'sns'

/** Options of `snsSms`. */
export interface SnsSmsOptions extends AwsOptions {
  /**
   * What the phone shows as the sender, where the country allows it: 3 to 11 letters, digits and
   * hyphens, at least one of them a letter.
   *
   * @defaultValue the account's
   */
  readonly senderId?: string
  /**
   * A number of yours, 5 to 14 digits, or in E.164: `+12065550100`.
   *
   * @defaultValue the account's
   */
  readonly originationNumber?: string
  /**
   * The most that one message may cost, in US dollars, such as `'0.50'`. A dearer one is not sent.
   *
   * @defaultValue the account's
   */
  readonly maxPriceUsd?: string
  /** Ids of the registered entity and template (DLT), used for Indian numbers only. */
  readonly india?: { readonly entityId: string; readonly templateId: string }
}

/**
 * SMS through Amazon SNS, always as `Transactional`.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://docs.aws.amazon.com/sns/latest/api/API_Publish.html}
 *
 * @example
 * ```ts
 * import { AwsClient } from 'aws4fetch'
 * import { snsSms } from 'otpkit/deliveries/sns'
 *
 * const signer = new AwsClient({
 *   accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? '',
 *   secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? '',
 * })
 * export const sms = snsSms({ signer, region: 'eu-west-1', senderId: 'ACME' })
 * ```
 */
export function snsSms(given: SnsSmsOptions): Delivery {
  const options = knownOptions('snsSms', given, {
    ...awsOptionNames,
    senderId: true,
    originationNumber: true,
    maxPriceUsd: true,
    india: true,
  })
  const { senderId, originationNumber, maxPriceUsd } = options
  check('senderId', senderId, senderPattern, 'must be 3 to 11 letters, digits or hyphens')
  check('originationNumber', originationNumber, /^\+?\d{5,14}$/, 'must be 5 to 14 digits')
  check('maxPriceUsd', maxPriceUsd, /^\d+(\.\d+)?$/, 'must be a decimal number as text')
  const attributes: Attribute[] = [
    ['AWS.SNS.SMS.SMSType', 'Transactional'],
    ['AWS.SNS.SMS.SenderID', senderId],
    ['AWS.MM.SMS.OriginationNumber', originationNumber],
    ['AWS.SNS.SMS.MaxPrice', maxPriceUsd, 'Number'],
  ]
  const india = options.india === undefined ? [] : indianAttributes(options.india)
  const client = createAwsClient('snsSms', { provider: name, service: 'sns', host: 'sns' }, options)

  return {
    name,
    reaches: ['phone'],
    deliver: async ({ to, content }, { signal } = {}) => {
      const answer = await client.post({
        path: '/',
        contentType: 'application/x-www-form-urlencoded',
        body: encode(
          to,
          content.text,
          to.startsWith('+91') ? [...attributes, ...india] : attributes,
        ),
        signal,
      })
      const text = typeof answer.body === 'string' ? answer.body : ''
      const messageId = /<MessageId>([^<]+)<\/MessageId>/.exec(text)?.[1]
      if (answer.status < 300 && messageId !== undefined) return { provider: name, messageId }
      const code = /<Code>([^<]+)<\/Code>/.exec(text)?.[1]
      throw client.failure(answer, classifyAnswer(answer.status, statementOf(code, text)), code)
    },
  }
}

const senderPattern = /^(?=.*[A-Za-z])[A-Za-z0-9-]{3,11}$/

type Attribute = readonly [name: string, value: string | undefined, type?: 'Number']

function check(option: string, value: unknown, pattern: RegExp, rule: string): void {
  if (value === undefined) return
  if (typeof value !== 'string' || !pattern.test(value)) throw wrongOption('snsSms', option, rule)
}

function indianAttributes(given: Required<SnsSmsOptions>['india']): Attribute[] {
  const names = { entityId: true, templateId: true } as const
  const { entityId, templateId } = knownOptions('snsSms', given, names, 'india')
  return [
    ['AWS.MM.SMS.EntityId', checkText('snsSms', 'india.entityId', entityId)],
    ['AWS.MM.SMS.TemplateId', checkText('snsSms', 'india.templateId', templateId)],
  ]
}

function encode(phone: string, text: string, attributes: readonly Attribute[]): string {
  const fields = new URLSearchParams({
    Action: 'Publish',
    Version: '2010-03-31',
    Message: text,
    PhoneNumber: phone,
  })
  let number = 0
  for (const [attributeName, value, type = 'String'] of attributes) {
    if (value === undefined) continue
    number += 1
    const entry = `MessageAttributes.entry.${number}`
    fields.set(`${entry}.Name`, attributeName)
    fields.set(`${entry}.Value.DataType`, type)
    fields.set(`${entry}.Value.StringValue`, value)
  }
  return fields.toString().replaceAll('+', '%20')
}

function statementOf(code: string | undefined, text: string): Statement {
  if (code === undefined || !text.includes('<ErrorResponse')) return undefined
  const parameter = code === 'InvalidParameter' || code === 'ParameterValueInvalid'
  if (parameter && /<Message>[^<]*PhoneNumber/.test(text)) return invalidRecipient
  return code.startsWith('KMS') ? misconfigured : (classify(errors, code) ?? 'unlisted')
}

const errors: ErrorTable = {
  AuthorizationError: misconfigured,
  InvalidSecurity: misconfigured,
  InvalidClientTokenId: misconfigured,
  SignatureDoesNotMatch: misconfigured,
  ExpiredToken: misconfigured,
  RequestExpired: misconfigured,
  InvalidParameter: misconfigured,
  ParameterValueInvalid: misconfigured,
  ValidationException: misconfigured,
  UserError: misconfigured,
  NotFound: misconfigured,
  EndpointDisabled: misconfigured,
  PlatformApplicationDisabled: misconfigured,
  OptedOut: optedOut,
  Throttled: rateLimited,
  Throttling: rateLimited,
  ThrottlingException: rateLimited,
  InternalError: unknownOutcome,
  InternalFailure: unknownOutcome,
  ServiceUnavailable: unknownOutcome,
}
