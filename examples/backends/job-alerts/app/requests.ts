import { z } from 'zod'
import type { ContactReader } from '../../accounts/contact'
import {
  code,
  contact,
  jsonObject,
  line,
  newPassword,
  password,
  requiredOr,
  text,
} from '../../accounts/fields'
import type { PhoneChannel } from './otp'

const username = text()
  .regex(/^[A-Za-z0-9_.-]{3,32}$/, 'Must be 3 to 32 letters, digits, dots, hyphens and underscores')
  .meta({ examples: ['john_doe'] })

/** A body that names one of two fields: which it is decides what the request is about. */
function oneOf(first: string, second: string, context: z.RefinementCtx): never {
  const message = `Send either ${first} or ${second}`
  context.addIssue({ code: 'custom', path: [first], message })
  return z.NEVER
}

/**
 * The requests of the API. Contacts in them are the library's to judge; the rest is shape.
 *
 * @param number - One that is served, for the description.
 */
export function requestSchemas(
  read: ContactReader,
  channels: readonly (PhoneChannel | 'email')[],
  number: string,
) {
  const mobile_number = contact(read, 'phone', number)
  const email = contact(read, 'email')

  return {
    register: jsonObject({
      username,
      mobile_number,
      password: newPassword,
      full_name: line(120)
        .meta({ examples: ['John Doe'] })
        .optional(),
      email: email.optional(),
    }),

    verify: jsonObject({
      mobile_number: mobile_number.optional(),
      email: email.optional(),
      otp: code,
      user_id: z.int({ error: requiredOr('Must be the user_id of the registration') }).optional(),
    })
      .transform(({ mobile_number, email, ...rest }, context) => {
        if (mobile_number !== undefined && email === undefined) {
          return { ...rest, method: 'mobile' as const, contact: mobile_number }
        }
        if (email !== undefined && mobile_number === undefined) {
          return { ...rest, method: 'email' as const, contact: email }
        }
        return oneOf('mobile_number', 'email', context)
      })
      .meta({ examples: [{ mobile_number: number, otp: '123456' }] }),

    resendOtp: jsonObject({
      mobile_number,
      channel: z.enum(channels, { error: `Must be one of ${channels.join(', ')}` }).optional(),
    }),

    login: jsonObject({
      username: username.optional(),
      mobile_number: mobile_number.optional(),
      password,
    })
      .transform(({ username, mobile_number, password }, context) => {
        if (username !== undefined && mobile_number === undefined) return { username, password }
        if (mobile_number !== undefined && username === undefined)
          return { mobile_number, password }
        return oneOf('username', 'mobile_number', context)
      })
      .meta({ examples: [{ username: 'john_doe', password: 'a long password' }] }),
  }
}

export type Requests = ReturnType<typeof requestSchemas>
export type Registration = z.infer<Requests['register']>
export type Verification = z.infer<Requests['verify']>
export type Resend = z.infer<Requests['resendOtp']>
export type Login = z.infer<Requests['login']>
