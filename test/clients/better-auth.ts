import { APIError, createAuthMiddleware } from 'better-auth/api'
import { emailOTP, phoneNumber, twoFactor } from 'better-auth/plugins'
import type { OtpManager } from 'otpkit'

type Otp = OtpManager<'sms' | 'email', 'login' | 'password_reset' | 'second_factor'>
type Context = { readonly path?: string; readonly headers?: Headers | undefined } | undefined

/** What better-auth is given beside its database and secret: `betterAuth({ ...withOtp(otp) })`. */
export function withOtp(otp: Otp) {
  // The header that your own proxy writes: see ip.md.
  const ipOf = (context: Context) => context?.headers?.get('x-real-ip') ?? null
  const purposeOf = (context: Context) =>
    context?.path === '/phone-number/reset-password' ? 'password_reset' : 'login'

  async function send(to: string, purpose: 'login' | 'password_reset', context: Context) {
    const sent = await otp.send({ to, channel: 'sms', purpose, ip: ipOf(context) })
    if (sent.ok || sent.reason === 'undeliverable') return
    throw new APIError(sent.reason === 'invalid' ? 'BAD_REQUEST' : 'TOO_MANY_REQUESTS')
  }

  /** Carries a code that better-auth made and will check. */
  async function mail(
    to: string,
    code: string,
    purpose: 'login' | 'password_reset' | 'second_factor',
    context: Context,
  ) {
    const relayed = await otp.relay({ to, code, channel: 'email', purpose, ip: ipOf(context) })
    // better-auth writes what is thrown here to its log, and answers as if it was sent.
    if (!relayed.ok) throw new APIError('TOO_MANY_REQUESTS', { message: relayed.reason })
  }

  return {
    hooks: {
      // better-auth looks users up by the number as it was typed: two spellings would be two users.
      before: createAuthMiddleware(async ({ body }) => {
        if (body?.phoneNumber === undefined || body.phoneNumber === null) return
        const known = await otp.recipient(body.phoneNumber)
        if (!known.ok || known.kind !== 'phone') throw new APIError('BAD_REQUEST')
        return { context: { body: { ...body, phoneNumber: known.recipient } } }
      }),
    },
    plugins: [
      phoneNumber({
        phoneNumberValidator: async (to) => (await otp.recipient(to)).ok,
        sendOTP: ({ phoneNumber: to }, context) => send(to, 'login', context),
        sendPasswordResetOTP: ({ phoneNumber: to }, context) => send(to, 'password_reset', context),
        verifyOTP: async ({ phoneNumber: to, code }, context) => {
          const purpose = purposeOf(context)
          const result = await otp.verify({ to, purpose, code, ip: ipOf(context) })
          // Everything else that refuses looks like a wrong code: see the README.
          if (!result.ok && result.reason === 'rate_limited' && result.limit === 'ip') {
            throw new APIError('TOO_MANY_REQUESTS')
          }
          return result.ok
        },
        signUpOnVerification: { getTempEmail: (to) => `${to.slice(1)}@phone.invalid` },
      }),
      emailOTP({
        // Else each request makes the code before it worthless, also one whose message is refused.
        resendStrategy: 'reuse',
        storeOTP: 'encrypted',
        sendVerificationOTP: ({ email, otp: code, type }, context) =>
          mail(email, code, type === 'forget-password' ? 'password_reset' : 'login', context),
      }),
      twoFactor({
        otpOptions: {
          sendOTP: ({ user, otp: code }, context) =>
            mail(user.email, code, 'second_factor', context),
        },
      }),
    ],
  }
}
