import { type OtpDatabase, OtpManager } from 'otpkit'
import type { EnvironmentOptions } from 'otpkit/from-environment'

export interface OtpParts {
  /** Secret, delivery and countries. */
  readonly options: EnvironmentOptions<'sms'>
  /** Where codes and limits are kept. */
  readonly database: OtpDatabase
  /** Answers a request for a code with the code: for development. */
  readonly exposeCode: boolean
}

const text =
  'Your {appName} verification code is: {code}\n\nThis code will expire in {minutes} minutes.'

/** Six digits, three attempts, each code once: the library's defaults. */
export function createOtp({ options, ...parts }: OtpParts) {
  return new OtpManager({
    appName: 'ServiceHub',
    ...options,
    ...parts,
    lifetime: '2m',
    // Every answer promises two minutes, which the same code sent again would not have.
    resend: 'new',
    purposes: ['phone_verification'],
    messages: { templates: { en: { text } } },
  })
}

export type Otp = ReturnType<typeof createOtp>
