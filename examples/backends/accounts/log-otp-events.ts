import type { OtpManager } from 'otpkit'
import { describeFault, type Log } from '../http/log'

/** Logs what changes no answer, and so reaches nobody but the operator. */
export function logOtpEvents(otp: Pick<OtpManager<string, string>, 'subscribe'>, log: Log): void {
  otp.subscribe((event) => {
    if (event.type === 'fault') {
      log({
        level: 'error',
        event: 'otp_fault',
        during: event.during,
        fault: describeFault(event.error),
      })
    } else if (event.type === 'delivery_failed') {
      const { channel, kind, sent, provider, providerCode } = event
      log({ level: 'warning', event: event.type, channel, kind, sent, provider, providerCode })
    }
  })
}
