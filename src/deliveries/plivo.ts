import type { Delivery } from '../delivery'
import { DeliveryError } from '../errors'
import { defined } from '../internal/defined'
import { knownOptions } from '../internal/known-options'
import { withReference } from '../internal/providers/callback-url'
import { checkSender, checkText, checkUrl } from '../internal/providers/check'
import {
  classify,
  classifyAnswer,
  type ErrorTable,
  insufficientFunds,
  invalidRecipient,
  misconfigured,
  rateLimited,
  type Statement,
} from '../internal/providers/classify'
import {
  basicAuthorization,
  createHttpClient,
  type HttpAnswer,
  type HttpOptions,
  httpOptionNames,
} from '../internal/providers/http'
import { field, messageIdOf } from '../internal/providers/read'

const name = 'plivo'

/** Options of `plivoSms`. */
export interface PlivoSmsOptions extends HttpOptions {
  /** The id of the account or of a subaccount, `MA…` or `SA…`. */
  readonly authId: string
  /** The secret to the auth id. */
  readonly authToken: string
  /** A number of yours in E.164, a short code, or an alphanumeric sender. */
  readonly from: string
  /**
   * Where Plivo reports on the message, one POST for each segment. The message's `reference` is added
   * to its query, which `plivoReceipts` reads.
   *
   * @defaultValue none, and no reports
   */
  readonly callbackUrl?: string
  /** Registration of the text (DLT), used for Indian numbers only. */
  readonly india?: {
    readonly entityId: string
    readonly templateId: string
    /** The category of the template, such as `service_implicit`. */
    readonly templateCategory?: string
  }
}

/**
 * SMS through Plivo, which keeps no copy of the text (`log: false`) and drops the message once the
 * code is dead.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.plivo.com/docs/messaging/api/message}
 *
 * @example
 * ```ts
 * import { plivoSms } from 'otpkit/deliveries/plivo'
 *
 * export const sms = plivoSms({
 *   authId: process.env.PLIVO_AUTH_ID ?? '',
 *   authToken: process.env.PLIVO_AUTH_TOKEN ?? '',
 *   from: '+14155550100',
 * })
 * ```
 */
export function plivoSms(given: PlivoSmsOptions): Delivery {
  const options = knownOptions('plivoSms', given, {
    ...httpOptionNames,
    authId: true,
    authToken: true,
    from: true,
    callbackUrl: true,
    india: true,
  })
  const authId = checkText('plivoSms', 'authId', options.authId)
  const authorization = basicAuthorization(
    authId,
    checkText('plivoSms', 'authToken', options.authToken),
  )
  const src = checkSender('plivoSms', options.from)
  const url =
    options.callbackUrl === undefined
      ? undefined
      : checkUrl('plivoSms', 'callbackUrl', options.callbackUrl)
  const india = indianFields(options.india)
  const client = createHttpClient('plivoSms', name, 'https://api.plivo.com', options)

  return {
    name,
    reaches: ['phone'],
    deliver: async ({ to, content, expiresInMs, reference }, { signal } = {}) => {
      // Plivo takes several numbers joined by `<`.
      if (!/^\+\d{5,15}$/.test(to)) {
        throw new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider: name })
      }
      const answer = await client.post({
        path: `/v1/Account/${encodeURIComponent(authId)}/Message/`,
        headers: { authorization },
        json: {
          src,
          dst: to,
          text: content.text,
          type: 'sms',
          ...(url === undefined ? {} : { url: withReference(url, reference), method: 'POST' }),
          log: false,
          message_expiry: Math.min(Math.max(Math.floor(expiresInMs / 1000), 5), 10_798),
          ...(to.startsWith('+91') ? india : {}),
        },
        signal,
      })
      const messageId = messageIdOf(field(field(answer.body, 'message_uuid'), 0))
      if (answer.status === 202 && messageId !== undefined) return { provider: name, messageId }
      throw client.failure(
        answer,
        classifyAnswer(answer.status, statementOf(answer)),
        answer.status,
      )
    },
  }
}

function indianFields(india: PlivoSmsOptions['india']) {
  if (india === undefined) return {}
  const names = { entityId: true, templateId: true, templateCategory: true } as const
  const { entityId, templateId, templateCategory } = knownOptions('plivoSms', india, names, 'india')
  return defined({
    dlt_entity_id: checkText('plivoSms', 'india.entityId', entityId),
    dlt_template_id: checkText('plivoSms', 'india.templateId', templateId),
    dlt_template_category:
      templateCategory === undefined
        ? undefined
        : checkText('plivoSms', 'india.templateCategory', templateCategory),
  })
}

// What `dst` is mentioned beside where the sender or the account may not write there.
const notOfNumber = /\b(src|sender|permi\w+|allowed|enabled|authori\w+|region|country)\b/i

// Plivo says what is wrong in words only; the status is their code. A proxy may say `error` too.
function statementOf({ status, body }: HttpAnswer): Statement {
  const invalid = field(body, 'invalid_number')
  if (status === 202 && Array.isArray(invalid) && invalid.length > 0) return invalidRecipient
  const text = field(body, 'error')
  if (typeof text !== 'string') return undefined
  if (status === 400 && /\bdst\b/.test(text) && !notOfNumber.test(text)) return invalidRecipient
  if (typeof field(body, 'api_id') !== 'string') return undefined
  return classify(errors, status) ?? 'unlisted'
}

const errors: ErrorTable = {
  400: misconfigured,
  401: misconfigured,
  402: insufficientFunds,
  403: misconfigured,
  404: misconfigured,
  405: misconfigured,
  406: misconfigured,
  429: rateLimited,
}
