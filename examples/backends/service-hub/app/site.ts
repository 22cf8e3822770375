import { contactReader } from '../../accounts/contact'
import { logOtpEvents } from '../../accounts/log-otp-events'
import type { Log } from '../../http/log'
import { post } from '../../http/post-route'
import { healthRoute, plainRefusal, type Site } from '../../http/site'
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
  const requests = requestSchemas(contactReader(otp))
  const { sendOtp, verifyOtp } = phoneVerification(otp)
  return {
    routes: [
      post('/api/users/send-otp/', requests.sendOtp, sendOtp),
      post('/api/users/verify-otp/', requests.verifyOtp, verifyOtp),
      healthRoute,
    ],
    refuse: plainRefusal,
    log,
    trustedProxies,
  }
}
