import type { Conversions } from '../conversion'
import { knownOptions } from '../internal/known-options'
import {
  type TwilioCredentials,
  twilioCredentialNames,
  twilioFeedback,
  twilioName,
} from '../internal/providers/twilio-account'

/** Options of `twilioConversions`. */
export interface TwilioConversionsOptions extends TwilioCredentials {}

/**
 * Confirms to Twilio each SMS whose code verified: its conversion report shows it, and its routes are
 * chosen by it. Set `provideFeedback` on the delivery, without which Twilio refuses the confirmation.
 * Calls are not confirmed.
 *
 * @throws `TypeError` at construction for a missing or malformed option.
 * @see {@link https://www.twilio.com/docs/messaging/api/message-feedback-resource}
 *
 * @example
 * ```ts
 * import { twilioConversions } from 'otpkit/conversions/twilio'
 *
 * export const conversions = [
 *   twilioConversions({
 *     accountSid: process.env.TWILIO_ACCOUNT_SID ?? '',
 *     authToken: process.env.TWILIO_AUTH_TOKEN ?? '',
 *   }),
 * ]
 * ```
 */
export function twilioConversions(given: TwilioConversionsOptions): Conversions {
  const options = knownOptions('twilioConversions', given, twilioCredentialNames)
  const confirm = twilioFeedback('twilioConversions', options)
  return {
    provider: twilioName,
    verified: async (messageId) => {
      // Calls have ids of another kind, and no feedback.
      if (/^(SM|MM)\w+$/.test(messageId)) await confirm(messageId)
    },
  }
}
