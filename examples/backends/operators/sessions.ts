import { hkdfSync } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { isSameSecret } from '../accounts/same-secret'
import type { Call, Refusal } from '../http/route'
import type { Account, Accounts } from './accounts'

const lifetimeSeconds = 8 * 60 * 60

/** What says who sends a request. */
type Sender = Pick<Call, 'header'> & { readonly method: string }

/** Who sends a request. */
export type Viewer =
  | { readonly role: 'admin' }
  | { readonly role: 'operator'; readonly account: Account }

export interface SessionParts {
  readonly secret: string
  /** 32 random bytes or more: guessing it is hopeless, so nothing needs to count the guesses. */
  readonly adminToken: string
  readonly accounts: Pick<Accounts, 'byUserId'>
  /** Cookies over TLS alone. Off in development, which has none. */
  readonly secureCookies: boolean
  readonly now: () => Date
}

const wrongToken: Refusal = { code: 401, message: 'Wrong token' }
const signInFirst: Refusal = { code: 401, message: 'Sign in first' }

export type Sessions = ReturnType<typeof createSessions>

/**
 * Sessions as signed tokens: in `Authorization: Bearer` for programs, in an HttpOnly cookie for
 * pages. A token says who and since which password; each request asks the database whether that
 * still holds, so a new password, a log-out or a suspension ends it at once.
 */
export function createSessions(parts: SessionParts) {
  const { accounts, now } = parts
  // Keys of their own: a token can never be mistaken for anything that the library made.
  // An administrator's ends with the ADMIN_TOKEN that it was given for.
  const keyFor = (audience: Viewer['role']) =>
    new Uint8Array(
      hkdfSync('sha256', parts.secret, audience === 'admin' ? parts.adminToken : '', audience, 32),
    )
  const keys = { admin: keyFor('admin'), operator: keyFor('operator') }
  // With this prefix browsers take a cookie from this very host alone, never from its neighbours.
  const prefix = parts.secureCookies ? '__Host-' : ''
  const operatorCookie = `${prefix}operator_session`
  const adminCookie = `${prefix}admin_session`

  const sign = (
    audience: Viewer['role'],
    claims: { readonly sub: string; readonly version?: number },
  ) =>
    new SignJWT({ version: claims.version })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(claims.sub)
      .setAudience(audience)
      .setIssuedAt(now())
      .setExpirationTime(new Date(now().getTime() + lifetimeSeconds * 1000))
      .sign(keys[audience])

  async function open(audience: Viewer['role'], token: string | undefined) {
    if (token === undefined) return undefined
    const options = { audience, algorithms: ['HS256'], currentDate: now() }
    return jwtVerify(token, keys[audience], options).then(
      ({ payload }) => payload,
      () => undefined,
    )
  }

  const setCookie = (name: string, value: string, seconds: number) =>
    `${name}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${parts.secureCookies ? '; Secure' : ''}`

  async function accountOf(token: string | undefined): Promise<Account | undefined> {
    const payload = await open('operator', token)
    if (payload === undefined) return undefined
    const account = await accounts.byUserId(Number(payload.sub))
    if (account === undefined || account.session_version !== payload.version) return undefined
    return account.status === 'PENDING' || account.status === 'ACTIVE' ? account : undefined
  }

  /** Who sends this. One browser may hold both cookies: the one for `role` counts then. */
  async function viewerOf(call: Sender, role: Viewer['role']): Promise<Viewer | Refusal> {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(call.header('authorization') ?? '') ?? []
    if (bearer !== undefined) {
      const account = await accountOf(bearer)
      if (account !== undefined) return { role: 'operator', account }
      return isSameSecret(bearer, parts.adminToken) ? { role: 'admin' } : wrongToken
    }
    const cookies = cookiesOf(call)
    const account = await accountOf(cookies.get(operatorCookie))
    const isAdmin = (await open('admin', cookies.get(adminCookie))) !== undefined
    if (isAdmin && (role === 'admin' || account === undefined)) return { role: 'admin' }
    return account === undefined ? signInFirst : { role: 'operator', account }
  }

  return {
    /** A new session of this account: the token, and the cookie that holds it. */
    issue: async (account: Account) => {
      const { user_id, session_version: version } = account
      const token = await sign('operator', { sub: String(user_id), version })
      return {
        token,
        expiresInSeconds: lifetimeSeconds,
        headers: { 'Set-Cookie': setCookie(operatorCookie, token, lifetimeSeconds) },
      }
    },

    endOperator: { 'Set-Cookie': setCookie(operatorCookie, '', 0) },
    endAdmin: { 'Set-Cookie': setCookie(adminCookie, '', 0) },

    /** The cookie of an administrator who knows the token. */
    issueAdmin: async (token: string) => {
      if (!isSameSecret(token, parts.adminToken)) return undefined
      const cookie = setCookie(adminCookie, await sign('admin', { sub: 'admin' }), lifetimeSeconds)
      return { 'Set-Cookie': cookie }
    },

    viewerOf,

    /** Whether an administrator is signed in. */
    isAdmin: async (call: Call): Promise<boolean> => {
      const viewer = await viewerOf(call, 'admin')
      return 'role' in viewer && viewer.role === 'admin'
    },

    /** The account that is signed in, if there is one. */
    accountOf: async (call: Call): Promise<Account | undefined> => {
      const viewer = await viewerOf(call, 'operator')
      return 'role' in viewer && viewer.role === 'operator' ? viewer.account : undefined
    },
  }
}

/**
 * Cookies, unless another site may have made the browser send them: a second line behind SameSite.
 * Of two with one name one is somebody else's, and none of them is taken.
 */
function cookiesOf(call: Sender): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  if (call.method !== 'GET' && !isSameOrigin(call)) return cookies
  const twice = new Set<string>()
  for (const pair of (call.header('cookie') ?? '').split(';')) {
    const [name = '', ...value] = pair.trim().split('=')
    if (cookies.has(name)) twice.add(name)
    cookies.set(name, value.join('='))
  }
  for (const name of twice) cookies.delete(name)
  return cookies
}

function isSameOrigin(call: Sender): boolean {
  const site = call.header('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin'
  const origin = call.header('origin')
  return origin !== undefined && origin.replace(/^https?:\/\//, '') === call.header('host')
}
