import { contactReader } from '../../accounts/contact'
import { logOtpEvents } from '../../accounts/log-otp-events'
import { docsRoutes } from '../../http/docs-page'
import type { Log } from '../../http/log'
import { plainPages } from '../../http/plain-page'
import { post } from '../../http/post-route'
import { healthRoute, plainRefusal, type Site } from '../../http/site'
import { numberToTry } from '../../setup/countries'
import * as about from './about'
import { firstCall } from './first-call'
import { createOtp, type OtpParts } from './otp'
import { phoneVerification } from './phone-verification'
import { requestSchemas } from './requests'

export interface SiteParts extends OtpParts {
  readonly log: Log
  readonly trustedProxies: number
}

/** The whole backend, before a web framework serves it. */
export function createSite({ log, trustedProxies, ...parts }: SiteParts): Site {
  const otp = createOtp(parts)
  logOtpEvents(otp, log)
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
    routes: [...api, ...docsRoutes(api, about.api), ...pages.routes, healthRoute],
    refuse: plainRefusal,
    log,
    trustedProxies,
  }
}
