import { knownOptions } from '../internal/known-options'
import { field } from '../internal/providers/read'
import {
  type Asked,
  answerJson,
  type HookHost,
  type HookOptions,
  hookHandler,
  internationalNumber,
  textOf,
  type Verdict,
} from '../internal/webhooks/hook'
import { type FreshnessOptions, freshnessNames } from '../internal/webhooks/signature'
import { decodeStandardSecret } from '../internal/webhooks/standard-secret'
import { standardSignature } from '../internal/webhooks/standard-signature'
import type { Relay } from '../receiver'

/**
 * Kinds of message: `mfa` is the second factor. Everything else is `sign_in`, between which Supabase does
 * not tell: signing in and up, a change of the number, reauthentication.
 */
export type SupabaseSmsKind = 'sign_in' | 'mfa'

/**
 * Kinds of message, in Supabase's words. `magiclink` is a log-in by mail, and `email` one by a code that
 * the application asked for.
 */
export type SupabaseEmailKind =
  | 'signup'
  | 'invite'
  | 'magiclink'
  | 'recovery'
  | 'email_change'
  | 'email'
  | 'reauthentication'

/** Options of `supabaseSmsHook`. */
export interface SupabaseSmsHookOptions<Channel extends string, Purpose extends string>
  extends SupabaseHookOptions<Channel, Purpose, SupabaseSmsKind> {}

/** Options of `supabaseEmailHook`. */
export interface SupabaseEmailHookOptions<Channel extends string, Purpose extends string>
  extends SupabaseHookOptions<Channel, Purpose, SupabaseEmailKind> {}

/** What both hooks of Supabase have. */
export interface SupabaseHookOptions<
  Channel extends string,
  Purpose extends string,
  Kind extends string,
> extends HookOptions<Channel, Purpose, Kind>,
    FreshnessOptions {
  /** The hook's secret as Supabase shows it: `v1,whsec_…`. */
  readonly secret: string
  /**
   * How far the time of signing may lie from the present, before or after it, in milliseconds. With the
   * default a request that somebody caught and sends again is a duplicate, or too old: `otp.relay` knows
   * a message for two minutes.
   *
   * @defaultValue 59000
   */
  readonly toleranceMs?: number
}

/**
 * Supabase's Send SMS hook: relays the codes that Supabase Auth makes. Supabase gives a hook five
 * seconds in all, so after four the answer is that the message is on its way.
 *
 * @throws `TypeError` at construction for a missing or malformed option; from the handler when the
 * manager lacks the channel or the purpose, or the body was read before.
 * @see {@link https://supabase.com/docs/guides/auth/auth-hooks/send-sms-hook}
 *
 * @example
 * ```ts
 * import type { OtpManager } from 'otpkit'
 * import { supabaseSmsHook } from 'otpkit/receivers/supabase'
 *
 * declare const otp: OtpManager<'sms', 'login' | 'second_factor'>
 *
 * export const POST = supabaseSmsHook(otp, {
 *   secret: process.env.SEND_SMS_HOOK_SECRET ?? '',
 *   channel: 'sms',
 *   purpose: { sign_in: 'login', mfa: 'second_factor' },
 * })
 * ```
 */
export function supabaseSmsHook<const Channel extends string, const Purpose extends string>(
  otp: Relay<Channel, Purpose>,
  given: SupabaseSmsHookOptions<NoInfer<Channel>, NoInfer<Purpose>>,
): (request: Request) => Promise<Response> {
  return supabaseHook(otp, given, { factory: 'supabaseSmsHook', kinds: smsKinds, read: readSms })
}

/**
 * Supabase's Send Email hook: mails the codes that Supabase Auth makes, and none of its links. A change of
 * address that both addresses must confirm is two messages. Notices without a code are refused.
 *
 * @throws `TypeError` at construction for a missing or malformed option; from the handler when the
 * manager lacks the channel or the purpose, or the body was read before.
 * @see {@link https://supabase.com/docs/guides/auth/auth-hooks/send-email-hook}
 *
 * @example
 * ```ts
 * import type { OtpManager } from 'otpkit'
 * import { supabaseEmailHook } from 'otpkit/receivers/supabase'
 *
 * declare const otp: OtpManager<'email', 'login' | 'password_reset'>
 *
 * export const POST = supabaseEmailHook(otp, {
 *   secret: process.env.SEND_EMAIL_HOOK_SECRET ?? '',
 *   channel: 'email',
 *   purpose: { signup: 'login', magiclink: 'login', email: 'login', recovery: 'password_reset' },
 * })
 * ```
 */
