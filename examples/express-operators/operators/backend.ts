import { describeFault, type Log } from './fault-log'
import { keptProofs } from './kept-proofs'
import type { OperatorRepository } from './operator-repository'
import { createOtp, type OtpParts } from './otp'
import { createRegistration, type Registration } from './registration'

export interface BackendParts extends OtpParts {
  readonly operators: OperatorRepository
  readonly log: Log
}

/** Everything behind the API, put together. */
export function createBackend({ operators, log, ...parts }: BackendParts): Registration {
  const otp = createOtp(parts)
  // Faults that do not change an answer reach nobody but the operator.
  otp.subscribe((event) => {
    if (event.type === 'fault') {
      log({ level: 'error', during: event.during, fault: describeFault(event.error) })
    } else if (event.type === 'delivery_failed') {
      const { channel, kind, sent, provider, providerCode } = event
      log({ level: 'warning', event: event.type, channel, kind, sent, provider, providerCode })
    }
  })
  const proofs = keptProofs(parts.store, parts.secret, log)
  return createRegistration({ otp, proofs, operators })
}
