import { z } from 'zod'
import { hashPassword, verifyPassword } from '../../accounts/password'
import type { Route } from '../../http/route'
import type { Account } from '../accounts'
import type { Success } from '../answer'
import { aboutUsedCode, nothing, openRoute } from '../define-route'
import type { Parts } from '../parts'
import { subjectOf } from '../sign-in'
import { enveloped, operatorView, showOperator } from '../views'

const tag = 'Sessions'
const done = enveloped(z.null())
const tokens = z.object({
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number().int(),
  operator: operatorView,
})
const tooMany = { 429: { means: 'Too many attempts: `Retry-After` says how many seconds to wait' } }

/** Signing in and out, and passwords. */
export function sessionRoutes(parts: Parts): readonly Route[] {
  const { prove, accounts, attempts, requests, sessions, signIn, notify, operatorRoute } = parts

  async function opened(account: Account): Promise<Success> {
    const { token, expiresInSeconds, headers } = await sessions.issue(account)
    const data = {
      access_token: token,
      token_type: 'bearer',
      expires_in: expiresInSeconds,
      operator: showOperator(account),
    }
    return { code: 200, headers, data }
  }

  async function setPassword(account: Account, password: string): Promise<void> {
    await accounts.setPassword(account.id, await hashPassword(password))
    notify(
      account,
      'Your password was changed',
      'Your password was changed, and every session has ended. If that was not you, reset it.',
    )
  }

  return [
    openRoute({
      method: 'POST',
      path: '/auth/login',
      summary: 'Sign in with a code, or with a password',
      tag,
      body: requests.login,
      query: nothing,
      answers: {
        200: {
          means: 'Signed in; the same token is set as an HttpOnly cookie',
          body: enveloped(tokens),
        },
        401: { means: 'Wrong username or password' },
        403: { means: 'The account is suspended, or was rejected' },
        ...aboutUsedCode,
        ...tooMany,
      },
      handle: async ({ body, ip }) => {
        const signedIn =
          'otp' in body
            ? await signIn.withCode({ contact: body.contact, code: body.otp, ip, field: 'contact' })
            : await signIn.withPassword(body.username, body.password, ip)
        return signedIn.ok ? opened(signedIn.account) : signedIn.refusal
      },
    }),

    operatorRoute({
      method: 'POST',
      path: '/auth/logout',
      summary: 'End every session of this user',
      tag,
      body: nothing,
      query: nothing,
      answers: { 200: { means: 'Signed out', body: done } },
      handle: async (_call, account) => {
        await accounts.endSessions(account.id)
        return { code: 200, data: null, headers: sessions.endOperator }
      },
    }),

    openRoute({
      method: 'POST',
      path: '/auth/reset-password',
      summary: 'Set a new password with a code',
      tag,
      body: requests.resetPassword,
      query: nothing,
      answers: {
        200: { means: 'Changed, and every session has ended', body: done },
        ...aboutUsedCode,
      },
      handle: async ({ body, ip }) => {
        const { contact, otp: code, new_password } = body
        const proven = await prove.use({ contact, code, ip, field: 'contact' }, 'password_reset')
        if (!proven.ok) return proven.refusal
        const account = await accounts.byVerifiedContact(proven.contact)
        if (account !== undefined) await setPassword(account, new_password)
        return { code: 200, data: null }
      },
    }),

    operatorRoute({
      method: 'POST',
      path: '/auth/change-password',
      summary: 'Change the password',
      tag,
      body: requests.changePassword,
      query: nothing,
      answers: {
        200: {
          means: 'Changed; this session goes on, every other has ended',
          body: enveloped(tokens),
        },
        ...tooMany,
      },
      handle: async ({ body, ip }, account) => {
        const attempt = await attempts('login', subjectOf(account), ip)
        if (!attempt.ok) return attempt.refusal
        if (!(await verifyPassword(body.current_password, account.password_hash))) {
          const errors = [{ field: 'current_password', message: 'Wrong password' }]
          return { code: 400, message: 'Invalid request', errors }
        }
        // Charged although it is right: each change sends a notice, which costs money.
        await setPassword(account, body.new_password)
        const changed = await accounts.byUserId(account.user_id)
        return opened(changed ?? account)
      },
    }),

    openRoute({
      method: 'POST',
      path: '/admin/session',
      summary: 'Sign in as administrator, for the pages',
      tag,
      body: requests.adminSession,
      query: nothing,
      answers: {
        200: { means: 'Signed in by a cookie', body: done },
        401: { means: 'Wrong token' },
      },
      handle: async ({ body }) => {
        const headers = await sessions.issueAdmin(body.token)
        return headers === undefined
          ? { code: 401, message: 'Wrong token' }
          : { code: 200, data: null, headers }
      },
    }),

    openRoute({
      method: 'DELETE',
      path: '/admin/session',
      summary: 'Sign out as administrator',
      tag,
      body: nothing,
      query: nothing,
      answers: { 200: { means: 'Signed out', body: done } },
      handle: async () => ({ code: 200, data: null, headers: sessions.endAdmin }),
    }),
  ]
}
