import { z } from 'zod'
import { otpRefusal } from '../../accounts/otp-refusal'
import type { Route } from '../../http/route'
import { aboutUsedCode, nothing, openRoute } from '../define-route'
import type { Parts } from '../parts'
import { enveloped } from '../views'

const tag = 'Codes'

/** The endpoints that every purpose has in common. */
export function codeRoutes({ otp, quietOtp, prove, accounts, requests }: Parts): readonly Route[] {
  return [
    openRoute({
      method: 'POST',
      path: '/auth/send-otp',
      summary: 'Send a code',
      tag,
      body: requests.sendOtp,
      query: nothing,
      answers: {
        200: {
          means: 'A code is on its way, or would be if this contact had an account',
          body: enveloped(
            z.object({ otp: z.string().optional(), expires_in_seconds: z.number().int() }),
          ),
        },
        429: { means: 'Too many codes: `Retry-After` says how many seconds to wait' },
      },
      handle: async ({ body, ip }) => {
        const { contact, contact_type: channel, purpose } = body
        const about = { to: contact, channel, ip }
        // A login or reset goes to operators alone. Everybody gets the same answer, and gets it
        // before the message goes out: neither time nor failure tells who is one.
        const sent =
          purpose === 'operator_registration'
            ? await otp.send({ ...about, purpose })
            : await quietOtp.send({
                ...about,
                purpose,
                deliver: (await accounts.byVerifiedContact(contact)) !== undefined,
              })
        if (!sent.ok) return otpRefusal(sent, 'contact')
        // Only `exposeCode` fills the code in, which exists in development alone.
        const { code: shown, expiresInMs } = sent
        const expires_in_seconds = Math.floor(expiresInMs / 1000)
        return { code: 200, data: { ...(shown && { otp: shown }), expires_in_seconds } }
      },
    }),

    openRoute({
      method: 'POST',
      path: '/auth/verify-otp',
      summary: 'Verify a code, for a registration that follows within 15 minutes',
      tag,
      body: requests.verifyOtp,
      query: nothing,
      answers: {
        200: { means: 'Verified', body: enveloped(z.object({ verified: z.literal(true) })) },
        ...aboutUsedCode,
      },
      handle: async ({ body, ip }) => {
        const { contact, otp: code } = body
        const proven = await prove.keep({ contact, code, ip, field: 'contact' })
        return proven.ok ? { code: 200, data: { verified: true } } : proven.refusal
      },
    }),
  ]
}
