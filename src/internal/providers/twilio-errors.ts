import { type Classification, type ErrorTable, unknownOutcome } from './http'

const invalidRecipient: Classification = ['invalid_recipient', 'no']
const optedOut: Classification = ['opted_out', 'no']
const fraudBlocked: Classification = ['fraud_blocked', 'no']
const contentRejected: Classification = ['content_rejected', 'no']
const misconfigured: Classification = ['misconfigured', 'no']
const rateLimited: Classification = ['rate_limited', 'no']
const unavailable: Classification = ['unavailable', 'no']

/**
 * Twilio's codes for messages and calls, those of an answer and those of a later status report.
 *
 * @see {@link https://www.twilio.com/docs/api/errors}
 */
export const twilioErrors: ErrorTable = {
  // Accounts, credentials, regions and the shape of the request.
  20003: misconfigured,
  20005: misconfigured,
  20006: misconfigured,
  20008: misconfigured,
  20403: misconfigured,
  20404: misconfigured,
  20429: rateLimited,
  20500: unknownOutcome,
  20503: unknownOutcome,
  21669: misconfigured,
  21670: misconfigured,

  // Calls.
  12100: contentRejected,
  12200: contentRejected,
  13520: contentRejected,
  13521: contentRejected,
  21201: misconfigured,
  // A premium-rate number: somebody earns by being called.
  21202: fraudBlocked,
  21203: misconfigured,
  21205: misconfigured,
  21210: misconfigured,
  21213: misconfigured,
  21214: invalidRecipient,
  21215: misconfigured,
  21216: optedOut,
  21217: invalidRecipient,
  21219: misconfigured,

  // Messages.
  14107: rateLimited,
  21211: invalidRecipient,
  21212: misconfigured,
  21408: misconfigured,
  21601: misconfigured,
  21602: contentRejected,
  21603: misconfigured,
  21604: misconfigured,
  21606: misconfigured,
  21608: misconfigured,
  21609: misconfigured,
  21610: optedOut,
  21611: rateLimited,
  21612: misconfigured,
  21614: invalidRecipient,
  21617: contentRejected,
  21618: contentRejected,
  21619: contentRejected,
  21624: misconfigured,
  21654: contentRejected,
  21655: contentRejected,
  21656: contentRejected,
  21657: misconfigured,
  21658: contentRejected,
  21659: misconfigured,
  21660: misconfigured,
  21701: misconfigured,
  21702: misconfigured,
  21703: misconfigured,
  21704: misconfigured,
  21705: misconfigured,
  21901: contentRejected,

  // Messages that failed after they were accepted.
  30001: rateLimited,
  30002: misconfigured,
  30003: unavailable,
  30004: optedOut,
  30005: invalidRecipient,
  30006: invalidRecipient,
  30007: contentRejected,
  30008: ['unknown', 'no'],
  30010: misconfigured,
  30017: unavailable,
  30018: misconfigured,
  30022: rateLimited,
  30023: rateLimited,
  30024: misconfigured,
  30027: rateLimited,
  30032: misconfigured,
  30033: misconfigured,
  30034: misconfigured,
  30035: misconfigured,
  30036: unavailable,
  30038: contentRejected,
  30410: unknownOutcome,
  30450: fraudBlocked,

  // WhatsApp.
  63001: misconfigured,
  63002: misconfigured,
  63003: invalidRecipient,
  63005: contentRejected,
  63006: contentRejected,
  63007: misconfigured,
  63008: misconfigured,
  63009: ['unavailable', 'unknown'],
  63010: ['unavailable', 'unknown'],
  63012: ['unavailable', 'unknown'],
  63013: contentRejected,
  63014: optedOut,
  63015: misconfigured,
  63016: contentRejected,
  63017: rateLimited,
  63018: rateLimited,
  63020: misconfigured,
  63021: contentRejected,
  63024: invalidRecipient,
  63026: contentRejected,
  63027: contentRejected,
  63028: contentRejected,
  63030: contentRejected,
  63031: invalidRecipient,
  63032: optedOut,
  63033: optedOut,
  63038: rateLimited,
  63040: contentRejected,
  63041: contentRejected,
  63042: contentRejected,
}
