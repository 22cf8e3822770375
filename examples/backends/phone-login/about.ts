// What `/docs` says of the routes.
import { z } from 'zod'
import type { ApiInfo } from '../http/openapi'
import type { About } from '../http/route'
import { plainRefusalView } from '../http/site'
import { questionView } from './captcha'

export const api: ApiInfo = {
  title: 'Phone login',
  version: '1.0.0',
  description: 'Log-in by phone number alone: a code, then an access and a refresh token.',
  signIn: 'What `verify` answers with as `access_token`.',
  refusal: plainRefusalView,
}

const tag = 'Log-in'
const tooMany = { 429: { means: 'Too many: `Retry-After` says how many seconds to wait' } }
const account = z.object({
  id: z.string(),
  phone_number: z.string(),
  created_at: z.string().meta({ format: 'date-time' }),
})
const tokens = z.object({ access_token: z.string(), refresh_token: z.string() })

export const send: About = {
  summary: 'Send a code',
  tag,
  answers: {
    200: {
      means: 'Sent',
      body: z.object({ detail: z.string(), expires_in: z.int(), resend_in: z.int() }),
    },
    403: {
      means: 'Answer the question first, and send again with `challenge`',
      body: z.object({ detail: z.string(), challenge: questionView }),
    },
    ...tooMany,
    503: { means: 'It could not be sent' },
  },
}

export const verify: About = {
  summary: 'Log in with the code',
  tag,
  answers: {
    200: { means: 'Logged in', body: tokens.extend({ account, new_account: z.boolean() }) },
    409: { means: 'The code was used already' },
    ...tooMany,
  },
}

export const refresh: About = {
  summary: 'Get new tokens, for a refresh token that is good once',
  tag: 'Session',
  answers: { 200: { means: 'New ones', body: tokens }, 401: { means: 'It is not good' } },
}

export const logout: About = {
  summary: 'Log out',
  tag: 'Session',
  answers: { 200: { means: 'Logged out', body: z.object({ detail: z.string() }) } },
}

export const me: About = {
  summary: 'Who is logged in',
  tag: 'Session',
  signedIn: true,
  answers: { 200: { means: 'The account', body: account } },
}
