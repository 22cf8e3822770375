import type { Accepted } from '../../delivery'
import { defined } from '../defined'
import { knownOptions, type OptionNames } from '../known-options'
import { wrongOption } from '../wrong-option'
import { withReference } from './callback-url'
import { checkSender, checkText, checkUrl } from './check'
import { classify, classifyAnswer, rateLimited, type Statement } from './classify'
import {
  basicAuthorization,
  createHttpClient,
  type HttpAnswer,
  type HttpOptions,
  httpOptionNames,
} from './http'
import { priceOf } from './price'
import { field, messageIdOf } from './read'
import { twilioErrors } from './twilio-errors'

/** A Twilio account, and how to sign in to it. */
export interface TwilioCredentials extends HttpOptions {
  /** The account's id, `AC…`, also with an API key. */
  readonly accountSid: string
  /** The account's auth token. Give either this or `apiKey`. */
  readonly authToken?: string
  /** A key of the account, which can be revoked by itself. */
  readonly apiKey?: {
    /** The key's id, `SK…`. */
    readonly sid: string
    /** The key's secret, shown once, when the key is made. */
    readonly secret: string
  }
}

/** An account that sends. */
export interface TwilioAccountOptions extends TwilioCredentials {
  /**
   * Where Twilio posts the later statuses: an absolute https URL. The message's `reference` is added to
   * its query, which `twilioReceipts` reads.
   *
   * @see {@link https://www.twilio.com/docs/messaging/guides/track-outbound-message-status}
   */
  readonly statusCallback?: string
}

/** Who a message comes from: give either a sender or a Messaging Service. */
export interface TwilioSenderOptions extends TwilioAccountOptions {
  /** A number of yours in E.164, a short code or an alphanumeric sender. */
  readonly from?: string
  /** The id of a Messaging Service, `MG…`, which picks the sender from its pool. */
  readonly messagingServiceSid?: string
}

/** For `knownOptions`. */
export const twilioCredentialNames: OptionNames<TwilioCredentials> = {
  ...httpOptionNames,
  accountSid: true,
  authToken: true,
  apiKey: true,
}

/** For `knownOptions`. */
export const twilioAccountNames: OptionNames<TwilioAccountOptions> = {
  ...twilioCredentialNames,
  statusCallback: true,
}

/** For `knownOptions`. */
export const twilioSenderNames: OptionNames<TwilioSenderOptions> = {
  ...twilioAccountNames,
  from: true,
  messagingServiceSid: true,
}

/** The fields of a form; those that are `undefined` are left out. */
export type TwilioForm = Readonly<Record<string, string | undefined>>

/** One account's `Messages` and `Calls`. */
export interface TwilioAccount {
  create(
    resource: 'Messages' | 'Calls',
    form: TwilioForm,
    reference: string,
    signal: AbortSignal | undefined,
  ): Promise<Accepted>
}

/** The provider's name in results and errors. */
export const twilioName = 'twilio'

/** Checks the options and keeps the credentials to itself. */
export function twilioAccount(factory: string, options: TwilioAccountOptions): TwilioAccount {
  const accountSid = checkSid(factory, 'accountSid', options.accountSid, 'AC')
  const authorization = authorize(factory, accountSid, options)
  const statusCallback = checkStatusCallback(factory, options.statusCallback)
  const client = createHttpClient(factory, twilioName, 'https://api.twilio.com', options)

  return {
    create: async (resource, form, reference, signal) => {
      const answer = await client.post({
        path: `/2010-04-01/Accounts/${accountSid}/${resource}.json`,
        headers: { authorization },
        form: {
          ...form,
          StatusCallback: statusCallback && withReference(statusCallback, reference),
        },
        signal,
      })
      const messageId = messageIdOf(field(answer.body, 'sid'))
      const code = field(answer.body, 'code') ?? field(answer.body, 'error_code') ?? null
      if (answer.status >= 300 || messageId === undefined || code !== null) {
        throw client.failure(answer, classifyAnswer(answer.status, statementOf(answer, code)), code)
      }
      // Text, and '0' as long as a Messaging Service has not chosen its sender.
      const segments = Number(field(answer.body, 'num_segments'))
      return defined({
        provider: twilioName,
        messageId,
        segments: segments > 0 ? segments : undefined,
        price: priceOf(field(answer.body, 'price'), field(answer.body, 'price_unit')),
      })
    },
  }
}

