import type { Delivery } from '../delivery'
import { DeliveryError } from '../errors'
import { knownOptions } from '../internal/known-options'
import { byLocale, checkByLocale } from '../internal/providers/by-locale'
import { checkText } from '../internal/providers/check'
import { needCode } from '../internal/providers/coded'
import {
  checkSid,
  senderForm,
  type TwilioAccountOptions,
  type TwilioSenderOptions,
  twilioAccount,
  twilioAccountNames,
  twilioName,
  twilioSenderNames,
  validityPeriod,
} from '../internal/providers/twilio-account'
import { twilioLanguages, twimlSay } from '../internal/providers/twilio-voices'
import { wrongOption } from '../internal/wrong-option'

/** Options of `twilioSms`. */
export interface TwilioSmsOptions extends TwilioSenderOptions {
  /**
   * Asks Twilio to wait for a confirmation of each message, which `twilioConversions` gives.
   *
   * @defaultValue false
   */
  readonly provideFeedback?: boolean
}

/** Options of `twilioWhatsapp`. */
export interface TwilioWhatsappOptions extends TwilioSenderOptions {
  /** `HX…`: an approved template of the type `whatsapp/authentication`. */
  readonly contentSid: string
  /** Templates in other languages, by the message's locale (`pt-AO` falls back to `pt`). */
  readonly contentSidByLocale?: Readonly<Record<string, string>>
}

/** Options of `twilioVoice`. */
export interface TwilioVoiceOptions extends TwilioAccountOptions {
  /** A number of yours, or one verified as a caller id, in E.164. */
  readonly from: string
  /**
   * Who speaks, by the message's locale (`pt-AO` falls back to `pt`). Without an entry here the
   * account's own voices speak Arabic, Bengali, English, French, German, Hindi, Indonesian,
   * Portuguese, Spanish and Turkish; a message in another language is refused as
   * `content_rejected`, for nobody would understand it.
   *
   * @see {@link https://www.twilio.com/docs/voice/twiml/say/text-speech}
   */
  readonly voiceByLocale?: Readonly<Record<string, TwilioVoice>>
  /**
   * Longest call, in whole seconds.
   *
   * @defaultValue 60
   */
  readonly timeLimitSeconds?: number
}

/** A speaker of Twilio's `<Say>`. */
export interface TwilioVoice {
  /** The language that is spoken, such as `en-US`. */
  readonly language: string
  /**
   * Such as `Polly.Joanna`.
   *
   * @defaultValue the account's voice for the language
   */
  readonly voice?: string
}

/**
 * SMS through Twilio, which drops the message once its code is dead (`ValidityPeriod`).
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.twilio.com/docs/messaging/api/message-resource}
 *
 * @example
 * ```ts
 * import { twilioSms } from 'otpkit/deliveries/twilio'
 *
 * export const sms = twilioSms({
 *   accountSid: process.env.TWILIO_ACCOUNT_SID ?? '',
 *   authToken: process.env.TWILIO_AUTH_TOKEN ?? '',
 *   from: '+15017122661',
 * })
 * ```
 */
export function twilioSms(given: TwilioSmsOptions): Delivery {
  const options = knownOptions('twilioSms', given, { ...twilioSenderNames, provideFeedback: true })
  const { provideFeedback = false } = options
  if (typeof provideFeedback !== 'boolean') {
    throw wrongOption('twilioSms', 'provideFeedback', 'must be true or false')
  }
  const sender = senderForm('twilioSms', options)
  const account = twilioAccount('twilioSms', options)

  return {
    name: twilioName,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}) => {
      const form = {
        To: message.to,
        ...sender,
        Body: message.content.text,
        ValidityPeriod: validityPeriod(message.expiresInMs),
        ProvideFeedback: provideFeedback ? 'true' : undefined,
      }
      return account.create('Messages', form, message.reference, signal)
    },
  }
}

