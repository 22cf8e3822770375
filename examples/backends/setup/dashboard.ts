import type { History } from 'otpkit'
import { createDashboard, type DashboardManager } from 'otpkit/dashboard'
import { isSameSecret } from '../accounts/same-secret'
import { dashboardPath } from '../http/site'
import type { Place } from '../http/welcome'
import type { Environment } from './environment'

/** What an administrator is called in the events of what they do, and may do. */
export const administrator = { name: 'admin', can: ['find', 'unlock'] } as const

/**
 * `/admin/otp` for whoever knows the token: browsers ask for a name and a password, which are `admin` and the
 * token. It is 32 random bytes or more: guessing it is hopeless, so nothing needs to count the guesses.
 */
export function dashboardByToken(otp: DashboardManager, history: History, adminToken: string) {
  const dashboard = createDashboard({ otp, history, authorize: () => administrator })
  return async (request: Request): Promise<Response> => {
    const [, encoded = ''] =
      /^Basic +(\S+)$/i.exec(request.headers.get('authorization') ?? '') ?? []
    const given = Buffer.from(encoded, 'base64').toString()
    if (isSameSecret(given, `admin:${adminToken}`)) return dashboard(request)
    const headers = {
      'www-authenticate': 'Basic realm="One-time codes", charset="UTF-8"',
      'cache-control': 'no-store',
    }
    return new Response('Sign in as admin, with the ADMIN_TOKEN.', { status: 401, headers })
  }
}

/** Where it is, for what a start prints. A token that the environment holds is printed nowhere. */
export function dashboardPlace(
  address: string,
  environment: Environment,
  adminToken: string,
): Place {
  const password = environment.ADMIN_TOKEN === undefined ? adminToken : 'the ADMIN_TOKEN'
  const hints = [`user admin, password ${password}`]
  return { name: 'Dashboard', address: address + dashboardPath.slice(1), hints }
}
