import { randomBytes } from 'node:crypto'
import { otpRefusal } from '../../accounts/otp-refusal'
import { hashPassword } from '../../accounts/password'
import type { Answer } from '../../http/post-route'
import { invalidFields, type Refusal } from '../../http/route'
import { type Channel, type Otp, type PhoneChannel, purpose } from './otp'
import type { Registration, Resend, Verification } from './requests'
import type { Users } from './users'

const usernameTaken = invalidFields([{ field: 'username', message: 'Is taken' }])
// Told to nobody but the proven owner of the contact.
const takenMeanwhile: Refusal = {
  code: 409,
  message: 'The username or the contact was taken meanwhile. Register again',
}

/**
 * Registers, and verifies what was registered. Every code is bound to the one registration that it
 * was sent for: whoever types it gets that registration with its password, and no other. Who is
 * registered shows nowhere: a number that an account has verified is answered like any other.
 */
export function accountVerification(
  otp: Otp,
  users: Users,
  phoneChannels: readonly PhoneChannel[],
) {
  return {
    register: async (registration: Registration, ip: string | null): Promise<Answer> => {
      const { username, password, mobile_number, full_name = null, email = null } = registration
      if ((await users.byUsername(username)) !== undefined) return { refusal: usernameTaken }
      const deliver = (await users.byVerified('mobile', mobile_number)) === undefined
      const sent = await otp.send({
        to: mobile_number,
        channel: phoneChannels,
        purpose,
        ip,
        deliver,
      })
      if (!sent.ok) return { refusal: otpRefusal(sent, 'mobile_number') }
      // Behind the limits: hashing is slow by intention.
      const password_hash = await hashPassword(password)
      const user_id = await users.insert({
        username,
        password_hash,
        full_name,
        mobile_number,
        email,
      })
      await users.noteCode(mobile_number, { user_id, challenge_id: sent.challengeId })
      return {
        status: 201,
        json: {
          message: 'User registered successfully. Please check your mobile for verification OTP.',
          user_id,
          mobile_number,
          verification_method: 'mobile',
        },
      }
    },

    /** A new code for the last registration of a number, to the number or to its e-mail address. */
    resendOtp: async (resend: Resend, ip: string | null): Promise<Answer> => {
      const { mobile_number, channel } = resend
      const method = channel === 'email' ? 'email' : 'mobile'
      const registration = await users.lastOf(mobile_number)
      const contact = method === 'email' ? registration?.email : mobile_number
      const waits = registration !== undefined && typeof contact === 'string'
      // What is not there counts and waits like what is, so that no limit tells them apart.
      const to = contact ?? `${mobile_number.slice(1)}@nobody.example.com`
      const deliver = waits && (await users.byVerified(method, to)) === undefined
      const channels: Channel | readonly PhoneChannel[] = channel ?? phoneChannels
      const sent = await otp.send({ to, channel: channels, purpose, ip, deliver })
      if (!sent.ok) return { refusal: otpRefusal(sent, 'mobile_number') }
      if (waits) {
        await users.noteCode(to, { user_id: registration.id, challenge_id: sent.challengeId })
      }
      const place = { mobile: 'it', email: 'the e-mail address of its registration' }[method]
      return {
        status: 200,
        json: {
          message: `If this number awaits verification, a new OTP is on its way to ${place}.`,
          mobile_number,
          verification_method: method,
        },
      }
    },

    verify: async (verification: Verification, ip: string | null): Promise<Answer> => {
      const { contact, method, otp: code, user_id } = verification
      const sent = await users.codeOf(contact)
      const isMeant = sent !== undefined && (user_id ?? sent.user_id) === sent.user_id
      // Nothing has a random handle: the guess is charged to its address, as every other is.
      const challengeId = isMeant ? sent.challenge_id : randomBytes(33).toString('base64url')
      const verified = await otp.verify({ challengeId, purpose, code, ip })
      if (!verified.ok) return { refusal: otpRefusal(verified, 'otp') }
      const { recipient } = verified
      if (!isMeant || !(await users.markVerified(sent.user_id, method, recipient))) {
        return { refusal: takenMeanwhile }
      }
      const name = { mobile: 'Mobile', email: 'Email' }[method]
      return {
        status: 200,
        json: {
          message: `${name} verified successfully. You can now log in.`,
          verified: true,
          verification_method: method,
        },
      }
    },
  }
}
