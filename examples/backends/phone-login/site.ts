import type { Kysely } from 'kysely'
import type { History, OtpDatabase } from 'otpkit'
import type { EnvironmentOptions } from 'otpkit/from-environment'
import { type CreateReceiptsOptions, createReceipts } from 'otpkit/receipts'
import { logOtpEvents } from '../accounts/log-otp-events'
import { docsRoutes } from '../http/docs-page'
import type { Log } from '../http/log'
import { healthRoute, plainRefusal, type Site } from '../http/site'
import { numberToTry } from '../setup/countries'
import { api as about } from './about'
import { accessTokens } from './access-tokens'
import { accountsIn } from './accounts'
import { adminRoute } from './admin'
import { adminPage } from './admin-page'
import { challengeLog } from './challenge-log'
import { loginRoutes } from './login'
import { createOtp } from './otp'
import { notFoundPage, pageRoutes } from './page'
import { refreshFamiliesIn } from './refresh-families'
import { sessionRoutes } from './session-routes'
import { createSessions } from './sessions'
import type { Tables } from './tables'

export interface PhoneLoginParts {
  readonly otp: EnvironmentOptions<'sms'>
  /** Where codes and limits are kept; `database` is the one of the accounts. */
  readonly codes: OtpDatabase
  readonly database: Kysely<Tables>
  /** What happened to codes. */
  readonly history: History
  /** How Kavenegar reports what became of messages, if it can. */
  readonly receipts?: CreateReceiptsOptions | undefined
  readonly adminToken: string
  readonly trustedProxies: number
  readonly log: Log
  /** Decides when tokens expire. Codes and limits go by the clock of `codes`. */
  readonly now: () => number
}

/** Login by phone, not yet served. */
export function createSite(parts: PhoneLoginParts): Site {
  const { codes, database, adminToken, trustedProxies, log, now } = parts
  const { lifetime: lifetimeMs = 5 * 60_000, attempts = 3 } = parts.otp
  const otp = createOtp({ ...parts.otp, lifetime: lifetimeMs, attempts }, codes)
  logOtpEvents(otp, log)
  otp.subscribe(parts.history.record)
  const challenges = challengeLog(otp, { lifetimeMs, attempts, now })
  const accounts = accountsIn(database, now)
  const sessions = createSessions(
    accessTokens(parts.otp.secret, now),
    refreshFamiliesIn(database, now),
    log,
  )
  const api = [
    ...loginRoutes(otp, accounts, sessions, numberToTry(parts.otp.countries)),
    ...sessionRoutes(sessions, accounts),
  ]
  return {
    notFoundPage,
    routes: [
      ...api,
      ...docsRoutes(api, about),
      adminRoute({
        adminToken,
        rateLimiter: codes,
        log,
        render: () => adminPage(challenges, attempts),
      }),
      ...pageRoutes,
      healthRoute,
    ],
    refuse: plainRefusal,
    log,
    trustedProxies,
    receipts: parts.receipts && createReceipts(otp, parts.receipts),
  }
}
