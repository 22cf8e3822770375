import { knownOptions } from '../internal/known-options'
import { field } from '../internal/providers/read'
import {
  type Asked,
  answerByStatus,
  type HookOptions,
  hookHandler,
  internationalNumber,
  localeOf,
  textOf,
} from '../internal/webhooks/hook'
import { sharedSecret } from '../internal/webhooks/shared-secret'
import type { Relay } from '../receiver'

/** Kinds of message, in Logto's words; its console tests a connector with `Generic`. */
export type LogtoKind =
  | 'SignIn'
  | 'Register'
  | 'ForgotPassword'
  | 'Generic'
  | 'UserPermissionValidation'
  | 'BindNewIdentifier'
  | 'MfaVerification'
  | 'BindMfa'

/** Options of `logtoHook`. */
export interface LogtoHookOptions<Channel extends string, Purpose extends string>
  extends HookOptions<Channel, Purpose, LogtoKind> {
  /** The connector's authorization token, with or without `Bearer` there: 32 or more characters. */
  readonly secret: string
}

/**
 * Logto's HTTP connectors for SMS and e-mail: relays the codes that Logto makes. What has a link in place
 * of a code, an invitation, is refused.
 *
 * @throws `TypeError` at construction for a missing or malformed option; from the handler when the
 * manager lacks the channel or the purpose, or the body was read before.
 * @see {@link https://docs.logto.io/integrations/http-sms}
 *
 * @example
 * ```ts
 * import type { OtpManager } from 'otpkit'
 * import { logtoHook } from 'otpkit/receivers/logto'
 *
 * declare const otp: OtpManager<'sms', 'login' | 'registration' | 'password_reset'>
 *
 * export const POST = logtoHook(otp, {
 *   secret: process.env.LOGTO_CONNECTOR_SECRET ?? '',
 *   channel: 'sms',
 *   purpose: { SignIn: 'login', Register: 'registration', ForgotPassword: 'password_reset' },
 * })
 * ```
 */
export function logtoHook<const Channel extends string, const Purpose extends string>(
  otp: Relay<Channel, Purpose>,
  given: LogtoHookOptions<NoInfer<Channel>, NoInfer<Purpose>>,
): (request: Request) => Promise<Response> {
  const options = knownOptions(factory, given, { secret: true, channel: true, purpose: true })
  const isAuthentic = sharedSecret(factory, options.secret)
  return hookHandler(otp, options, { factory, kinds, isAuthentic, read, answer: answerByStatus })
}

const factory = 'logtoHook'

const kinds = {
  SignIn: true,
  Register: true,
  ForgotPassword: true,
  Generic: true,
  UserPermissionValidation: true,
  BindNewIdentifier: true,
  MfaVerification: true,
  BindMfa: true,
} as const satisfies Readonly<Record<LogtoKind, true>>

function read(payload: unknown): readonly Asked[] {
  const recipient = textOf(field(payload, 'to'))
  const kind = textOf(field(payload, 'type'))
  const details = field(payload, 'payload')
  const code = textOf(field(details, 'code'))
  if (recipient === undefined || kind === undefined || code === undefined) return []
  const to = internationalNumber(recipient) ?? recipient
  const ip = textOf(field(payload, 'ip')) ?? null
  return [{ kind, to, code, ip, ...localeOf(field(details, 'locale')) }]
}
