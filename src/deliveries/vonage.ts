import type { Accepted, Delivery } from '../delivery'
import { isGsmText } from '../internal/gsm'
import { knownOptions, type OptionNames } from '../internal/known-options'
import { checkText, checkUrl } from '../internal/providers/check'
import { classifyAnswer } from '../internal/providers/classify'
import {
  basicAuthorization,
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpOptions,
  httpOptionNames,
} from '../internal/providers/http'
import { field, messageIdOf } from '../internal/providers/read'
import { problemCode, problemStatement, smsStatement } from '../internal/providers/vonage-errors'
import { wrongOption } from '../internal/wrong-option'

const name = 'vonage'

/** What both of Vonage's APIs need. */
export interface VonageOptions extends HttpOptions {
  /** The API key of the account. */
  readonly apiKey: string
  /** The API secret of the account, not its signature secret. */
  readonly apiSecret: string
  /** A number of yours, or up to 11 characters where the country allows such a sender. */
  readonly from: string
  /**
   * Where Vonage reports on the message.
   *
   * @defaultValue the account's
   */
  readonly callbackUrl?: string
  /** Ids of the registered entity and template (DLT), used for Indian numbers only. */
  readonly india?: { readonly entityId: string; readonly contentId: string }
}

const optionNames: OptionNames<VonageOptions> = {
  ...httpOptionNames,
  apiKey: true,
  apiSecret: true,
  from: true,
  callbackUrl: true,
  india: true,
}

/** Options of `vonageSms`. */
export interface VonageSmsOptions extends VonageOptions {}

/** Options of `vonageMessages`. */
export interface VonageMessagesOptions extends VonageOptions {}

/**
 * SMS through Vonage's SMS API. Vonage drops the message once the code is dead.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developer.vonage.com/en/api/sms}
 *
 * @example
 * ```ts
 * import { vonageSms } from 'otpkit/deliveries/vonage'
 *
 * export const sms = vonageSms({
 *   apiKey: process.env.VONAGE_API_KEY ?? '',
 *   apiSecret: process.env.VONAGE_API_SECRET ?? '',
 *   from: 'AcmeInc',
 * })
 * ```
 */
export function vonageSms(given: VonageSmsOptions): Delivery {
  const options = knownOptions('vonageSms', given, optionNames)
  const { authorization, from, callbackUrl, india } = checkOptions('vonageSms', options)
  const client = createHttpClient('vonageSms', name, 'https://rest.nexmo.com', options)

  return {
    name,
    reaches: ['phone'],
    deliver: async ({ to, content, expiresInMs, reference }, { signal } = {}) => {
      const answer = await client.post({
        path: '/sms/json',
        headers: { authorization },
        json: {
          to: digits(to),
          from,
          text: content.text,
          type: isGsmText(content.text) ? 'text' : 'unicode',
          // This API counts milliseconds, the other one seconds.
          ttl: lifetime(expiresInMs, 1),
          'client-ref': reference,
          callback: callbackUrl,
          ...(india !== undefined && isIndian(to)
            ? { 'entity-id': india.entityId, 'content-id': india.contentId }
            : {}),
        },
        signal,
      })
      return acceptedSms(client, answer)
    },
  }
}

/**
 * SMS through Vonage's Messages API. A regional host goes into `baseUrl`, such as
 * `https://api-eu.nexmo.com`.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developer.vonage.com/en/api/messages}
 *
 * @example
 * ```ts
 * import { vonageMessages } from 'otpkit/deliveries/vonage'
 *
 * export const sms = vonageMessages({
 *   apiKey: process.env.VONAGE_API_KEY ?? '',
 *   apiSecret: process.env.VONAGE_API_SECRET ?? '',
 *   from: 'AcmeInc',
 * })
 * ```
 */
export function vonageMessages(given: VonageMessagesOptions): Delivery {
  const options = knownOptions('vonageMessages', given, optionNames)
  const { authorization, from, callbackUrl, india } = checkOptions('vonageMessages', options)
  const client = createHttpClient('vonageMessages', name, 'https://api.nexmo.com', options)

  return {
    name,
    reaches: ['phone'],
    deliver: async ({ to, content, expiresInMs, reference }, { signal } = {}) => {
      const answer = await client.post({
        path: '/v1/messages',
        headers: { authorization },
        json: {
          message_type: 'text',
          channel: 'sms',
          to: digits(to),
          from,
          text: content.text,
          client_ref: reference,
          ttl: lifetime(expiresInMs, 1000),
          ...(callbackUrl === undefined ? {} : { webhook_url: callbackUrl, webhook_version: 'v1' }),
          sms: {
            encoding_type: 'auto',
            ...(india !== undefined && isIndian(to)
              ? { entity_id: india.entityId, content_id: india.contentId }
              : {}),
          },
        },
        signal,
      })
      const messageId = messageIdOf(field(answer.body, 'message_uuid'))
      if (answer.status < 300 && messageId !== undefined) return { provider: name, messageId }
      const code = problemCode(field(answer.body, 'type')) ?? answer.status
      throw client.failure(answer, classifyAnswer(answer.status, problemStatement(answer)), code)
    },
  }
}

function checkOptions(factory: string, options: VonageOptions) {
  const apiKey = checkText(factory, 'apiKey', options.apiKey)
  const apiSecret = checkText(factory, 'apiSecret', options.apiSecret)
  const { from, callbackUrl, india } = options
  if (typeof from !== 'string' || !/^(\+?\d{3,15}|[ -~]{1,11})$/.test(from)) {
    throw wrongOption(factory, 'from', 'must be a number, or a sender of up to 11 characters')
  }
  if (callbackUrl !== undefined) checkUrl(factory, 'callbackUrl', callbackUrl)
  if (india !== undefined) {
    knownOptions(factory, india, { entityId: true, contentId: true }, 'india')
    checkText(factory, 'india.entityId', india.entityId)
    checkText(factory, 'india.contentId', india.contentId)
  }
  const authorization = basicAuthorization(apiKey, apiSecret)
  return { authorization, from: digits(from), callbackUrl, india }
}

function digits(number: string): string {
  return number.replace(/^\+/, '')
}

function isIndian(number: string): boolean {
  return number.startsWith('+91')
}

/** What is left of the code's life, in the unit and between the bounds (20 s, 7 days) of the API. */
function lifetime(expiresInMs: number, unitMs: number): number {
  return Math.floor(Math.min(Math.max(expiresInMs, 20_000), 604_800_000) / unitMs)
}

// Always status 200; one entry for each segment, and each may fail by itself.
function acceptedSms(client: HttpClient, answer: HttpAnswer): Accepted {
  const listed = field(answer.body, 'messages')
  const segments: readonly unknown[] = Array.isArray(listed) ? listed : []
  const failed = segments.find((segment) => field(segment, 'status') !== '0')
  const messageId = messageIdOf(field(segments[0], 'message-id'))
  if (answer.status < 300 && failed === undefined && messageId !== undefined) {
    const messageIds = segments.flatMap(
      (segment) => messageIdOf(field(segment, 'message-id')) ?? [],
    )
    const accepted = { provider: name, messageId, segments: segments.length }
    return messageIds.length > 1 ? { ...accepted, messageIds } : accepted
  }
  const code = field(failed, 'status')
  const said = smsStatement(code, field(failed, 'error-text')) ?? problemStatement(answer)
  const [kind, sent, page] = classifyAnswer(answer.status, said)
  const partly = segments.some((segment) => field(segment, 'status') === '0')
  throw client.failure(answer, [kind, partly ? 'unknown' : sent, page], code ?? answer.status)
}
