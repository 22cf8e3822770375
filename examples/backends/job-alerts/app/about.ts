// What `/docs` says of the routes.
import { z } from 'zod'
import type { ApiInfo } from '../../http/openapi'
import type { About } from '../../http/route'
import { plainRefusalView } from '../../http/site'

type AboutPost = Omit<About, 'body'>

export const api: ApiInfo = {
  title: 'Job Alert',
  version: '1.0.0',
  description: 'Registration by mobile number: a code by SMS, then by WhatsApp, then by a call.',
  signIn: 'There is none: a log-in answers with the user.',
  refusal: plainRefusalView,
}

const tag = 'Accounts'
const tooMany = { 429: { means: 'Too many: `Retry-After` says how many seconds to wait' } }
const method = z.enum(['mobile', 'email'])

export const register: AboutPost = {
  summary: 'Register, and get a code',
  tag,
  answers: {
    201: {
      means: 'Registered: a code is on its way, unless an account has this number already',
      body: z.object({
        message: z.string(),
        user_id: z.int(),
        mobile_number: z.string(),
        verification_method: method,
      }),
    },
    ...tooMany,
  },
}

export const verify: AboutPost = {
  summary: 'Verify a number, or an address, with its code',
  tag,
  answers: {
    200: {
      means: 'Verified: now one can log in',
      body: z.object({
        message: z.string(),
        verified: z.literal(true),
        verification_method: method,
      }),
    },
    409: { means: 'The code was used already, or the name or contact was taken meanwhile' },
    ...tooMany,
  },
}

export const resendOtp: AboutPost = {
  summary: 'Get another code, by another way too',
  tag,
  answers: {
    200: {
      means: 'On its way, if this number awaits verification',
      body: z.object({
        message: z.string(),
        mobile_number: z.string(),
        verification_method: method,
      }),
    },
    ...tooMany,
  },
}

export const login: AboutPost = {
  summary: 'Log in with a password',
  tag,
  answers: {
    200: { means: 'Logged in', body: z.object({ message: z.string(), user: z.looseObject({}) }) },
    401: { means: 'Wrong name, number or password, or not verified yet' },
    ...tooMany,
  },
}