export function supabaseEmailHook<const Channel extends string, const Purpose extends string>(
  otp: Relay<Channel, Purpose>,
  given: SupabaseEmailHookOptions<NoInfer<Channel>, NoInfer<Purpose>>,
): (request: Request) => Promise<Response> {
  const host = { factory: 'supabaseEmailHook', kinds: emailKinds, read: readEmail }
  return supabaseHook(otp, given, host)
}

function supabaseHook<Channel extends string, Purpose extends string, Kind extends string>(
  otp: Relay<Channel, Purpose>,
  given: SupabaseHookOptions<Channel, Purpose, Kind>,
  host: Pick<HookHost, 'factory' | 'kinds' | 'read'>,
): (request: Request) => Promise<Response> {
  const { factory } = host
  const options = knownOptions(factory, given, {
    ...freshnessNames,
    secret: true,
    channel: true,
    purpose: true,
  })
  const { secret, toleranceMs = 59_000 } = options
  const key = decodeStandardSecret(
    factory,
    typeof secret === 'string' ? secret.replace(/^v1,/, '') : secret,
  )
  const isAuthentic = standardSignature(factory, key, { ...options, toleranceMs })
  return hookHandler(otp, options, { ...host, isAuthentic, answer, patienceMs: 4000 })
}

const smsKinds = { sign_in: true, mfa: true } as const satisfies Kinds<SupabaseSmsKind>
const emailKinds = {
  signup: true,
  invite: true,
  magiclink: true,
  recovery: true,
  email_change: true,
  email: true,
  reauthentication: true,
} as const satisfies Kinds<SupabaseEmailKind>
type Kinds<Kind extends string> = Readonly<Record<Kind, true>>

// Nothing is read for `dedupe`: a repetition has another `webhook-id`, but the same number and code.
function readSms(payload: unknown): readonly Asked[] {
  const sms = field(payload, 'sms')
  const code = textOf(field(sms, 'otp'))
  const to = internationalNumber(recipientOf(sms, field(payload, 'user')))
  if (code === undefined || to === undefined) return []
  const kind = textOf(field(sms, 'sms_type')) ?? 'sign_in'
  return [{ kind, to, code, ip: addressIn(payload) }]
}

// A second factor and a new number are not the user's number. Servers before `sms.phone` do not say which
// of two is meant while a change is pending, and a code must not go to the wrong one.
function recipientOf(sms: unknown, user: unknown): unknown {
  const isPending = textOf(field(user, 'new_phone')) !== undefined
  return textOf(field(sms, 'phone')) ?? (isPending ? undefined : field(user, 'phone'))
}

// A new address has the second code, or the only one where the old address need not confirm.
function readEmail(payload: unknown): readonly Asked[] {
  const user = field(payload, 'user')
  const data = field(payload, 'email_data')
  const kind = textOf(field(data, 'email_action_type'))
  const [code, newCode] = [textOf(field(data, 'token')), textOf(field(data, 'token_new'))]
  const [to, newTo] = [textOf(field(user, 'email')), textOf(field(user, 'new_email'))]
  if (kind === undefined) return []
  const ip = addressIn(payload)
  const one = (recipient: string | undefined, its: string | undefined): readonly Asked[] =>
    recipient === undefined || its === undefined ? [] : [{ kind, to: recipient, code: its, ip }]
  if (kind !== 'email_change') return one(to, code)
  return newCode === undefined ? one(newTo, code) : [...one(to, code), ...one(newTo, newCode)]
}

function addressIn(payload: unknown): string | null {
  return textOf(field(field(payload, 'metadata'), 'ip_address')) ?? null
}

// Only an answer of 200 brings its message to the client. With `Retry-After` Supabase asks again at once,
// up to three times: that helps over a connection which broke, and over nothing else.
function answer(verdict: Verdict): Response {
  const { status, message } = verdict
  if (status === 200) return answerJson(verdict, {})
  const body = { error: { http_code: status, message } }
  if (status === 503) return answerJson(verdict, body, { 'retry-after': '1' })
  const isForTheClient = status === 422 || status === 429 || status === 500
  return answerJson(isForTheClient ? { ...verdict, status: 200 } : verdict, body)
}
