import type { History } from 'otpkit'
import type { AttemptLimits } from '../accounts/attempt-limits'
import type { Accounts } from './accounts'
import type { SignedInRoutes } from './define-route'
import type { Documents } from './documents'
import type { Notify } from './notifier'
import type { Channel, Otp } from './otp'
import type { Prove } from './prove'
import type { Requests } from './requests'
import type { Sessions } from './sessions'
import type { SignIn } from './sign-in'

/** What the routes are made of. */
export interface Parts extends SignedInRoutes {
  readonly otp: Otp
  /** The same, but it answers before delivery: for codes that go to accounts alone. */
  readonly quietOtp: Otp
  readonly prove: Prove
  readonly accounts: Accounts
  readonly documents: Documents
  readonly sessions: Sessions
  readonly attempts: AttemptLimits
  readonly requests: Requests
  readonly signIn: SignIn
  readonly notify: Notify
  readonly history: History
  now(): Date
  /** Channels that reach a phone, the best first. */
  readonly phoneChannels: readonly Channel[]
}
