import type { Kysely } from 'kysely'
import type { History } from 'otpkit'
import { type CreateReceiptsOptions, createReceipts } from 'otpkit/receipts'
import { createAttemptLimits } from '../../accounts/attempt-limits'
import { contactReader } from '../../accounts/contact'
import { logOtpEvents } from '../../accounts/log-otp-events'
import { docsRoutes } from '../../http/docs-page'
import type { Log } from '../../http/log'
import { plainPages } from '../../http/plain-page'
import { post } from '../../http/post-route'
import { healthRoute, plainRefusal, type Site } from '../../http/site'
import { numberToTry } from '../../setup/countries'
import { dashboardByToken } from '../../setup/dashboard'
import { createMetrics } from '../../setup/metrics'
import * as about from './about'
import { accountVerification } from './account-verification'
import { firstCall } from './first-call'
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
  const requests = requestSchemas(contactReader(otp), channels.all, numberToTry(options.countries))
  const { register, resendOtp, verify } = accountVerification(otp, users, channels.phone)
  const login = loginWith(users, createAttemptLimits(codes, options.secret))
  const api = [
    post('/api/v1/auth/register', requests.register, about.register, register),
    post('/api/v1/auth/verify', requests.verify, about.verify, verify),
    post('/api/v1/auth/resend-otp', requests.resendOtp, about.resendOtp, resendOtp),
    post('/api/v1/auth/login', requests.login, about.login, login),
  ]
  const pages = plainPages({
    title: about.api.title,
    about: about.api.description,
    call: {
      says: 'It registers somebody, whose code then comes to the number: in development to the terminal.',
      command: (url) => firstCall(url, options.countries),
    },
  })
  return {
    ...pages,
    routes: [...api, ...docsRoutes(api, about.api), ...pages.routes, metrics.route, healthRoute],
    refuse: plainRefusal,
    log,
    trustedProxies,
    receipts: receipts && createReceipts(otp, receipts),
    dashboard: dashboardByToken(otp, history, adminToken),
  }
}
