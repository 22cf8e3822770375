import { type Delivery, type OtpDatabase, OtpManager, type OtpManagerSettings } from 'otpkit'

export const purposes = ['login', 'password_reset', 'operator_registration'] as const
export type Purpose = (typeof purposes)[number]

/** The kinds of contact of this API, which are channels of the library. */
export const channels = ['whatsapp', 'sms', 'voice', 'email'] as const
export type Channel = (typeof channels)[number]

/** Everything of the library's that the environment decides. */
export type OtpParts = Omit<OtpManagerSettings<Channel, Purpose>, 'purposes' | 'secret'> & {
  /** Where codes and limits are kept. */
  readonly database: OtpDatabase
  readonly secret: string
  /** As `fromEnvironment` makes them: the object has those channels that are configured. */
  readonly deliveries: { readonly [channel in Channel]: Delivery }
}

/** Six digits, five minutes, three attempts, each code once: the library's defaults. */
export function createOtp(parts: OtpParts) {
  return new OtpManager({ appName: 'Bus Operators', ...parts, purposes })
}

export type Otp = ReturnType<typeof createOtp>
