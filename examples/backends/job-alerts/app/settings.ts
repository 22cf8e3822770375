import nodemailer from 'nodemailer'
import { type EnvironmentOptions, fromEnvironment } from 'otpkit/from-environment'
import type { DatabasePlace } from '../../setup/database'
import {
  type CommonSettings,
  type Environment,
  environmentReader,
  placeOfDatabase,
  readCommonSettings,
} from '../../setup/environment'
import { withCallbacks } from '../../setup/receipts'

export interface Settings extends CommonSettings {
  /** Secret, countries and those deliveries that are configured. */
  readonly options: EnvironmentOptions
  /** Where the users are kept. */
  readonly database: DatabasePlace
}

/** @throws `Error` that lists everything that is wrong with the variables. */
export function readSettings(environment: Environment): Settings {
  const reader = environmentReader(environment)
  const common = readCommonSettings(reader)
  const options = reader.attempt(() => readOptions(environment, common))
  reader.attempt(() => requireServer(common))
  const database = placeOfDatabase(reader, 'job-alerts.db')
  return { ...common, database, options: reader.finish(options) }
}

/** The deliveries of `fromEnvironment`: SMS must be there, every other channel may be. */
export function readOptions(
  environment: Environment,
  {
    isDevelopment,
    secret,
    receipts,
  }: Pick<CommonSettings, 'isDevelopment' | 'secret' | 'receipts'>,
): EnvironmentOptions {
  const { OTP_COUNTRIES, SMS_PROVIDER } = environment
  const options = fromEnvironment(
    {
      ...withCallbacks(environment, receipts),
      OTP_SECRET: secret,
      OTP_COUNTRIES: OTP_COUNTRIES || 'US,CA,GB,IN,BD',
      // Named, so that the variables of Twilio that are missing are told, and no others.
      SMS_PROVIDER: SMS_PROVIDER || (isDevelopment ? undefined : 'twilio'),
    },
    { createTransport: nodemailer.createTransport },
  )
  if ('sms' in options.deliveries) return options
  throw new TypeError('SMS_PROVIDER must be set beside other channels: console prints codes')
}

function requireServer({ isDevelopment, codes }: CommonSettings): void {
  if (isDevelopment || codes.name !== 'memory') return
  throw new TypeError(
    'REDIS_URL or DATABASE_URL must be set: a restart forgets codes and limits in memory',
  )
}
