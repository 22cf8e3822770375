import {
  brokeDown,
  type Classification,
  classify,
  contentRejected,
  type ErrorTable,
  fraudBlocked,
  insufficientFunds,
  invalidRecipient,
  mendedAt,
  misconfigured,
  optedOut,
  rateLimited,
  type Statement,
} from './classify'
import type { HttpAnswer } from './http'
import { field } from './read'

/** What the status of a segment says in the SMS API. */
export function smsStatement(code: unknown, text: unknown): Statement {
  const namesRecipient = /\bto\b['"`]? (param|address|number)|param(eter)?:? ['"`]?to\b/i
  if (code === '3' && typeof text === 'string' && namesRecipient.test(text)) return invalidRecipient
  return classify(smsErrors, code) ?? (typeof code === 'string' ? 'unlisted' : undefined)
}

/** The code of the Messages API: the fragment of the problem's `type`. */
export function problemCode(type: unknown): string | undefined {
  return /#([\w-]{1,48})$/.exec(typeof type === 'string' ? type : '')?.[1]
}

/** What an answer of the Messages API says, or of the edge in front of both APIs. */
export function problemStatement({ status, body }: HttpAnswer): Statement {
  const type = field(body, 'type')
  const row = messagesRow(problemCode(type))
  if (row !== undefined) return row
  const wrong = field(body, 'invalid_parameters')
  if (status === 422 && Array.isArray(wrong) && wrong.length > 0) {
    return wrong.some((parameter) => field(parameter, 'name') === 'to')
      ? invalidRecipient
      : misconfigured
  }
  const isOwn = typeof type === 'string' && /^https:\/\/([\w-]+\.)*(vonage|nexmo)\.com\//.test(type)
  if (!isOwn) return undefined
  return status === 402 ? insufficientFunds : 'unlisted'
}

/** The row of a code of the Messages API, in an answer or in a later status report. */
export function messagesRow(code: unknown): Classification | undefined {
  return classify(messagesErrors, code)
}

// Trial accounts reach these numbers alone.
const testNumbers = mendedAt('https://dashboard.nexmo.com/test-numbers')

const smsErrors: ErrorTable = {
  1: rateLimited,
  2: misconfigured,
  3: misconfigured,
  4: misconfigured,
  5: brokeDown,
  6: invalidRecipient,
  7: optedOut,
  8: misconfigured,
  9: insufficientFunds,
  10: rateLimited,
  11: misconfigured,
  12: contentRejected,
  14: misconfigured,
  15: misconfigured,
  22: misconfigured,
  23: misconfigured,
  29: testNumbers,
  32: misconfigured,
  33: invalidRecipient,
}

const messagesErrors: ErrorTable = {
  1000: rateLimited,
  1010: misconfigured,
  1020: misconfigured,
  1021: misconfigured,
  1022: contentRejected,
  1030: brokeDown,
  1040: contentRejected,
  1050: optedOut,
  1060: misconfigured,
  1070: insufficientFunds,
  1080: misconfigured,
  1090: contentRejected,
  1100: brokeDown,
  1120: misconfigured,
  1130: misconfigured,
  1160: misconfigured,
  1170: invalidRecipient,
  1210: contentRejected,
  1240: optedOut,
  1241: optedOut,
  1420: misconfigured,
  1430: contentRejected,
  1460: fraudBlocked,
  1470: fraudBlocked,
  1471: fraudBlocked,
  1472: fraudBlocked,
  1476: contentRejected,
  1480: contentRejected,
  1481: contentRejected,
  1482: contentRejected,
  1483: contentRejected,
}
