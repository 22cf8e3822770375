import type { Delivery } from '../delivery'
import { DeliveryError } from '../errors'
import { knownOptions } from '../internal/known-options'
import { byLocale, checkByLocale } from '../internal/providers/by-locale'
import { checkText } from '../internal/providers/check'
import { classifyAnswer } from '../internal/providers/classify'
import { needCode } from '../internal/providers/coded'
import { createHttpClient, type HttpOptions, httpOptionNames } from '../internal/providers/http'
import { field, messageIdOf } from '../internal/providers/read'
import { classifyWhatsappError } from '../internal/providers/whatsapp-errors'
import { wrongOption } from '../internal/wrong-option'

const name = 'whatsapp'

/** Options of `whatsappCloud`. */
export interface WhatsappCloudOptions extends HttpOptions {
  /** A system user's access token with the permission `whatsapp_business_messaging`. */
  readonly accessToken: string
  /** The id of the sending number, not the number. */
  readonly phoneNumberId: string
  /** The authentication template, for messages in languages that `templateByLocale` lacks. */
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
export function whatsappCloud(given: WhatsappCloudOptions): Delivery {
  const options = knownOptions('whatsappCloud', given, {
    ...httpOptionNames,
    accessToken: true,
    phoneNumberId: true,
    template: true,
    templateByLocale: true,
    graphVersion: true,
  })
  const accessToken = checkText('whatsappCloud', 'accessToken', options.accessToken)
  const { phoneNumberId, template, templateByLocale = {}, graphVersion = 'v22.0' } = options
  if (typeof phoneNumberId !== 'string' || !/^\d+$/.test(phoneNumberId)) {
    throw wrongOption('whatsappCloud', 'phoneNumberId', 'must be digits')
  }
  if (typeof graphVersion !== 'string' || !/^v\d{1,3}\.\d{1,3}$/.test(graphVersion)) {
    throw wrongOption('whatsappCloud', 'graphVersion', 'must be like v22.0')
  }
  checkTemplate('template', template)
  checkByLocale('whatsappCloud', 'templateByLocale', templateByLocale, checkTemplate)
  const client = createHttpClient('whatsappCloud', name, 'https://graph.facebook.com', options)

  return {
    name,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}) => {
      needCode(message, name)
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
      const row = classifyWhatsappError(code, field(error, 'error_subcode'))
      const said = row ?? (typeof code === 'number' ? 'unlisted' : undefined)
      throw client.failure(answer, classifyAnswer(answer.status, said), code)
    },
  }
}

function checkTemplate(option: string, given: WhatsappTemplate): void {
  const names = { name: true, language: true } as const
  const template = knownOptions('whatsappCloud', given, names, option)
  checkText('whatsappCloud', `${option}.name`, template.name)
  checkText('whatsappCloud', `${option}.language`, template.language)
}
