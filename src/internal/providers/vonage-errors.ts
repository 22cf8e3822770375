import {
  brokeDown,
  type Classification,
  classify,
  classifyStatus,
  contentRejected,
  type ErrorTable,
  fraudBlocked,
  insufficientFunds,
  invalidRecipient,
  misconfigured,
  optedOut,
  rateLimited,
} from './classify'
import type { HttpAnswer } from './http'
import { field } from './read'

/** The row of a segment's status in the SMS API. */
export function classifySmsError(code: unknown, text: unknown): Classification | undefined {
  const namesRecipient = /\bto\b['"`]? (param|address|number)|param(eter)?:? ['"`]?to\b/i
  if (code === '3' && typeof text === 'string' && namesRecipient.test(text)) return invalidRecipient
  return classify(smsErrors, code)
}

/** What an answer of the Messages API means, its code being the fragment of `type`. */
export function classifyMessagesError(
  answer: HttpAnswer,
  code: string | undefined,
): Classification {
  const row = classify(messagesErrors, code)
  if (row !== undefined) return row
  if (answer.status === 402) return insufficientFunds
  const wrong = field(answer.body, 'invalid_parameters')
  if (answer.status === 422 && Array.isArray(wrong)) {
    return wrong.some((parameter) => field(parameter, 'name') === 'to')
      ? invalidRecipient
      : misconfigured
  }
  return classifyStatus(answer.status)
}

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
  29: misconfigured,
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
  1080: rateLimited,
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
