import type { Kysely } from 'kysely'
import type { GuardMode, History, OtpDatabase } from 'otpkit'
import type { EnvironmentOptions } from 'otpkit/from-environment'
import { type CreateReceiptsOptions, createReceipts } from 'otpkit/receipts'
import { logOtpEvents } from '../accounts/log-otp-events'
import { docsRoutes } from '../http/docs-page'
import type { Log } from '../http/log'
import { dashboardPath, healthRoute, plainRefusal, redirect, type Site } from '../http/site'
import { numberToTry } from '../setup/countries'
import { dashboardByToken } from '../setup/dashboard'
import { createMetrics } from '../setup/metrics'
import { api as about } from './about'
import { accessTokens } from './access-tokens'
import { accountsIn } from './accounts'
import { standInForCaptcha } from './captcha'
import { loginRoutes } from './login'
import { createOtp } from './otp'
import { notFoundPage, pageRoutes } from './page'
import { refreshFamiliesIn } from './refresh-families'
import { sessionRoutes } from './session-routes'
import { createSessions } from './sessions'
import type { Tables } from './tables'

export interface PhoneLoginParts {
  readonly otp: EnvironmentOptions<'sms'>
  /** What becomes of requests that look like SMS pumping. */
  readonly guard: GuardMode
  /** Where codes and limits are kept; `database` is the one of the accounts. */
  readonly codes: OtpDatabase
  readonly database: Kysely<Tables>
  /** What happened to codes. */
  readonly history: History
  /** How Kavenegar reports what became of messages, if it can. */
  readonly receipts?: CreateReceiptsOptions | undefined
  readonly adminToken: string
  readonly metricsToken: string
  readonly trustedProxies: number
  readonly log: Log
  /** Decides when tokens expire. Codes and limits go by the clock of `codes`. */
  readonly now: () => number
}

/** Login by phone, not yet served. */
export function createSite(parts: PhoneLoginParts): Site {
  const { codes, database, history, trustedProxies, log, now } = parts
  const otp = createOtp(parts.otp, codes, parts.guard)
  const metrics = createMetrics(parts.metricsToken)
  logOtpEvents(otp, log)
  otp.subscribe(history.record)
  otp.subscribe(metrics.listener)
  const accounts = accountsIn(database, now)
  const sessions = createSessions(
    accessTokens(parts.otp.secret, now),
    refreshFamiliesIn(database, now),
    log,
  )
  const captcha = standInForCaptcha(parts.otp.secret, now)
  const api = [
    ...loginRoutes(otp, captcha, accounts, sessions, numberToTry(parts.otp.countries)),
    ...sessionRoutes(sessions, accounts),
  ]
  return {
    notFoundPage,
    routes: [
      ...api,
      ...docsRoutes(api, about),
      ...pageRoutes,
      // Where codes were listed before.
      redirect('/admin/accounts/otptoken', dashboardPath),
      metrics.route,
      healthRoute,
    ],
    refuse: plainRefusal,
    log,
    trustedProxies,
    receipts: parts.receipts && createReceipts(otp, parts.receipts),
    dashboard: dashboardByToken(otp, history, parts.adminToken),
  }
}
