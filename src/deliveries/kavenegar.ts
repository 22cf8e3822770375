import type { Accepted, Delivery, OtpMessage } from '../delivery'
import { checkFunction } from '../internal/check-function'
import { defined } from '../internal/defined'
import { knownOptions, type OptionNames } from '../internal/known-options'
import { byLocale, checkByLocale } from '../internal/providers/by-locale'
import { checkText } from '../internal/providers/check'
import {
  brokeDown,
  type Classification,
  classify,
  classifyStatement,
  contentRejected,
  type ErrorTable,
  insufficientFunds,
  invalidRecipient,
  mayHaveActed,
  mendedAt,
  misconfigured,
  rateLimited,
  unavailable,
} from '../internal/providers/classify'
import { needCode } from '../internal/providers/coded'
import { createHttpClient, type HttpOptions, httpOptionNames } from '../internal/providers/http'
import { priceOf } from '../internal/providers/price'
import { field, messageIdOf } from '../internal/providers/read'
import { textsBy } from '../internal/providers/texts'
import { wrongOption } from '../internal/wrong-option'

const name = 'kavenegar'

/** What all of Kavenegar's methods need. */
export interface KavenegarOptions extends HttpOptions {
  /** The API key of the panel. It is part of the URL, which no error and no event contains. */
  readonly apiKey: string
}

const optionNames: OptionNames<KavenegarOptions> = { ...httpOptionNames, apiKey: true }

/** Options of `kavenegarLookup`. */
export interface KavenegarLookupOptions extends KavenegarOptions {
  /** Name of a template that the panel shows as approved; its `%token` becomes the code. */
  readonly template: string
  /** Templates in other languages, by the message's locale (`fa-IR` falls back to `fa`). */
  readonly templateByLocale?: Readonly<Record<string, string>>
  /**
   * The template's other tokens.
   *
   * @defaultValue none
   */
  readonly tokens?: (message: OtpMessage) => KavenegarTokens
  /**
   * Sends the template as a text message, or reads it aloud in a call.
   *
   * @defaultValue `'sms'`
   */
  readonly type?: 'sms' | 'call'
}

/** Tokens beside the code. Kavenegar refuses other characters in them (431). */
export interface KavenegarTokens {
  /** What `%token2` becomes: letters and digits. */
  readonly token2?: string
  /** What `%token3` becomes: letters and digits. */
  readonly token3?: string
  /** What `%token10` becomes: letters, digits and up to 5 spaces, at most 100 characters. */
  readonly token10?: string
  /** What `%token20` becomes: letters, digits and a few more spaces than in `%token10`. */
  readonly token20?: string
}

/** Options of `kavenegarSms`. */
export interface KavenegarSmsOptions extends KavenegarOptions {
  /**
   * The line it is sent from.
   *
   * @defaultValue the account's default line
   */
  readonly sender?: string
}

/** Options of `kavenegarCall`. */
export interface KavenegarCallOptions extends KavenegarOptions {}

/**
 * A template with the code through Kavenegar (`verify/lookup`): the method made for codes, over
 * service lines that also reach numbers which block advertising.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://kavenegar.com/rest.html#sms-Lookup}
 *
 * @example
 * ```ts
 * import { kavenegarLookup } from 'otpkit/deliveries/kavenegar'
 *
 * export const sms = kavenegarLookup({
 *   apiKey: process.env.KAVENEGAR_API_KEY ?? '',
 *   template: 'login',
 * })
 * ```
 */
export function kavenegarLookup(given: KavenegarLookupOptions): Delivery {
  const options = knownOptions('kavenegarLookup', given, {
    ...optionNames,
    template: true,
    templateByLocale: true,
    tokens: true,
    type: true,
  })
  const template = checkText('kavenegarLookup', 'template', options.template)
  const { templateByLocale = {}, tokens = () => ({}), type } = options
  checkByLocale('kavenegarLookup', 'templateByLocale', templateByLocale, (option, other) =>
    checkText('kavenegarLookup', option, other),
  )
  checkFunction('kavenegarLookup', 'tokens', tokens)
  if (type !== undefined && type !== 'sms' && type !== 'call') {
    throw wrongOption('kavenegarLookup', 'type', 'must be sms or call')
  }

  return kavenegar('kavenegarLookup', 'verify/lookup', options, (message) => {
    needCode(message, name)
    return {
      receptor: receptor(message.to),
      template: byLocale(templateByLocale, message.locale) ?? template,
      token: message.code,
      ...textsBy(name, tokens, message),
      type,
    }
  })
}

