import { isOtpError, type SendResult, type VerifyResult } from 'otpkit'
import { contactReader } from '../accounts/contact'
import { code, contact, jsonObject } from '../accounts/fields'
import { otpRefusal } from '../accounts/otp-refusal'
import { type Refusal, type Reply, type Route, read } from '../http/route'
import { plainRefusal } from '../http/site'
import * as about from './about'
import type { Accounts } from './accounts'
import { answerBody, type Captcha, type Question } from './captcha'
import type { Otp } from './otp'
import type { Sessions } from './sessions'

const field = 'phone_number'

/** `POST /api/v1/usr/otp` and `POST /api/v1/usr/otp/verify`: login and registration are one. `number` is for the description. */
export function loginRoutes(
  otp: Otp,
  captcha: Captcha,
  accounts: Accounts,
  sessions: Sessions,
  number: string,
): readonly Route[] {
  const phone_number = contact(contactReader(otp), 'phone', number)
  const sendBody = jsonObject({ phone_number, challenge: answerBody.optional() })
  const verifyBody = jsonObject({ phone_number, code })

  async function send(to: string, ip: string | null, challenged = false) {
    try {
      return await otp.send({ to, channel: 'sms', purpose: 'login', ip, challenged })
    } catch (error) {
      // Why, the log has from the event of it.
      if (isOtpError(error) && error.code === 'delivery_failed') return 'failed'
      throw error
    }
  }

  return [
    {
      method: 'POST',
      path: '/api/v1/usr/otp',
      about: { ...about.send, body: sendBody },
      handle: async ({ body, ip }) => {
        const request = await read(sendBody, body)
        if (!request.ok) return plainRefusal(request.refusal)
        const { phone_number: to, challenge } = request.value
        const first = await send(to, ip)
        const isAsked = first !== 'failed' && asksForChallenge(first)
        // An answer is good once, so it is looked at where it is needed alone.
        const isPassed = isAsked && challenge !== undefined && (await captcha.passes(to, challenge))
        if (isAsked && !isPassed) return challengeRequired(await captcha.ask(to))
        const sent = isPassed ? await send(to, ip, true) : first
        if (sent === 'failed') return plainRefusal({ code: 503, message: 'Failed to send OTP' })
        if (!sent.ok) return plainRefusal(otpRefusal(sent, field))
        return {
          status: 200,
          json: {
            detail: 'OTP sent',
            expires_in: Math.floor(sent.expiresInMs / 1000),
            resend_in: Math.ceil(sent.resendInMs / 1000),
          },
        }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/usr/otp/verify',
      about: { ...about.verify, body: verifyBody },
      handle: async ({ body, ip }) => {
        const request = await read(verifyBody, body)
        if (!request.ok) return plainRefusal(request.refusal)
        const { phone_number: to, code } = request.value
        const result = await otp.verify({ to, purpose: 'login', code, ip })
        if (!result.ok) return plainRefusal(verifyRefusal(result))
        const { account, isNew } = await accounts.findOrCreate(result.recipient)
        const tokens = await sessions.start(account.id)
        return { status: 200, json: { ...tokens, account, new_account: isNew } }
      },
    },
  ]
}

/** Whether it is the guard that refused, which asks alike whoever has the number. */
const asksForChallenge = (sent: SendResult) =>
  !sent.ok && sent.reason === 'rate_limited' && sent.challenge === true

const challengeRequired = (challenge: Question): Reply => ({
  status: 403,
  json: { detail: 'challenge-required', challenge },
})

function verifyRefusal(result: Exclude<VerifyResult, { readonly ok: true }>): Refusal {
  const isWrong = result.reason === 'incorrect' || result.reason === 'expired'
  return isWrong ? { code: 400, message: 'Invalid OTP code' } : otpRefusal(result, field)
}
