import type { ResendResult } from '../core/resend'
import { isOtpError, isUndeliverable, type OtpError } from '../errors'
import { defined } from '../internal/defined'
import { hasMethods } from '../internal/strange-clients'
import { wrongOption } from '../internal/wrong-option'
import type { OtpManager } from '../otp-manager'
import { answerToGuess, answerToSend, invalidField } from './answers'
import { answerPreflight, callerOf, isPreflight, toOrigin } from './callers'
import { checkedAnswers, checkOptions, type HandlerOptions } from './handler-options'
import { problem } from './problem'
import { type Asked, readAsked, targetOf } from './read-asked'
import { readFields } from './read-fields'

/** What the handler is given behind the request. */
type Host = readonly unknown[]

/**
 * One handler of web-standard requests for the public: `POST …/send`, `…/resend` and `…/verify`,
 * wherever it is mounted. A body is JSON or a form with `to` or `challengeId`, `purpose` if there are
 * several, `channel` and `locale` if wanted, and the `code`. What only the server may say is not read
 * from it.
 *
 * The answers tell nobody who has an account, how many guesses are left or which limit refused. A
 * success is answered by `verified`. Everything else is problem details (RFC 9457) whose `type` is
 * `urn:otpkit:` and a name: `invalid` with `field` and `problem`, `wrong-code`, `already-used` (which
 * must open no session), `too-many-requests` with `Retry-After`, and so on; `openApi` has all of them.
 * Requests from other sites are refused.
 *
 * A fault of the database or of every delivery is written to the console and answered with 503; with
 * `account` a message that no delivery took is answered like any other.
 *
 * @throws `TypeError` that names the wrong option; from the handler when the manager lacks a purpose
 * or a channel of `purposes`, when a function of the options returns what it must not, when the body was
 * read before, and whatever those functions throw.
 *
 * @example
 * ```ts
 * import { createServer, type IncomingMessage } from 'node:http'
 * import type { OtpManager } from 'otpkit'
 * import { createHandler, toNodeHandler } from 'otpkit/http'
 *
 * declare const otp: OtpManager<'sms' | 'email', 'login'>
 * declare function sessionOf(recipient: string): Promise<string>
 *
 * const handler = createHandler(otp, {
 *   ip: (_request, { socket }: IncomingMessage) => socket.remoteAddress ?? null,
 *   purposes: { login: ['sms', 'email'] },
 *   verified: async ({ recipient }) => {
 *     const cookie = `session=${await sessionOf(recipient)}; HttpOnly; Secure; SameSite=Lax; Path=/`
 *     return new Response(null, { status: 204, headers: { 'set-cookie': cookie } })
 *   },
 * })
 * createServer(toNodeHandler(handler)).listen(3000)
 * ```
 */
export function createHandler<
  const Channel extends string,
  const Purpose extends string,
  Host extends readonly unknown[],
>(
  otp: OtpManager<Channel, Purpose>,
  options: HandlerOptions<NoInfer<Channel>, NoInfer<Purpose>, Host>,
): (request: Request, ...host: Host) => Promise<Response>
export function createHandler(
  otp: OtpManager<string, string>,
  options: HandlerOptions<string, string, Host>,
): (request: Request, ...host: Host) => Promise<Response> {
  if (!hasMethods(otp, 'recipient', 'send', 'resend', 'verify')) {
    throw wrongOption('createHandler', 'otp', 'must be an OtpManager, before the options')
  }
  const { purposes, origins } = checkOptions(options)
  const { account } = options
  const { addressOf, hasAccount, answerTo, hasPassed } = checkedAnswers(options)

  // An operator's fault is told where nobody can be told apart by it.
  const hide = account === undefined ? 'undeliverable' : 'failures'

  /** Asks the manager, and once more where the guard wants to be shown what was shown. */
  async function ask(
    asking: (challenged: boolean) => Promise<ResendResult>,
    request: Request,
    host: Host,
  ): Promise<Response> {
    const first = await asking(false)
    const isAsked = !first.ok && first.reason === 'rate_limited' && first.challenge === true
    // What proves that it was passed is good once: it is looked at where it is needed alone.
    const isPassed = isAsked && (await hasPassed(request, host))
    const sent = isPassed ? await asking(true) : first
    tellFailure(sent)
    return answerToSend(configured(sent))
  }

  async function send(
    { to, purpose, channels, locale }: Asked,
    from: string | null,
    request: Request,
    host: Host,
  ) {
    if (to === undefined) return invalidField({ field: 'to', problem: 'empty' })
    const known = await otp.recipient(to)
    if (!known.ok) return invalidField(known)
    const deliver = await hasAccount(known.recipient, purpose)
    const message = { to, purpose, channel: channels, locale, ip: from, deliver, hide } as const
    return ask((passed) => otp.send({ ...message, challenged: passed }), request, host)
  }

  async function resend(asked: Asked, from: string | null, request: Request, host: Host) {
    const { channel, locale } = asked
    const message = defined({ ...targetOf(asked), channel, locale, ip: from, hide } as const)
    return ask((passed) => otp.resend({ ...message, challenged: passed }), request, host)
  }

  async function verify(asked: Asked, from: string | null, request: Request, host: Host) {
    const { code = '', purpose } = asked
    const result = await otp.verify({ ...targetOf(asked), purpose, code, ip: from })
    return result.ok ? answerTo(result, request, host) : answerToGuess(configured(result))
  }

  const actions = new Map([
    ['send', send],
    ['resend', resend],
    ['verify', verify],
  ])

  async function answer(request: Request, host: Host): Promise<Response> {
    const action = actions.get(new URL(request.url).pathname.split('/').at(-1) ?? '')
    if (action === undefined) return problem('not-found')
    if (request.method !== 'POST') return problem('method-not-allowed', {}, { allow: 'POST' })
    const fields = await readFields(request)
    if (typeof fields === 'string') return problem(fields)
    const asked = readAsked(fields, purposes, request.headers.get('accept-language'))
    if (!asked.ok) return invalidField(asked)
    return action(asked, addressOf(request, host), request, host)
  }

  return async (request, ...host) => {
    const caller = callerOf(request, origins)
    if (!caller.isHeard) return problem('cross-site')
    if (isPreflight(request, caller)) return answerPreflight(request, caller)
    const answered = await answer(request, host).catch(unavailable)
    return toOrigin(answered, caller)
  }
}

/** The answer to a fault of otpkit. Any other is the framework's to answer. */
function unavailable(error: unknown): Response {
  if (!isOtpError(error)) throw error
  tellFault(error)
  return problem('unavailable', {}, { 'retry-after': '60' })
}

/** Says on the console what the answer does not, where the operator has something to mend. */
function tellFailure(sent: ResendResult): void {
  if (!sent.ok || sent.failure === undefined || isUndeliverable(sent.failure)) return
  console.error('otpkit: createHandler: delivery_failed', sent.failure)
}

function tellFault({ code, cause }: OtpError): void {
  console.error('otpkit: createHandler:', code, cause)
}

/** A refusal that a request caused: what it asked for stands in the options. */
function configured<Result extends { readonly ok: boolean; readonly field?: string }>(
  result: Result,
): Result {
  if (result.field === 'purpose' || result.field === 'channel') {
    const rule = 'names a purpose or a channel that the manager does not have'
    throw wrongOption('createHandler', 'purposes', rule)
  }
  return result
}
