import type { Conversions } from '../conversion'
import { checkClock } from '../internal/check-function'
import { knownOptions, type OptionNames } from '../internal/known-options'
import { checkText } from '../internal/providers/check'
import { classifyAnswer } from '../internal/providers/classify'
import { createHttpClient, type HttpOptions, httpOptionNames } from '../internal/providers/http'

/** Options of `vonageConversions`. */
export interface VonageConversionsOptions extends HttpOptions {
  /** The API key of the account. */
  readonly apiKey: string
  /** The API secret of the account, not its signature secret. */
  readonly apiSecret: string
  /**
   * The present, in epoch milliseconds; for tests.
   *
   * @defaultValue the host's clock
   */
  readonly clock?: () => number
}

const optionNames: OptionNames<VonageConversionsOptions> = {
  ...httpOptionNames,
  apiKey: true,
  apiSecret: true,
  clock: true,
}

/**
 * Tells Vonage's Conversion API of each SMS of `vonageSms` whose code verified, which its Adaptive
 * Routing goes by. Vonage's support switches the API on for an account.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://developer.vonage.com/en/messaging/conversion-api/overview}
 *
 * @example
 * ```ts
 * import { vonageConversions } from 'otpkit/conversions/vonage'
 *
 * export const conversions = [
 *   vonageConversions({
 *     apiKey: process.env.VONAGE_API_KEY ?? '',
 *     apiSecret: process.env.VONAGE_API_SECRET ?? '',
 *   }),
 * ]
 * ```
 */
export function vonageConversions(given: VonageConversionsOptions): Conversions {
  const name = 'vonageConversions'
  const options = knownOptions(name, given, optionNames)
  const clock = checkClock(name, options.clock) ?? Date.now
  const apiKey = checkText(name, 'apiKey', options.apiKey)
  const apiSecret = checkText(name, 'apiSecret', options.apiSecret)
  const client = createHttpClient(name, 'vonage', 'https://api.nexmo.com', options)
  return {
    provider: 'vonage',
    verified: async (messageId) => {
      const answer = await client.post({
        path: '/conversions/sms',
        form: {
          'message-id': messageId,
          delivered: 'true',
          timestamp: new Date(clock()).toISOString().slice(0, 19).replace('T', ' '),
          api_key: apiKey,
          api_secret: apiSecret,
        },
      })
      if (answer.status >= 300) {
        throw client.failure(answer, classifyAnswer(answer.status, undefined))
      }
    },
  }
}