/**
 * Free text through Kavenegar (`sms/send`). It needs an approved service line; without one numbers
 * that block advertising get nothing.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://kavenegar.com/rest.html#sms-send}
 *
 * @example
 * ```ts
 * import { kavenegarSms } from 'otpkit/deliveries/kavenegar'
 *
 * export const sms = kavenegarSms({
 *   apiKey: process.env.KAVENEGAR_API_KEY ?? '',
 *   sender: '10004346',
 * })
 * ```
 */
export function kavenegarSms(given: KavenegarSmsOptions): Delivery {
  const options = knownOptions('kavenegarSms', given, { ...optionNames, sender: true })
  const sender =
    options.sender === undefined ? undefined : checkText('kavenegarSms', 'sender', options.sender)

  return kavenegar('kavenegarSms', 'sms/send', options, (message) => ({
    receptor: receptor(message.to),
    message: message.content.text,
    sender,
  }))
}

/**
 * A call through Kavenegar that reads the code aloud in Persian (`call/maketts`).
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://kavenegar.com/rest.html#call-maketts}
 *
 * @example
 * ```ts
 * import { kavenegarCall } from 'otpkit/deliveries/kavenegar'
 *
 * export const voice = kavenegarCall({ apiKey: process.env.KAVENEGAR_API_KEY ?? '' })
 * ```
 */
export function kavenegarCall(given: KavenegarCallOptions): Delivery {
  const options = knownOptions('kavenegarCall', given, optionNames)
  return kavenegar('kavenegarCall', 'call/maketts', options, (message) => ({
    receptor: receptor(message.to),
    message: message.content.spoken ?? message.content.text,
  }))
}

function kavenegar(
  factory: string,
  method: string,
  options: KavenegarOptions,
  form: (message: OtpMessage) => Readonly<Record<string, string | undefined>>,
): Delivery {
  const key = encodeURIComponent(checkText(factory, 'apiKey', options.apiKey))
  const client = createHttpClient(factory, name, 'https://api.kavenegar.com', options)

  return {
    name,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}): Promise<Accepted> => {
      const answer = await client.post({
        path: `/v1/${key}/${method}.json`,
        form: form(message),
        signal,
      })
      const status = field(field(answer.body, 'return'), 'status')
      const entries = field(answer.body, 'entries')
      // One object in some answers, a list with one in others.
      const entry = Array.isArray(entries) ? entries[0] : entries
      const messageId = messageIdOf(field(entry, 'messageid'))
      if (status === 200 && messageId !== undefined) {
        // In rials, like everything at Kavenegar.
        const price = priceOf(field(entry, 'cost'), 'IRR')
        return defined({ provider: name, messageId, price })
      }
      // Its numbers are its own (429 is an address, 418 is money): the HTTP status says nothing.
      throw client.failure(answer, classifyError(answer.status, status), status)
    },
  }
}

// Its HTTP status is mostly the same number, and says no more.
function classifyError(httpStatus: number, status: unknown): Classification {
  const isError = typeof status === 'number' && status >= 300
  const said = classify(errors, status) ?? (isError ? 'unlisted' : undefined)
  const isHttp = isError && status < 600
  return classifyStatement(isHttp && mayHaveActed(status) ? status : httpStatus, said)
}

// Kavenegar's own form: 09… at home, 00 and the country code abroad.
function receptor(phone: string): string {
  return phone.startsWith('+98') ? `0${phone.slice(3)}` : phone.replace('+', '00')
}

// The API key, and the addresses that may use it.
const account = mendedAt('https://panel.kavenegar.com/client/setting/account')

const errors: ErrorTable = {
  400: misconfigured,
  401: misconfigured,
  402: brokeDown,
  403: account,
  404: misconfigured,
  405: misconfigured,
  406: misconfigured,
  407: account,
  409: unavailable,
  411: invalidRecipient,
  412: misconfigured,
  413: contentRejected,
  414: misconfigured,
  415: misconfigured,
  416: account,
  417: misconfigured,
  418: insufficientFunds,
  419: misconfigured,
  420: contentRejected,
  422: contentRejected,
  424: mendedAt('https://panel.kavenegar.com/client/Verification', contentRejected),
  426: misconfigured,
  427: misconfigured,
  428: contentRejected,
  429: account,
  431: contentRejected,
  432: contentRejected,
  451: rateLimited,
  501: misconfigured,
  604: misconfigured,
  607: misconfigured,
}
