import { z } from 'zod'
import { otpRefusal } from '../../accounts/otp-refusal'
import { hashPassword } from '../../accounts/password'
import type { Reply, Route } from '../../http/route'
import type { Account } from '../accounts'
import { aboutUsedCode, nothing, openRoute } from '../define-route'
import { duplicateAt } from '../duplicate'
import { notifyOfContact } from '../notifier'
import type { Parts } from '../parts'
import { showUser, userView } from '../views'

const tag = 'Users'
const wrongCode = { 400: { means: 'Invalid or expired OTP' }, ...aboutUsedCode }
const tokens = z.object({
  access: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number().int(),
})
const signedInView = tokens.extend({ user: userView })

/** The API of the first document: plain bodies, phone numbers as `mobile`. */
export function userRoutes(parts: Parts): readonly Route[] {
  const { otp, quietOtp, prove, accounts, attempts, requests, sessions, signIn } = parts
  const { phoneChannels, notify, operatorRoute } = parts

  async function session(account: Account) {
    const { token, expiresInSeconds, headers } = await sessions.issue(account)
    return {
      headers,
      tokens: { access: token, token_type: 'bearer', expires_in: expiresInSeconds },
    }
  }

  async function opened(account: Account): Promise<Reply> {
    const { headers, tokens } = await session(account)
    return { status: 200, headers, json: { ...tokens, user: showUser(account) } }
  }

  return [
    openRoute({
      method: 'POST',
      path: '/api/users/register-operator/',
      summary: 'Register an operator with a password',
      tag,
      body: requests.users.register,
      query: nothing,
      answers: {
        201: {
          means: 'Registered and signed in, waiting for approval',
          body: userView.extend(tokens.shape),
        },
        ...aboutUsedCode,
      },
      handle: async ({ body, ip }) => {
        const { username, password, company_name, owner_name = null, email = null } = body
        const { phone = null, otp: code } = body
        const attempt = await attempts('registration', phone ?? username, ip)
        if (!attempt.ok) return attempt.refusal
        // Before the code is used up: a name that is taken is the commonest slip of all.
        const isTaken = (await accounts.byUsername(username)) !== undefined
        if (isTaken) return duplicateAt('username', 'username')
        const isProven = phone !== null && code !== undefined
        if (isProven) {
          const proven = await prove.useOrRedeem({ contact: phone, code, ip, field: 'phone' })
          if (!proven.ok) return proven.refusal
        }
        const written = await accounts.insert(
          { company_name, owner_name },
          {
            username,
            password_hash: await hashPassword(password),
            email,
            email_verified: 0,
            phone,
            phone_verified: isProven ? 1 : 0,
            notice_channel: isProven ? 'sms' : null,
          },
          // Contacts that nobody proved are claims: whether they are registered is not told.
          { username, ...(isProven && { phone }) },
        )
        if (!written.ok) return duplicateAt(written.duplicate, written.duplicate)
        const { account } = written
        notify(account, 'Your registration was received', `${company_name} waits for approval.`)
        const { headers, tokens } = await session(account)
        return { status: 201, headers, json: { ...showUser(account), ...tokens } }
      },
    }),

    openRoute({
      method: 'POST',
      path: '/api/users/send-otp/',
      summary: 'Send a code to a mobile',
      tag,
      body: requests.users.sendOtp,
      query: nothing,
      answers: {
        200: {
          means: 'A code is on its way, or would be if this mobile had an account',
          body: z.object({
            detail: z.string(),
            channel: z.string(),
            expires_in_seconds: z.number().int(),
            otp: z.string().optional(),
          }),
        },
        429: { means: 'Too many codes: `Retry-After` says how many seconds to wait' },
      },
      handle: async ({ body, ip }) => {
        const { mobile: to, purpose, channel: wanted = phoneChannels } = body
        const sent =
          purpose === 'login'
            ? await quietOtp.send({
                to,
                channel: wanted,
                purpose,
                ip,
                deliver: (await accounts.byVerifiedContact(to)) !== undefined,
              })
            : await otp.send({ to, channel: wanted, purpose: 'operator_registration', ip })
        if (!sent.ok) return otpRefusal(sent, 'mobile')
        const { channel, code: shown, expiresInMs } = sent
        return {
          status: 200,
          json: {
            detail: 'OTP sent to your mobile.',
            channel,
            expires_in_seconds: Math.floor(expiresInMs / 1000),
            // Only in development, where `exposeCode` is.
            ...(shown && { otp: shown }),
          },
        }
      },
    }),

    openRoute({
      method: 'POST',
      path: '/api/users/verify-otp/',
      summary: 'Verify the code of a mobile',
      tag,
      body: requests.users.verifyOtp,
      query: nothing,
      answers: {
        200: {
          means: 'Verified: for the account that is signed in, or a registration within 15 minutes',
          body: z.object({ detail: z.string(), verified: z.literal(true) }),
        },
        ...wrongCode,
      },
      handle: async (call) => {
        const { mobile: contact, otp: code } = call.body
        const typed = { contact, code, ip: call.ip, field: 'mobile' }
        const account = await sessions.accountOf(call)
        // An account gets a number only from whoever is signed in to it: nobody who registered
        // somebody else's number can wait for its owner to verify it (S24).
        const isOwn = account?.phone === contact && account.phone_verified === 0
        const proven = await (isOwn ? prove.useOrRedeem(typed) : prove.keep(typed))
        if (!proven.ok) return proven.refusal
        if (isOwn) {
          const change = {
            phone: proven.contact,
            phone_verified: 1,
            notice_channel: 'sms',
          } as const
          const written = await accounts.verifyContact(account.id, change)
          if (!written.ok) return duplicateAt(written.duplicate, 'mobile')
          notifyOfContact(notify, account)
        }
        return { status: 200, json: { detail: 'Verified.', verified: true } }
      },
    }),

    openRoute({
      method: 'POST',
      path: '/api/users/login/',
      summary: 'Sign in with a password',
      tag,
      body: requests.users.login,
      query: nothing,
      answers: {
        200: { means: 'Signed in', body: signedInView },
        401: { means: 'Wrong username or password' },
        403: { means: 'The account is suspended, or was rejected' },
        429: { means: 'Too many attempts: `Retry-After` says how many seconds to wait' },
      },
      handle: async ({ body, ip }) => {
        const signedIn = await signIn.withPassword(body.username, body.password, ip)
        return signedIn.ok ? opened(signedIn.account) : signedIn.refusal
      },
    }),

    openRoute({
      method: 'POST',
      path: '/api/users/login-with-mobile/',
      summary: 'Sign in with a code for `login`',
      tag,
      body: requests.users.loginWithMobile,
      query: nothing,
      answers: {
        200: { means: 'Signed in', body: signedInView },
        ...wrongCode,
        403: { means: 'The account is suspended, or was rejected' },
      },
      handle: async ({ body, ip }) => {
        const { mobile: contact, otp: code } = body
        const signedIn = await signIn.withCode({ contact, code, ip, field: 'mobile' })
        return signedIn.ok ? opened(signedIn.account) : signedIn.refusal
      },
    }),

    operatorRoute({
      method: 'GET',
      path: '/api/users/me/',
      summary: 'Who is signed in',
      tag,
      body: nothing,
      query: nothing,
      answers: { 200: { means: 'The user', body: userView } },
      handle: async (_call, account) => ({ status: 200, json: showUser(account) }),
    }),
  ]
}
