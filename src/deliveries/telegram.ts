import type { Delivery } from '../delivery'
import { DeliveryError } from '../errors'
import { knownOptions } from '../internal/known-options'
import { checkText, checkUrl } from '../internal/providers/check'
import {
  type Classification,
  classify,
  classifyStatement,
  contentRejected,
  type ErrorTable,
  insufficientFunds,
  invalidRecipient,
  mendedAt,
  misconfigured,
  rateLimited,
  type Statement,
} from '../internal/providers/classify'
import { needCode } from '../internal/providers/coded'
import { createHttpClient, type HttpOptions, httpOptionNames } from '../internal/providers/http'
import { field, messageIdOf } from '../internal/providers/read'

const name = 'telegram'

/** Options of `telegramGateway`. */
export interface TelegramGatewayOptions extends HttpOptions {
  /** The API token of the Gateway account. */
  readonly accessToken: string
  /**
   * A verified channel of yours that the code comes from.
   *
   * @defaultValue Telegram's own chat "Verification Codes"
   */
  readonly senderUsername?: string
  /** Where Telegram posts the message's later statuses: an absolute https URL. */
  readonly callbackUrl?: string
}

/**
 * Telegram, through its Gateway for codes of 4 to 8 digits. The words are Telegram's. A code that
 * is not delivered while it is good (at least 30 seconds, at most an hour) is refunded.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://core.telegram.org/gateway/api}
 *
 * @example
 * ```ts
 * import { telegramGateway } from 'otpkit/deliveries/telegram'
 *
 * export const telegram = telegramGateway({
 *   accessToken: process.env.TELEGRAM_GATEWAY_TOKEN ?? '',
 * })
 * ```
 */
export function telegramGateway(given: TelegramGatewayOptions): Delivery {
  const options = knownOptions('telegramGateway', given, {
    ...httpOptionNames,
    accessToken: true,
    senderUsername: true,
    callbackUrl: true,
  })
  const accessToken = checkText('telegramGateway', 'accessToken', options.accessToken)
  const { senderUsername, callbackUrl } = options
  if (senderUsername !== undefined) checkText('telegramGateway', 'senderUsername', senderUsername)
  if (callbackUrl !== undefined) checkUrl('telegramGateway', 'callbackUrl', callbackUrl)
  const client = createHttpClient(
    'telegramGateway',
    name,
    'https://gatewayapi.telegram.org',
    options,
  )

  return {
    name,
    reaches: ['phone'],
    deliver: async (message, { signal } = {}) => {
      needCode(message, name)
      if (!/^\d{4,8}$/.test(message.code)) {
        throw new DeliveryError({ kind: 'content_rejected', sent: 'no', provider: name })
      }
      const answer = await client.post({
        path: '/sendVerificationMessage',
        headers: { authorization: `Bearer ${accessToken}` },
        json: {
          phone_number: message.to,
          code: message.code,
          ttl: Math.min(Math.max(Math.floor(message.expiresInMs / 1000), 30), 3600),
          payload: message.reference,
          sender_username: senderUsername,
          callback_url: callbackUrl,
        },
        signal,
      })
      // The body decides, whatever the status.
      const messageId = messageIdOf(field(field(answer.body, 'result'), 'request_id'))
      if (field(answer.body, 'ok') === true && messageId !== undefined) {
        return { provider: name, messageId }
      }
      const code = field(answer.body, 'error')
      if (code === 'MESSAGE_ALREADY_SENT') return { provider: name }
      const said = field(answer.body, 'ok') === false ? statementOf(code) : undefined
      throw client.failure(answer, classifyStatement(answer.status, said), code)
    },
  }
}

function statementOf(code: unknown): Statement {
  if (typeof code !== 'string') return undefined
  const family = families.find(([prefix]) => code.startsWith(prefix))
  return classify(errors, code) ?? family?.[1] ?? 'unlisted'
}

// Names that Telegram varies behind these beginnings.
const families: readonly (readonly [string, Classification])[] = [
  ['CODE_', contentRejected],
  ['SENDER_', misconfigured],
  ['FLOOD_WAIT', rateLimited],
]

const token = mendedAt('https://gateway.telegram.org/account/api')

const errors: ErrorTable = {
  ACCESS_TOKEN_INVALID: token,
  ACCESS_TOKEN_REQUIRED: token,
  PHONE_NUMBER_INVALID: invalidRecipient,
  PHONE_NUMBER_NOT_FOUND: invalidRecipient,
  PHONE_NUMBER_NOT_AVAILABLE: invalidRecipient,
  PHONE_NUMBER_MISMATCH: misconfigured,
  REQUEST_ID_INVALID: misconfigured,
  REQUEST_ID_REQUIRED: misconfigured,
  PAYLOAD_INVALID: misconfigured,
  CALLBACK_URL_INVALID: misconfigured,
  TTL_INVALID: misconfigured,
  UNKNOWN_METHOD: misconfigured,
  BALANCE_NOT_ENOUGH: mendedAt('https://gateway.telegram.org/account', insufficientFunds),
}
