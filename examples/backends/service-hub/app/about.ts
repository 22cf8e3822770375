// What `/docs` says of the routes.
import { z } from 'zod'
import type { ApiInfo } from '../../http/openapi'
import type { About } from '../../http/route'
import { plainRefusalView } from '../../http/site'

type AboutPost = Omit<About, 'body'>

export const api: ApiInfo = {
  title: 'ServiceHub',
  version: '1.0.0',
  description: 'A phone number is verified with a code of two minutes.',
  signIn: 'There is none.',
  refusal: plainRefusalView,
}

const tag = 'Phone verification'
const tooMany = { 429: { means: 'Too many: `Retry-After` says how many seconds to wait' } }

export const sendOtp: AboutPost = {
  summary: 'Send a code',
  tag,
  answers: {
    200: {
      means: 'Sent. In development the answer holds the code',
      body: z.object({
        phone: z.string(),
        otp: z.string().optional(),
        message: z.string().optional(),
        expires_in_seconds: z.int(),
      }),
    },
    ...tooMany,
  },
}

export const verifyOtp: AboutPost = {
  summary: 'Verify a number with its code',
  tag,
  answers: {
    200: {
      means: 'Verified',
      body: z.object({ phone: z.string(), verified: z.literal(true) }),
    },
    409: { means: 'The code was used already' },
    ...tooMany,
  },
}