/** Confirms a message of the account's, by its id: its code was used. */
export function twilioFeedback(
  factory: string,
  options: TwilioCredentials,
): (messageId: string) => Promise<void> {
  const accountSid = checkSid(factory, 'accountSid', options.accountSid, 'AC')
  const authorization = authorize(factory, accountSid, options)
  const client = createHttpClient(factory, twilioName, 'https://api.twilio.com', options)
  return async (messageId) => {
    const answer = await client.post({
      path: `/2010-04-01/Accounts/${accountSid}/Messages/${messageId}/Feedback.json`,
      headers: { authorization },
      form: { Outcome: 'confirmed' },
    })
    if (answer.status < 300) return
    const code = field(answer.body, 'code') ?? null
    throw client.failure(answer, classifyAnswer(answer.status, statementOf(answer, code)), code)
  }
}

// Its codes have five digits or more; the `code` of a proxy has not.
function statementOf({ status }: HttpAnswer, code: unknown): Statement {
  const row = classify(twilioErrors, code)
  if (row !== undefined) return row
  // The one status that is documented to say by itself that nothing was done.
  if (status === 429) return rateLimited
  return status >= 300 && Number.isInteger(code) && Number(code) >= 10_000 ? 'unlisted' : undefined
}

/** The form fields of the sender. */
export function senderForm(factory: string, { from, messagingServiceSid }: TwilioSenderOptions) {
  if ((from === undefined) === (messagingServiceSid === undefined)) {
    throw wrongOption(factory, 'from', 'or `messagingServiceSid` is needed, and not both')
  }
  if (from === undefined) {
    return {
      MessagingServiceSid: checkSid(factory, 'messagingServiceSid', messagingServiceSid, 'MG'),
    }
  }
  return { From: checkSender(factory, from) }
}

/** Whole seconds until the code is dead, within what Twilio takes. */
export function validityPeriod(expiresInMs: number): string {
  return String(Math.min(Math.max(Math.floor(expiresInMs / 1000), 1), 36_000))
}

/** Checks an id of Twilio's, known by its first two letters. */
export function checkSid(
  factory: string,
  option: string,
  value: unknown,
  prefix: 'AC' | 'HX' | 'MG',
): string {
  if (typeof value !== 'string' || !/^\w+$/.test(value) || !value.startsWith(prefix)) {
    throw wrongOption(factory, option, `must be an id that begins with ${prefix}`)
  }
  return value
}

function authorize(
  factory: string,
  accountSid: string,
  { authToken, apiKey }: TwilioCredentials,
): string {
  if ((authToken === undefined) === (apiKey === undefined)) {
    throw wrongOption(factory, 'authToken', 'or `apiKey` is needed, and not both')
  }
  if (apiKey !== undefined) knownOptions(factory, apiKey, { sid: true, secret: true }, 'apiKey')
  const name = apiKey === undefined ? accountSid : checkText(factory, 'apiKey.sid', apiKey?.sid)
  const password =
    apiKey === undefined
      ? checkText(factory, 'authToken', authToken)
      : checkText(factory, 'apiKey.secret', apiKey?.secret)
  return basicAuthorization(name, password)
}

function checkStatusCallback(factory: string, url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  if (new URL(checkUrl(factory, 'statusCallback', url)).hostname.includes('_')) {
    throw wrongOption(factory, 'statusCallback', 'must have a host without underscores')
  }
  return url
}
