import type { GuardMode } from 'otpkit'
import { type EnvironmentOptions, fromEnvironment } from 'otpkit/from-environment'
import type { DatabasePlace } from '../setup/database'
import {
  type CommonSettings,
  type Environment,
  environmentReader,
  placeOfDatabase,
  readCommonSettings,
} from '../setup/environment'
import { withCallbacks } from '../setup/receipts'

export interface Settings extends CommonSettings {
  /** Delivery, countries, lifetime and attempts. */
  readonly otp: EnvironmentOptions<'sms'>
  /** What becomes of requests that look like SMS pumping. */
  readonly guard: GuardMode
  /** Where accounts and sessions are kept. */
  readonly database: DatabasePlace
}

/** @throws `Error` that lists everything that is wrong with the variables. */
export function readSettings(environment: Environment): Settings {
  const reader = environmentReader(environment)
  const common = readCommonSettings(reader)
  const otp = reader.attempt(() => readOtpSettings(environment, common))
  const guard = reader.attempt(() => readGuard(environment, common))
  const database = placeOfDatabase(reader, 'phone-login.db')
  return { ...common, database, otp: reader.finish(otp), guard: reader.finish(guard) }
}

const guardModes: readonly GuardMode[] = ['record', 'challenge', 'refuse']

function readGuard({ GUARD }: Environment, { isDevelopment }: CommonSettings): GuardMode {
  const mode = guardModes.find((each) => each === (GUARD || 'record'))
  if (mode === undefined) throw new TypeError('GUARD must be record, challenge or refuse')
  // Every script can solve the stand-in: it would let in what `refuse` keeps out.
  if (mode === 'challenge' && !isDevelopment) {
    throw new TypeError('GUARD can be challenge once a real captcha is in captcha.ts')
  }
  return mode
}

function readOtpSettings(
  environment: Environment,
  { isDevelopment, secret, receipts }: CommonSettings,
) {
  const { OTP_COUNTRIES, OTP_DEFAULT_COUNTRY, SMS_PROVIDER } = environment
  const countries = OTP_COUNTRIES || 'IR'
  return fromEnvironment(
    {
      ...withCallbacks(environment, receipts),
      OTP_SECRET: secret,
      OTP_COUNTRIES: countries,
      // People type 0912…, which is plain as long as one country is served.
      OTP_DEFAULT_COUNTRY: OTP_DEFAULT_COUNTRY || (countries === 'IR' ? 'IR' : undefined),
      // In development codes are printed until there is a key.
      SMS_PROVIDER: SMS_PROVIDER || (isDevelopment ? undefined : 'kavenegar'),
    },
    { channels: ['sms'] },
  )
}
