/** A message that a host's hook asks for: a request of `otp.relay`. */
export type HookMessage<Channel extends string, Purpose extends string> = {
  readonly to: string
  readonly channel: Channel | readonly Channel[]
  readonly purpose: Purpose
  /** The person's address, where the host tells it. */
  readonly ip: string | null
  readonly locale?: string
} & ({ readonly code: string } | { readonly text: string })

/** What became of it, as far as a host is told. */
export type HookOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: 'rate_limited' | 'locked'
      readonly retryAfterMs: number
    }
  | { readonly ok: false; readonly reason: 'undeliverable' }
  | { readonly ok: false; readonly reason: 'invalid'; readonly field: string }

/**
 * Whoever hands over the codes that a host made: an `OtpManager`, or an object around one that changes
 * or refuses a request before `otp.relay` gets it.
 */
export interface Relay<Channel extends string, Purpose extends string> {
  /** Carries the message, or says why not. */
  relay(request: HookMessage<Channel, Purpose>): Promise<HookOutcome>
}
