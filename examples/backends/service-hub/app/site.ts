import type { History } from 'otpkit'
import { contactReader } from '../../accounts/contact'
import { logOtpEvents } from '../../accounts/log-otp-events'
import type { Log } from '../../http/log'
import { post } from '../../http/post-route'
import { healthRoute, plainRefusal, type Site } from '../../http/site'
import { dashboardByToken } from '../../setup/dashboard'
import { createMetrics } from '../../setup/metrics'
import { createOtp, type OtpParts } from './otp'
import { phoneVerification } from './phone-verification'
import { requestSchemas } from './requests'

export interface SiteParts extends OtpParts {
  /** What happened to codes. */
  readonly history: History
  readonly adminToken: string
  readonly metricsToken: string
  readonly log: Log
  readonly trustedProxies: number
}

/** The whole backend, before a web framework serves it. */
export function createSite(parts: SiteParts): Site {
  const { history, adminToken, metricsToken, log, trustedProxies, ...otpParts } = parts
  const otp = createOtp(otpParts)
  const metrics = createMetrics(metricsToken)
  logOtpEvents(otp, log)
  otp.subscribe(history.record)
  otp.subscribe(metrics.listener)
  const requests = requestSchemas(contactReader(otp))
  const { sendOtp, verifyOtp } = phoneVerification(otp)
  return {
    routes: [
      post('/api/users/send-otp/', requests.sendOtp, sendOtp),
      post('/api/users/verify-otp/', requests.verifyOtp, verifyOtp),
      metrics.route,
      healthRoute,
    ],
    refuse: plainRefusal,
    log,
    trustedProxies,
    dashboard: dashboardByToken(otp, history, adminToken),
  }
}
