import { z } from 'zod'
import { jsonObject, requiredOr } from '../accounts/fields'
import { type Call, type Reply, type Route, read } from '../http/route'
import { plainRefusal } from '../http/site'
import * as about from './about'
import type { Accounts } from './accounts'
import type { Sessions } from './sessions'

const refreshBody = jsonObject({
  refresh_token: z
    .string({ error: requiredOr('Must be text') })
    .min(1, 'Required')
    .meta({ examples: ['as the log-in answered it'] }),
})

/** What somebody who has logged in does: stay, see who they are, leave. */
export function sessionRoutes(sessions: Sessions, accounts: Accounts): readonly Route[] {
  /** Handles the refresh token of the body. */
  const withRefreshToken = (act: (token: string) => Promise<Reply>) => async (call: Call) => {
    const request = await read(refreshBody, call.body)
    return request.ok ? act(request.value.refresh_token) : plainRefusal(request.refusal)
  }

  return [
    {
      method: 'POST',
      path: '/api/v1/usr/token/refresh',
      about: { ...about.refresh, body: refreshBody },
      handle: withRefreshToken(async (token) => {
        const tokens = await sessions.refresh(token)
        if (tokens !== undefined) return { status: 200, json: tokens }
        return plainRefusal({ code: 401, message: 'Invalid refresh token' })
      }),
    },
    {
      method: 'POST',
      path: '/api/v1/usr/logout',
      about: { ...about.logout, body: refreshBody },
      // A token that is not known is logged out as well.
      handle: withRefreshToken(async (token) => {
        await sessions.end(token)
        return { status: 200, json: { detail: 'Logged out' } }
      }),
    },
    {
      method: 'GET',
      path: '/api/v1/usr/me',
      about: about.me,
      handle: async ({ header }) => {
        const [, token] = /^Bearer +(\S+)$/i.exec(header('authorization') ?? '') ?? []
        if (token === undefined) return unauthorized('Authentication required', 'Bearer')
        const accountId = await sessions.accountOf(token)
        const account = accountId === undefined ? undefined : await accounts.find(accountId)
        if (account !== undefined) return { status: 200, json: account }
        return unauthorized('Invalid access token', 'Bearer error="invalid_token"')
      },
    },
  ]
}

function unauthorized(message: string, challenge: string): Reply {
  const reply = plainRefusal({ code: 401, message })
  return { ...reply, headers: { 'WWW-Authenticate': challenge } }
}
