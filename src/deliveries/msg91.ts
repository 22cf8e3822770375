import type { Accepted, CodedMessage, Delivery } from '../delivery'
import type { DeliveryError } from '../errors'
import { checkFunction, checkSwitch } from '../internal/check-function'
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
  misconfigured,
  rateLimited,
  type Statement,
  unavailable,
} from '../internal/providers/classify'
import { needCode } from '../internal/providers/coded'
import {
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpOptions,
  httpOptionNames,
} from '../internal/providers/http'
import { field, messageIdOf } from '../internal/providers/read'
import { textsBy } from '../internal/providers/texts'

const name = 'msg91'

/** What both of MSG91's products need. */
export interface Msg91Options extends HttpOptions {
  /** The auth key of the panel. */
  readonly authKey: string
  /** MSG91's own id of the template (24 hex digits), not the DLT id of 19 digits. */
  readonly templateId: string
  /** Templates in other languages, by the message's locale (`hi-IN` falls back to `hi`). */
  readonly templateIdByLocale?: Readonly<Record<string, string>>
}

const optionNames: OptionNames<Msg91Options> = {
  ...httpOptionNames,
  authKey: true,
  templateId: true,
  templateIdByLocale: true,
}

/** Options of `msg91Otp`. */
export interface Msg91OtpOptions extends Msg91Options {
  /**
   * Values of the template's variables beside `##OTP##`.
   *
   * @defaultValue none
   */
  readonly variables?: (message: CodedMessage) => Readonly<Record<string, string>>
  /**
   * Sends the auth key in the query, as MSG91 documents it for this call, instead of in a header,
   * which it takes too and which stays out of access logs.
   *
   * @defaultValue false
   */
  readonly authKeyInQuery?: boolean
}

/** Options of `msg91Flow`. */
export interface Msg91FlowOptions extends Msg91Options {
  /**
   * Values of all the flow's variables, the code among them. Names are case-sensitive.
   *
   * @defaultValue `(message) => ({ OTP: message.code })`
   */
  readonly variables?: (message: CodedMessage) => Readonly<Record<string, string>>
}

/**
 * SMS through MSG91's OTP product (v5), with a template that has `##OTP##`. MSG91 only carries the
 * code; it is never asked to verify one.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://docs.msg91.com/otp}
 *
 * @example
 * ```ts
 * import { msg91Otp } from 'otpkit/deliveries/msg91'
 *
 * export const sms = msg91Otp({
 *   authKey: process.env.MSG91_AUTH_KEY ?? '',
 *   templateId: '5f0c0d0e0f00000000000001',
 * })
 * ```
 */
export function msg91Otp(given: Msg91OtpOptions): Delivery {
  const options = knownOptions('msg91Otp', given, {
    ...optionNames,
    variables: true,
    authKeyInQuery: true,
  })
  const { variables = () => ({}), authKeyInQuery = false } = options
  const { client, authKey, templateIdFor } = connect('msg91Otp', options)
  checkFunction('msg91Otp', 'variables', options.variables)
  checkSwitch('msg91Otp', 'authKeyInQuery', authKeyInQuery)

  return {
    name,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}) => {
      needCode(message, name)
      const query = new URLSearchParams({
        template_id: templateIdFor(message.locale),
        mobile: digits(message.to),
        otp: message.code,
        otp_expiry: minutes(message.expiresInMs),
        realTimeResponse: '1',
        ...(authKeyInQuery ? { authkey: authKey } : {}),
      })
      const answer = await client.post({
        path: `/api/v5/otp?${query}`,
        headers: authKeyInQuery ? {} : { authkey: authKey },
        json: textsBy(name, variables, message),
        signal,
      })
      return acceptedBy(client, answer, 'request_id')
    },
  }
}

/**
 * SMS through a flow of MSG91 (v5), for templates with variables of your own.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://docs.msg91.com/sms/send-sms}
 *
 * @example
 * ```ts
 * import { msg91Flow } from 'otpkit/deliveries/msg91'
 *
 * export const sms = msg91Flow({
 *   authKey: process.env.MSG91_AUTH_KEY ?? '',
 *   templateId: '5f0c0d0e0f00000000000002',
 *   variables: ({ code, appName }) => ({ OTP: code, app: appName }),
 * })
 * ```
 */
