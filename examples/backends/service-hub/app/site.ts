import type { History } from 'otpkit'
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
import { firstCall } from './first-call'
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
  const requests = requestSchemas(contactReader(otp), numberToTry(parts.options.countries))
  const { sendOtp, verifyOtp } = phoneVerification(otp)
  const api = [
    post('/api/users/send-otp/', requests.sendOtp, about.sendOtp, sendOtp),
    post('/api/users/verify-otp/', requests.verifyOtp, about.verifyOtp, verifyOtp),
  ]
  const pages = plainPages({
    title: about.api.title,
    about: about.api.description,
    call: {
      says: 'It sends a code: in development the answer holds it, and the terminal shows it.',
      command: (url) => firstCall(url, parts.options.countries),
    },
  })
  return {
    ...pages,
    routes: [...api, ...docsRoutes(api, about.api), ...pages.routes, metrics.route, healthRoute],
    refuse: plainRefusal,
    log,
    trustedProxies,
    dashboard: dashboardByToken(otp, history, adminToken),
  }
}
