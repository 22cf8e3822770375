import { createHmac } from 'node:crypto'
import type { RateLimiter } from 'otpkit'
import { tooManyRequests } from '../accounts/otp-refusal'
import { isSameSecret } from '../accounts/same-secret'
import type { Log } from '../http/log'
import type { Call, Reply, Route } from '../http/route'
import { plainRefusal } from '../http/site'
import { pageHeaders } from './page'

export interface AdminParts {
  readonly adminToken: string
  readonly rateLimiter: RateLimiter
  readonly log: Log
  /** The page, as HTML. */
  render(): string
}

/** `GET /admin/accounts/otptoken/`, for whoever knows the admin token. */
export function adminRoute({ adminToken, rateLimiter, log, render }: AdminParts): Route {
  /** Charges the guess before it is compared, and gives the charge back to who is right. */
  async function refusalOf({ ip, header }: Call): Promise<Reply | undefined> {
    const [, encoded] = /^Basic +(\S+)$/i.exec(header('authorization') ?? '') ?? []
    if (encoded === undefined) return unauthorized()
    const key = `a${createHmac('sha256', adminToken).update(String(ip)).digest('base64url')}`
    const taken = await rateLimiter.take([{ key, max: 10, windowMs: 10 * 60_000 }])
    if (!taken.ok) return plainRefusal(tooManyRequests(taken.retryAfterMs, 'wrong passwords'))
    const given = Buffer.from(encoded, 'base64').toString()
    if (!isSameSecret(given, `admin:${adminToken}`)) {
      log({ level: 'warning', event: 'admin_refused' })
      return unauthorized()
    }
    await rateLimiter.refund([key], taken.charge)
    return undefined
  }

  return {
    method: 'GET',
    path: '/admin/accounts/otptoken',
    handle: async (call) =>
      (await refusalOf(call)) ?? {
        status: 200,
        headers: { ...pageHeaders, 'Content-Type': 'text/html; charset=utf-8' },
        content: render(),
      },
  }
}

function unauthorized(): Reply {
  const reply = plainRefusal({ code: 401, message: 'Authentication required' })
  const challenge = 'Basic realm="Phone login", charset="UTF-8"'
  return { ...reply, headers: { 'WWW-Authenticate': challenge } }
}
