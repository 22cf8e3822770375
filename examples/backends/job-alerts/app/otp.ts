import { type OtpDatabase, OtpManager } from 'otpkit'
import type { EnvironmentOptions } from 'otpkit/from-environment'

export interface OtpParts {
  /** Secret, countries and those deliveries that are configured. */
  readonly options: EnvironmentOptions
  /** Where codes and limits are kept; `database` is the one of the users. */
  readonly codes: OtpDatabase
  /** Takes over the deliveries, which outlive the answers. */
  readonly background: (work: Promise<void>) => void
}

export const purpose = 'account_verification'

const phoneChannels = ['sms', 'whatsapp', 'voice'] as const
export type PhoneChannel = (typeof phoneChannels)[number]
export type Channel = PhoneChannel | 'email'

/**
 * The channels that are configured, in the order in which they are tried. A list of channels and
 * not one `fallback` in the place of SMS: each message is then made for its channel, so that a call
 * reads digits aloud, and a person can ask for one of them.
 */
export function configuredChannels({ deliveries }: Pick<EnvironmentOptions, 'deliveries'>) {
  return {
    phone: phoneChannels.filter((channel) => channel in deliveries),
    all: [...phoneChannels, 'email' as const].filter((channel) => channel in deliveries),
  }
}

/** Six digits, ten minutes, three attempts, each code once. */
export function createOtp({ options, codes: database, background }: OtpParts) {
  return new OtpManager({
    appName: 'Job Alert',
    ...options,
    database,
    background,
    lifetime: '10m',
    // Each code has a handle, which is kept with the one registration that it was sent for.
    bind: 'challenge',
    purposes: [purpose],
  })
}

export type Otp = ReturnType<typeof createOtp>
