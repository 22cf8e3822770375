import { otpRefusal } from '../../accounts/otp-refusal'
import type { Answer } from '../../http/post-route'
import type { Otp } from './otp'
import type { SendOtp, VerifyOtp } from './requests'

const purpose = 'phone_verification'
const field = 'phone'

/** Sends codes and verifies them. */
export function phoneVerification(otp: Otp) {
  return {
    sendOtp: async (
      { phone: { written: phone, recipient: to } }: SendOtp,
      ip: string | null,
    ): Promise<Answer> => {
      const sent = await otp.send({ to, channel: 'sms', purpose, ip })
      if (!sent.ok) return { refusal: otpRefusal(sent, field) }
      const { code, expiresInMs } = sent
      const expires_in_seconds = Math.floor(expiresInMs / 1000)
      // Only `exposeCode` fills it in, which exists in development alone.
      if (code !== undefined) return { json: { phone, otp: code, expires_in_seconds } }
      return { json: { phone, message: 'OTP sent to your phone number', expires_in_seconds } }
    },

    verifyOtp: async ({ phone, otp: code }: VerifyOtp, ip: string | null): Promise<Answer> => {
      const { written, recipient: to } = phone
      const verified = await otp.verify({ to, purpose, code, ip })
      if (!verified.ok) return { refusal: otpRefusal(verified, field) }
      return { json: { phone: written, verified: true } }
    },
  }
}