/**
 * WhatsApp through Twilio, with an authentication template whose one variable is the code, of at
 * most 15 characters. The words are the template's.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.twilio.com/docs/content/whatsappauthentication}
 *
 * @example
 * ```ts
 * import { twilioWhatsapp } from 'otpkit/deliveries/twilio'
 *
 * export const whatsapp = twilioWhatsapp({
 *   accountSid: process.env.TWILIO_ACCOUNT_SID ?? '',
 *   authToken: process.env.TWILIO_AUTH_TOKEN ?? '',
 *   from: '+14155238886',
 *   contentSid: 'HX00000000000000000000000000000001',
 * })
 * ```
 */
export function twilioWhatsapp(given: TwilioWhatsappOptions): Delivery {
  const options = knownOptions('twilioWhatsapp', given, {
    ...twilioSenderNames,
    contentSid: true,
    contentSidByLocale: true,
  })
  const contentSid = checkSid('twilioWhatsapp', 'contentSid', options.contentSid, 'HX')
  const contentSidByLocale = options.contentSidByLocale ?? {}
  checkByLocale('twilioWhatsapp', 'contentSidByLocale', contentSidByLocale, (option, sid) =>
    checkSid('twilioWhatsapp', option, sid, 'HX'),
  )
  const { From, ...service } = senderForm('twilioWhatsapp', options)
  const sender =
    From === undefined ? service : { From: `whatsapp:${From.replace(/^whatsapp:/, '')}` }
  const account = twilioAccount('twilioWhatsapp', options)

  return {
    name: twilioName,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}) => {
      needCode(message, twilioName)
      if (message.code.length > 15) throw contentRejected()
      const form = {
        To: `whatsapp:${message.to}`,
        ...sender,
        ContentSid: byLocale(contentSidByLocale, message.locale) ?? contentSid,
        ContentVariables: JSON.stringify({ 1: message.code }),
        ValidityPeriod: validityPeriod(message.expiresInMs),
      }
      return account.create('Messages', form, message.reference, signal)
    },
  }
}

/**
 * A call through Twilio that reads the code aloud. The words travel inside the request (`Twiml`),
 * so that no web server has to hold the code.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.twilio.com/docs/voice/api/call-resource}
 *
 * @example
 * ```ts
 * import { twilioVoice } from 'otpkit/deliveries/twilio'
 *
 * export const voice = twilioVoice({
 *   accountSid: process.env.TWILIO_ACCOUNT_SID ?? '',
 *   authToken: process.env.TWILIO_AUTH_TOKEN ?? '',
 *   from: '+15017122661',
 * })
 * ```
 */
export function twilioVoice(given: TwilioVoiceOptions): Delivery {
  const options = knownOptions('twilioVoice', given, {
    ...twilioAccountNames,
    from: true,
    voiceByLocale: true,
    timeLimitSeconds: true,
  })
  const { from, voiceByLocale = {}, timeLimitSeconds = 60 } = options
  if (typeof from !== 'string' || !/^\+\d+$/.test(from)) {
    throw wrongOption('twilioVoice', 'from', 'must be a number in E.164')
  }
  checkByLocale('twilioVoice', 'voiceByLocale', voiceByLocale, (option, speaker) => {
    const { language, voice } = knownOptions(
      'twilioVoice',
      speaker,
      { language: true, voice: true },
      option,
    )
    checkText('twilioVoice', `${option}.language`, language)
    if (voice !== undefined) checkText('twilioVoice', `${option}.voice`, voice)
  })
  if (!Number.isInteger(timeLimitSeconds) || timeLimitSeconds < 1) {
    throw wrongOption('twilioVoice', 'timeLimitSeconds', 'must be whole seconds, 1 or more')
  }
  const account = twilioAccount('twilioVoice', options)

  return {
    name: twilioName,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}) => {
      const speaker = byLocale(voiceByLocale, message.locale)
      const language = speaker?.language ?? byLocale(twilioLanguages, message.locale)
      if (language === undefined) throw contentRejected()
      const text = message.content.spoken ?? message.content.text
      const form = {
        To: message.to,
        From: from,
        Twiml: twimlSay(language, speaker?.voice, text),
        TimeLimit: String(timeLimitSeconds),
      }
      return account.create('Calls', form, message.reference, signal)
    },
  }
}

function contentRejected(): DeliveryError {
  return new DeliveryError({ kind: 'content_rejected', sent: 'no', provider: twilioName })
}