export function msg91Flow(given: Msg91FlowOptions): Delivery {
  const options = knownOptions('msg91Flow', given, { ...optionNames, variables: true })
  const { variables = ({ code }) => ({ OTP: code }) } = options
  const { client, authKey, templateIdFor } = connect('msg91Flow', options)
  checkFunction('msg91Flow', 'variables', options.variables)

  return {
    name,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}) => {
      needCode(message, name)
      const answer = await client.post({
        path: '/api/v5/flow',
        headers: { authkey: authKey },
        json: {
          template_id: templateIdFor(message.locale),
          short_url: '0',
          // Without it a bad template or balance is accepted now and fails in silence later.
          realTimeResponse: '1',
          recipients: [{ ...textsBy(name, variables, message), mobiles: digits(message.to) }],
        },
        signal,
      })
      return acceptedBy(client, answer, 'message')
    },
  }
}

function connect(factory: string, options: Msg91Options) {
  const authKey = checkText(factory, 'authKey', options.authKey)
  const templateId = checkText(factory, 'templateId', options.templateId)
  const others = options.templateIdByLocale ?? {}
  checkByLocale(factory, 'templateIdByLocale', others, (option, other) =>
    checkText(factory, option, other),
  )
  return {
    client: createHttpClient(factory, name, 'https://control.msg91.com', options),
    authKey,
    templateIdFor: (locale: string) => byLocale(others, locale) ?? templateId,
  }
}

function digits(phone: string): string {
  return phone.replace(/^\+/, '')
}

function minutes(durationMs: number): string {
  return String(Math.min(Math.max(Math.floor(durationMs / 60_000), 1), 1440))
}

// Errors come with status 200 and success with a content type of HTML: only the body decides.
function acceptedBy(
  client: HttpClient,
  answer: HttpAnswer,
  idField: 'request_id' | 'message',
): Accepted {
  const code = field(answer.body, 'apiError') ?? field(answer.body, 'code')
  if (field(answer.body, 'type') === 'success' && answer.status < 300) {
    const messageId = messageIdOf(field(answer.body, idField))
    if (messageId !== undefined) return { provider: name, messageId }
  }
  // The same request was taken less than 10 seconds ago.
  if (code === '311' || code === 311) return { provider: name }
  throw refusal(client, answer, code)
}

function refusal(client: HttpClient, answer: HttpAnswer, code: unknown): DeliveryError {
  const said = classify(errors, code) ?? statementOf(answer.body)
  return client.failure(answer, classifyStatement(answer.status, said), code)
}

function statementOf(body: unknown): Statement {
  const text = field(body, 'message') ?? field(body, 'msg') ?? field(body, 'errors')
  if (field(body, 'type') !== 'error' && field(body, 'hasError') !== true) return undefined
  const row = errorTexts.find(([pattern]) => typeof text === 'string' && pattern.test(text))
  return row?.[1] ?? 'unlisted'
}

// v5 leaves out many codes, and says what is wrong in words.
const errorTexts: readonly (readonly [RegExp, Classification])[] = [
  [/auth ?key|authenticat|authori[sz]|route missing/i, misconfigured],
  [/template/i, contentRejected],
  [/balance/i, insufficientFunds],
  // Not of one that is missing, which would be our fault.
  [
    /\b(invalid|incorrect|wrong)\b.*\bmobile\b|\bmobile\b.*\b(invalid|incorrect|wrong|not valid)\b/i,
    invalidRecipient,
  ],
  [/\bip\b/i, misconfigured],
]

const errors: ErrorTable = {
  '001': brokeDown,
  '002': brokeDown,
  101: misconfigured,
  102: misconfigured,
  103: misconfigured,
  104: misconfigured,
  105: misconfigured,
  106: misconfigured,
  107: misconfigured,
  201: misconfigured,
  202: invalidRecipient,
  203: misconfigured,
  205: misconfigured,
  207: misconfigured,
  208: misconfigured,
  209: misconfigured,
  210: misconfigured,
  211: contentRejected,
  301: insufficientFunds,
  302: misconfigured,
  303: misconfigured,
  // Not at this hour.
  306: unavailable,
  307: misconfigured,
  308: misconfigured,
  309: misconfigured,
  310: contentRejected,
  418: misconfigured,
  505: misconfigured,
  506: rateLimited,
  601: brokeDown,
}
