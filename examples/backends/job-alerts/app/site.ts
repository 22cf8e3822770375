import type { Kysely } from 'kysely'
import type { History } from 'otpkit'
import { type CreateReceiptsOptions, createReceipts } from 'otpkit/receipts'
import { createAttemptLimits } from '../../accounts/attempt-limits'
import { contactReader } from '../../accounts/contact'
import { logOtpEvents } from '../../accounts/log-otp-events'
import type { Log } from '../../http/log'
import { post } from '../../http/post-route'
import { healthRoute, plainRefusal, type Site } from '../../http/site'
import { dashboardByToken } from '../../setup/dashboard'
import { createMetrics } from '../../setup/metrics'
import { accountVerification } from './account-verification'
import { loginWith } from './login'
import { configuredChannels, createOtp, type OtpParts } from './otp'
import { requestSchemas } from './requests'
import type { Tables } from './tables'
import { usersIn } from './users'

export interface SiteParts extends OtpParts {
  readonly database: Kysely<Tables>
  /** What happened to codes. */
  readonly history: History
  /** How providers report what became of messages, if they can. */
  readonly receipts?: CreateReceiptsOptions | undefined
  readonly adminToken: string
  readonly metricsToken: string
  readonly log: Log
  readonly trustedProxies: number
  /** Decides which registrations are old. Codes and limits go by the clocks of their own. */
  readonly now: () => Date
}

/** The whole backend, before a web framework serves it. */
export function createSite(parts: SiteParts): Site {
  const { database, history, receipts, adminToken, metricsToken, log, ...others } = parts
  const { trustedProxies, now, ...otpParts } = others
  const { options, codes } = otpParts
  const otp = createOtp(otpParts)
  logOtpEvents(otp, log)
  otp.subscribe(history.record)
  const metrics = createMetrics(metricsToken)
  otp.subscribe(metrics.listener)
  const users = usersIn(database, now)
  const channels = configuredChannels(options)
  const requests = requestSchemas(contactReader(otp), channels.all)
  const { register, resendOtp, verify } = accountVerification(otp, users, channels.phone)
  const login = loginWith(users, createAttemptLimits(codes, options.secret))
  return {
    routes: [
      post('/api/v1/auth/register', requests.register, register),
      post('/api/v1/auth/verify', requests.verify, verify),
      post('/api/v1/auth/resend-otp', requests.resendOtp, resendOtp),
      post('/api/v1/auth/login', requests.login, login),
      metrics.route,
      healthRoute,
    ],
    refuse: plainRefusal,
    log,
    trustedProxies,
    receipts: receipts && createReceipts(otp, receipts),
    dashboard: dashboardByToken(otp, history, adminToken),
  }
}
