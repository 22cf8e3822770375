import { knownOptions } from '../internal/known-options'
import { field } from '../internal/providers/read'
import {
  type Asked,
  answerByStatus,
  type HookOptions,
  hookHandler,
  localeOf,
  textOf,
} from '../internal/webhooks/hook'
import { sharedSecret } from '../internal/webhooks/shared-secret'
import type { Relay } from '../receiver'

/** Options of `kratosHook`. Kinds of message are Kratos' types of template, such as `login_code_valid`. */
export interface KratosHookOptions<Channel extends string, Purpose extends string>
  extends HookOptions<Channel, Purpose, string> {
  /** What the header `authorization` holds, behind `Bearer`: 32 or more characters. */
  readonly secret: string
}

/**
 * An HTTP channel of Ory Kratos' courier: relays the codes that Kratos makes, and as they are the texts
 * that hold none. Kratos keeps a message that was not answered with success and tries again.
 *
 * @throws `TypeError` at construction for a missing or malformed option; from the handler when the
 * manager lacks the channel or the purpose, or the body was read before.
 * @see {@link https://www.ory.sh/docs/kratos/self-hosted/mail-courier-templates}
 *
 * @example
 * ```ts
 * import type { OtpManager } from 'otpkit'
 * import { kratosHook } from 'otpkit/receivers/kratos'
 *
 * declare const otp: OtpManager<'sms', 'login' | 'recovery'>
 *
 * export const POST = kratosHook(otp, {
 *   secret: process.env.KRATOS_COURIER_SECRET ?? '',
 *   channel: 'sms',
 *   purpose: { login_code_valid: 'login', recovery_code_valid: 'recovery' },
 * })
 * ```
 */
export function kratosHook<const Channel extends string, const Purpose extends string>(
  otp: Relay<Channel, Purpose>,
  given: KratosHookOptions<NoInfer<Channel>, NoInfer<Purpose>>,
): (request: Request) => Promise<Response> {
  const options = knownOptions(factory, given, { secret: true, channel: true, purpose: true })
  const isAuthentic = sharedSecret(factory, options.secret)
  return hookHandler(otp, options, { factory, isAuthentic, read, answer: answerByStatus })
}

const factory = 'kratosHook'

// Each type of template has a name of its own for it.
const codeNames = ['login_code', 'registration_code', 'recovery_code', 'verification_code']

// Kratos gives its messages no id. A repetition has the same recipient and code, or text.
function read(payload: unknown): readonly Asked[] {
  const to = textOf(field(payload, 'recipient'))
  const kind = textOf(field(payload, 'template_type'))
  const data = field(payload, 'template_data')
  const code = codeNames
    .map((name) => textOf(field(data, name)))
    .find((found) => found !== undefined)
  const text = textOf(field(payload, 'body'))
  if (to === undefined || kind === undefined) return []
  const asked = { kind, to, ip: null, ...localeOf(field(payload, 'locale')) }
  if (code !== undefined) return [{ ...asked, code }]
  return text === undefined ? [] : [{ ...asked, text }]
}
