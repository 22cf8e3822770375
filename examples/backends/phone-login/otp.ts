import { type GuardMode, type OtpDatabase, OtpManager } from 'otpkit'
import type { EnvironmentOptions } from 'otpkit/from-environment'

/** What the environment leaves to this example: purpose, limits and the message. */
export function createOtp(
  settings: EnvironmentOptions<'sms'>,
  database: OtpDatabase,
  mode: GuardMode,
) {
  return new OtpManager({
    ...settings,
    database,
    purposes: ['login'],
    limits: {
      // By default 30 seconds lie between two messages. Here three may follow at once.
      cooldown: false,
      recipient: [
        { max: 3, per: '2m' },
        { max: 5, per: '1h' },
        { max: 10, per: '1d' },
      ],
      ip: [{ max: 5, per: '1m' }],
    },
    guard: { mode },
    messages,
  })
}

export const messages = {
  defaultLocale: 'fa',
  templates: { fa: { text: 'کد تایید شما: {code}' } },
}

export type Otp = ReturnType<typeof createOtp>
