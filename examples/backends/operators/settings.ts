import { join } from 'node:path'
import nodemailer, { type Transporter } from 'nodemailer'
import { fromEnvironment } from 'otpkit/from-environment'
import type { DatabasePlace } from '../setup/database'
import {
  type CommonSettings,
  dataFolder,
  type Environment,
  environmentReader,
  placeOfDatabase,
  readCommonSettings,
} from '../setup/environment'
import { withCallbacks } from '../setup/receipts'
import { carriersFrom } from './carriers'
import type { Carriers } from './notifier'
import type { OtpParts } from './otp'

export interface Settings extends CommonSettings {
  readonly database: DatabasePlace
  readonly documentsFolder: string
  readonly otp: Omit<OtpParts, 'database' | 'background'>
  readonly carriers: Carriers
}

/**
 * Reads the environment.
 *
 * @throws `Error` that lists everything that is wrong with it, and holds no value.
 */
export function readSettings(environment: Environment): Settings {
  const reader = environmentReader(environment)
  const common = readCommonSettings(reader)
  const { isDevelopment, secret } = common
  const database = placeOfDatabase(reader, 'operators.db')
  const countries = environment.OTP_COUNTRIES || 'IN,BD,IR,AE,US,GB'
  // Notices go out as codes do: with the same timeouts, and no password before TLS.
  let mail: Transporter | undefined
  const createTransport = (url: string) => {
    mail = nodemailer.createTransport(url)
    return mail
  }
  const read = reader.attempt(() => ({
    otp: fromEnvironment(
      {
        ...withCallbacks(environment, common.receipts),
        OTP_COUNTRIES: countries,
        OTP_SECRET: secret,
      },
      { createTransport },
    ),
    carriers: carriersFrom(environment, isDevelopment, mail),
  }))
  const { otp, carriers } = reader.finish(read)
  // Browsers fill in a code by themselves where the SMS ends with the domain of the page.
  const webOtp = environment.WEB_OTP_DOMAIN
  return {
    ...common,
    database,
    documentsFolder: join(dataFolder(reader), 'documents'),
    otp: { ...otp, ...(webOtp && { messages: { webOtp } }), exposeCode: isDevelopment },
    carriers,
  }
}
