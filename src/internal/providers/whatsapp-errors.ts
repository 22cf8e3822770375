import {
  brokeDown,
  type Classification,
  classify,
  contentRejected,
  type ErrorTable,
  insufficientFunds,
  invalidRecipient,
  mendedAt,
  misconfigured,
  optedOut,
  rateLimited,
  unknownOutcome,
} from './classify'

/**
 * What a code of the Graph API means for WhatsApp, in an answer or in a later status report.
 *
 * @see {@link https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes}
 */
export function classifyWhatsappError(
  code: unknown,
  subcode?: unknown,
): Classification | undefined {
  // An id that is not there, or that the token may not see: that of the sending number.
  if (code === 100 && subcode === 33) return numbers
  // 200 to 299 are missing permissions.
  if (typeof code === 'number' && code >= 200 && code <= 299) return misconfigured
  return classify(errors, code)
}

const manager = 'https://business.facebook.com/wa/manage'
const numbers = mendedAt(`${manager}/phone-numbers/`)
const templates = mendedAt(`${manager}/message-templates/`, contentRejected)

const errors: ErrorTable = {
  0: misconfigured,
  1: unknownOutcome,
  2: brokeDown,
  3: misconfigured,
  4: rateLimited,
  10: misconfigured,
  33: numbers,
  100: contentRejected,
  190: misconfigured,
  368: misconfigured,
  80007: rateLimited,
  130429: rateLimited,
  // Of an experiment of Meta's, or too many messages by now: nobody has opted out, and an SMS arrives.
  130472: invalidRecipient,
  131000: unknownOutcome,
  131005: misconfigured,
  131008: contentRejected,
  131009: contentRejected,
  131016: brokeDown,
  131021: invalidRecipient,
  131026: invalidRecipient,
  131030: misconfigured,
  131031: misconfigured,
  // The name that people see is not approved.
  131037: numbers,
  131042: insufficientFunds,
  131045: numbers,
  131047: contentRejected,
  131048: rateLimited,
  131049: invalidRecipient,
  131050: optedOut,
  131051: contentRejected,
  131052: contentRejected,
  131053: contentRejected,
  131056: rateLimited,
  131057: brokeDown,
  132000: contentRejected,
  132001: templates,
  132005: contentRejected,
  132007: contentRejected,
  132012: contentRejected,
  132015: templates,
  132016: templates,
  133004: brokeDown,
  133006: misconfigured,
  133010: numbers,
  133016: misconfigured,
  135000: ['unknown', 'no'],
}
