import {
  type CountryCode,
  type Delivery,
  OtpManager,
  type OtpStore,
  type RateLimiter,
} from 'otpkit'

export interface OtpParts {
  readonly secret: string
  readonly store: OtpStore
  readonly rateLimiter: RateLimiter
  readonly deliveries: {
    readonly whatsapp: Delivery
    readonly sms: Delivery
    readonly email: Delivery
  }
  /** Countries whose phone numbers are served, by ISO 3166 code. */
  readonly countries: readonly CountryCode[] | 'any'
  /** Answers a send with its code: for development. */
  readonly exposeCode: boolean
}

/** Six digits, five minutes, three attempts, each code once: the library's defaults. */
export function createOtp(parts: OtpParts) {
  return new OtpManager({
    ...parts,
    appName: 'Bus Operators',
    purposes: ['login', 'password_reset', 'operator_registration'],
  })
}

export type Otp = ReturnType<typeof createOtp>
