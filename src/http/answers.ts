import type { ResendResult } from '../core/resend'
import type { VerifyResult } from '../core/verify'
import type { Invalid } from '../results'
import { problem, success } from './problem'

/**
 * The answer to a send: the same whether a message is on its way, was withheld, or cannot reach this
 * recipient, and nothing of which limit refused or who carries the message.
 */
export function answerToSend(sent: ResendResult): Response {
  if (sent.ok) {
    const { challengeId, codeLength, expiresInMs, resendInMs } = sent
    const message = 'If this address can receive a code, it is on its way.'
    return success({ message, challengeId, codeLength, expiresInMs, resendInMs })
  }
  if (sent.reason === 'invalid') return invalidField(sent)
  if (sent.reason === 'rate_limited' && sent.challenge) return problem('challenge-required')
  return 'retryAfterMs' in sent ? tooMany(sent.retryAfterMs) : problem('expired')
}

/** The answer to a guess that verified nothing: it tells neither which limit nor what is left. */
export function answerToGuess(result: Exclude<VerifyResult, { readonly ok: true }>): Response {
  if (result.reason === 'used') return problem('already-used')
  if (result.reason === 'rate_limited' && result.limit === 'ip') return tooMany(result.retryAfterMs)
  // A code of another form is as wrong as another code.
  if (result.reason === 'invalid' && result.field !== 'code') return invalidField(result)
  return problem('wrong-code')
}

export function invalidField({ field, problem: what }: Omit<Invalid, 'ok' | 'reason'>): Response {
  return problem('invalid', { field, problem: what })
}

function tooMany(retryAfterMs: number): Response {
  // The header counts in whole seconds, and a client that comes a moment early waits again.
  const headers = { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
  return problem('too-many-requests', { retryAfterMs }, headers)
}
