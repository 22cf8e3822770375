import { join, resolve } from 'node:path'
import nodemailer from 'nodemailer'
import { fromEnvironment } from 'otpkit/from-environment'
import type { DatabasePlace } from '../setup/database'
import {
  type CommonSettings,
  type Environment,
  environmentReader,
  readCommonSettings,
} from '../setup/environment'
import { carriersFrom } from './carriers'
import type { Carriers } from './notifier'
import type { OtpParts } from './otp'

export interface Settings extends CommonSettings {
  readonly adminToken: string
  /** Whether the token is one of this start alone, and has to be shown. */
  readonly isAdminTokenNew: boolean
  readonly database: DatabasePlace
  readonly documentsFolder: string
  readonly otp: Omit<OtpParts, 'store' | 'rateLimiter' | 'background'>
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
  const url = environment.DATABASE_URL
  const folder = resolve(environment.DATA_FOLDER || 'data')
  const adminToken = reader.secret('ADMIN_TOKEN', isDevelopment)
  const defaults = { OTP_COUNTRIES: 'IN,BD,IR,AE,US,GB', OTP_SECRET: secret }
  const otp = reader.attempt(() =>
    fromEnvironment(
      { ...defaults, ...environment },
      { createTransport: nodemailer.createTransport },
    ),
  )
  const carriers = reader.attempt(() => carriersFrom(environment, isDevelopment))
  reader.finish()
  if (otp === undefined || carriers === undefined) throw new Error('unreachable')
  return {
    ...common,
    adminToken,
    isAdminTokenNew: environment.ADMIN_TOKEN === undefined,
    database:
      url === undefined
        ? { name: 'SQLite', file: join(folder, 'operators.db') }
        : { name: 'PostgreSQL', url },
    documentsFolder: join(folder, 'documents'),
    otp: { ...otp, exposeCode: isDevelopment },
    carriers,
  }
}
