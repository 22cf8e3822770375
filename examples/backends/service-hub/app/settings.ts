import { type EnvironmentOptions, fromEnvironment } from 'otpkit/from-environment'
import {
  type CommonSettings,
  type Environment,
  environmentReader,
  readCommonSettings,
} from '../../setup/environment'

export interface Settings extends CommonSettings {
  /** Secret, delivery and countries. */
  readonly options: EnvironmentOptions<'sms'>
}

/** @throws `Error` that lists everything that is wrong with the variables. */
export function readSettings(environment: Environment): Settings {
  const reader = environmentReader(environment)
  const common = readCommonSettings(reader)
  const options = reader.attempt(() => readOptions(environment, common))
  reader.attempt(() => requireRedis(common))
  reader.attempt(() => refuseContradiction(environment, common))
  return { ...common, options: reader.finish(options) }
}

function readOptions(environment: Environment, { isDevelopment, secret }: CommonSettings) {
  const { OTP_COUNTRIES, SMS_PROVIDER } = environment
  return fromEnvironment(
    {
      ...environment,
      OTP_SECRET: secret,
      OTP_COUNTRIES: OTP_COUNTRIES || 'BD',
      // In development nothing is sent, even where the variables of Twilio are there.
      SMS_PROVIDER: SMS_PROVIDER || (isDevelopment ? 'console' : 'twilio'),
    },
    { channels: ['sms'] },
  )
}

function requireRedis({ isDevelopment, codes }: CommonSettings): void {
  if (isDevelopment || codes.name === 'Redis') return
  throw new TypeError('REDIS_URL must be set: codes and limits are kept in Redis')
}

/** Whoever sets `DEBUG` as in other frameworks must not get the other mode than they asked for. */
function refuseContradiction({ DEBUG }: Environment, { isDevelopment }: CommonSettings): void {
  const contradicts = isDevelopment ? /^false$/i : /^true$/i
  if (!contradicts.test(DEBUG ?? '')) return
  throw new TypeError(
    'DEBUG contradicts NODE_ENV, which alone decides: remove it, or make it agree',
  )
}
