import type { Delivery } from '../delivery'
import { DeliveryError } from '../errors'
import { byLocale } from '../internal/by-locale'
import {
  type Classification,
  checkText,
  classify,
  classifyStatus,
  createHttpClient,
  type ErrorTable,
  field,
  type HttpOptions,
  messageIdOf,
  unknownOutcome,
} from '../internal/http'

/** Options of `whatsappCloud`. */
export interface WhatsappCloudOptions extends HttpOptions {
  /** A system user's access token with the permission `whatsapp_business_messaging`. */
  readonly accessToken: string
  /** The id of the sending number, not the number. */
  readonly phoneNumberId: string
  /** The authentication template, for every message that has no other below. */
  readonly template: WhatsappTemplate
  /** Templates in other languages, by the message's locale (`pt-AO` falls back to `pt`). */
  readonly templateByLocale?: Readonly<Record<string, WhatsappTemplate>>
  /**
   * Version of the Graph API.
   *
   * @defaultValue `'v22.0'`
   */
  readonly graphVersion?: string
}

/** An approved template of the category `AUTHENTICATION`. */
export interface WhatsappTemplate {
  /** Its name in WhatsApp Manager. */
  readonly name: string
  /** Meta's code of an approved translation, exactly as it is there: `en`, `en_US`, `pt_BR`. */
  readonly language: string
}

/**
 * WhatsApp through Meta's Cloud API, with an authentication template of any kind (copy code,
 * one-tap, zero-tap). The words and the life of an undelivered message are the template's; the code
 * may have 15 characters.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developers.facebook.com/docs/whatsapp/business-management-api/authentication-templates}
 *
 * @example
 * ```ts
 * import { whatsappCloud } from 'otpkit/deliveries/whatsapp'
 *
 * export const whatsapp = whatsappCloud({
 *   accessToken: process.env.WA_API_TOKEN ?? '',
 *   phoneNumberId: '106540352242922',
 *   template: { name: 'verification_code', language: 'en_US' },
 * })
 * ```
 */
export function whatsappCloud(options: WhatsappCloudOptions): Delivery {
  const accessToken = checkText('accessToken', options.accessToken)
  const { phoneNumberId, template, templateByLocale = {}, graphVersion = 'v22.0' } = options
  if (!/^\d+$/.test(phoneNumberId)) throw new TypeError('phoneNumberId must be digits')
  if (!/^v\d+\.\d+$/.test(graphVersion)) throw new TypeError('graphVersion must be like v22.0')
  checkTemplate('template', template)
  for (const other of Object.values(templateByLocale)) checkTemplate('templateByLocale', other)
  const client = createHttpClient(name, 'https://graph.facebook.com', options)

  return {
    name,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}) => {
      if (message.code.length > 15) {
        throw new DeliveryError({ kind: 'content_rejected', sent: 'no', provider: name })
      }
      const { name: templateName, language } =
        byLocale(templateByLocale, message.locale) ?? template
      const parameters = [{ type: 'text', text: message.code }]
      const answer = await client.post({
        path: `/${graphVersion}/${phoneNumberId}/messages`,
        headers: { authorization: `Bearer ${accessToken}` },
        json: {
          messaging_product: 'whatsapp',
          recipient_type: 'individual',
          to: message.to.replace('+', ''),
          type: 'template',
          template: {
            name: templateName,
            language: { code: language },
            components: [
              { type: 'body', parameters },
              // The button that copies the code is stored as a URL button.
              { type: 'button', sub_type: 'url', index: '0', parameters },
            ],
          },
          // Comes back in every status, also when the answer to this call was lost.
          biz_opaque_callback_data: message.reference,
        },
        signal,
      })
      const error = field(answer.body, 'error')
      const messageId = messageIdOf(field(field(field(answer.body, 'messages'), 0), 'id'))
      if (answer.status < 300 && error === undefined && messageId !== undefined) {
        return { provider: name, messageId }
      }
      const code = field(error, 'code')
      const classification = classifyCode(code) ?? classifyStatus(answer.status)
      throw client.failure(answer, classification, code)
    },
  }
}

const name = 'whatsapp'

function checkTemplate(option: string, template: WhatsappTemplate): void {
  checkText(`${option}.name`, template?.name)
  checkText(`${option}.language`, template?.language)
}

function classifyCode(code: unknown): Classification | undefined {
  // 200 to 299 are missing permissions.
  if (typeof code === 'number' && code >= 200 && code <= 299) return misconfigured
  return classify(errors, code)
}

const invalidRecipient: Classification = ['invalid_recipient', 'no']
const optedOut: Classification = ['opted_out', 'no']
const contentRejected: Classification = ['content_rejected', 'no']
const misconfigured: Classification = ['misconfigured', 'no']
const rateLimited: Classification = ['rate_limited', 'no']
// Duplicates are unlikely then, but not excluded.
const overloaded: Classification = ['unavailable', 'unknown']

const errors: ErrorTable = {
  0: misconfigured,
  1: unknownOutcome,
  2: overloaded,
  3: misconfigured,
  4: rateLimited,
  10: misconfigured,
  33: misconfigured,
  100: contentRejected,
  190: misconfigured,
  368: misconfigured,
  80007: rateLimited,
  130429: rateLimited,
  130472: optedOut,
  131000: unknownOutcome,
  131005: misconfigured,
  131008: contentRejected,
  131009: contentRejected,
  131016: overloaded,
  131021: invalidRecipient,
  131026: invalidRecipient,
  131030: misconfigured,
  131031: misconfigured,
  131042: ['insufficient_funds', 'no'],
  131045: misconfigured,
  131047: contentRejected,
  131048: rateLimited,
  131049: optedOut,
  131050: optedOut,
  131051: contentRejected,
  131052: contentRejected,
  131053: contentRejected,
  131056: rateLimited,
  131057: overloaded,
  132000: contentRejected,
  132001: contentRejected,
  132005: contentRejected,
  132007: contentRejected,
  132012: contentRejected,
  132015: contentRejected,
  132016: contentRejected,
  133004: overloaded,
  133006: misconfigured,
  133010: misconfigured,
  133016: misconfigured,
  135000: ['unknown', 'no'],
}
