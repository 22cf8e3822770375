import { recipientTag, tagOfId, targetId } from './core/challenge'
import { type Core, guardRateLimiter, guardStore } from './core/context'
import { findChallenge } from './core/find-challenge'
import { ledgerKey, recipientLimits, repeatLimit } from './core/limits'
import { type RedeemResult, redeem } from './core/proof'
import {
  createRequests,
  type ResendRequest,
  type SendRequest,
  type Target,
  type VerifyRequest,
} from './core/read-requests'
import { type ResendResult, resend, type SendResult, send } from './core/send'
import { createSettings } from './core/settings'
import { type VerifyResult, verify } from './core/verify'
import { createEvents, type OtpListener } from './events'
import { maskRecipient } from './input/recipient'
import { parseDuration } from './internal/duration'
import type { OtpManagerOptions } from './options'
import { type Done, type Expired, expired, type Invalid, type Known, type Status } from './results'

const longestProofMs = 24 * 60 * 60_000

/**
 * Sends one-time passcodes and verifies them.
 *
 * What a request can cause comes back as a value with `ok: false` and a `reason`. What the operator
 * must fix (a store that is down, no delivery that works) is thrown as an `OtpError`. Wrong options
 * are a `TypeError` here, in the constructor.
 *
 * @example
 * ```ts
 * import { OtpManager } from 'otpkit'
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 * import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
 * import { memoryStore } from 'otpkit/stores/memory'
 *
 * const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   store: memoryStore(),
 *   rateLimiter: memoryRateLimiter(),
 *   deliveries: { sms: consoleDelivery() },
 *   countries: ['IN', 'BD', 'IR'],
 *   purposes: ['login', 'operator_registration'],
 * })
 *
 * const to = '+91 98765 43210'
 * const sent = await otp.send({ to, channel: 'sms', purpose: 'login', ip: null })
 * const result = await otp.verify({ to, purpose: 'login', code: '123456', ip: null })
 * if (sent.ok && result.ok) console.log('proven')
 * ```
 */
export class OtpManager<const Channel extends string, const Purpose extends string> {
  readonly #core: Core

  /** @throws `TypeError` that names the wrong option. */
  constructor(options: OtpManagerOptions<Channel, Purpose>) {
    const settings = createSettings(options)
    this.#core = {
      settings,
      requests: createRequests(settings),
      events: createEvents(),
      store: guardStore(settings.store),
      rateLimiter: guardRateLimiter(settings.rateLimiter),
    }
  }

  /**
   * Sends a code. While a challenge of this recipient and purpose lives, its code is sent again,
   * without extending its life or its attempts, unless `resend` or `bind` say otherwise.
   *
   * @throws `OtpError` when the store, the rate limiter or every delivery failed.
   */
  send(request: SendRequest<Channel, Purpose>): Promise<SendResult> {
    return send(this.#core, request)
  }

  /**
   * Sends the code of a living challenge again, over the same or another channel of the same
   * recipient: at most four messages a challenge.
   *
   * @throws `OtpError` when the store, the rate limiter or every delivery failed.
   */
  resend(request: ResendRequest<Channel, Purpose>): Promise<ResendResult> {
    return resend(this.#core, request)
  }

  /**
   * Checks a code, and uses it up when it is right. Fails closed: while the store or the rate
   * limiter is unsure, nothing is verified.
   *
   * @throws `OtpError` when the store or the rate limiter failed, `TypeError` when `proof` is not a
   * duration of up to a day.
   */
  async verify(request: VerifyRequest<Purpose>): Promise<VerifyResult> {
    const proof = request?.proof
    const proofMs = proof === undefined ? undefined : parseDuration(proof, 'proof')
    if (proofMs !== undefined && proofMs > longestProofMs) {
      throw new TypeError('otpkit: option `proof` must be at most 1d')
    }
    return verify(this.#core, request, proofMs)
  }

  /**
   * Takes the proof of a verification, once, for the purpose it was made for. With `to`, only for
   * that recipient: a proof of another one stays good.
   *
   * @throws `OtpError` when the store failed.
   */
  redeem(
    proof: string,
    request: { readonly purpose: Purpose; readonly to?: string },
  ): Promise<RedeemResult> {
    return redeem(this.#core, proof, request)
  }

  /**
   * Ends a challenge: its code no longer verifies.
   *
   * @throws `OtpError` when the store failed.
   */
  async cancel(request: Target<Purpose>): Promise<Done | Expired | Invalid> {
    const found = await this.#find(request)
    if (!found.ok) return found
    const { challenge, state } = found
    await this.#core.store.delete(challenge.id, challenge.digest)
    this.#core.events.emit({
      type: 'canceled',
      fingerprint: found.tag,
      recipient: maskRecipient(found.recipient),
      challengeId: challenge.id,
      purpose: state.purpose,
    })
    return { ok: true }
  }

  /**
   * The public state of a challenge.
   *
   * @throws `OtpError` when the store or the rate limiter failed.
   */
  async status(request: Target<Purpose>): Promise<Status | Expired | Invalid> {
    const found = await this.#find(request)
    if (!found.ok) return found
    const { challenge, state, purpose } = found
    const looks = [
      ...recipientLimits(purpose.limits, found.tag, 0),
      ...(purpose.resend === 'same' ? [repeatLimit(challenge.digest, purpose.lifetimeMs)] : []),
    ].map((limit) => ({ ...limit, cost: 0 }))
    const { retryAfterMs } = await this.#core.rateLimiter.take(looks)
    return {
      ok: true,
      challengeId: challenge.id,
      purpose: state.purpose,
      channel: state.channel,
      recipient: maskRecipient(found.recipient),
      expiresInMs: challenge.remainingMs,
      resendInMs: retryAfterMs,
      attemptsLeft: challenge.attemptsLeft,
    }
  }

  /**
   * Forgives every failure of a recipient, which unlocks one that reached 100. Tell the person over
   * another way first that somebody tried.
   *
   * @throws `OtpError` when the rate limiter failed.
   */
  async unlock(to: string): Promise<Done | Invalid> {
    const { requests, settings, rateLimiter, events } = this.#core
    const parsed = requests.recipient(to)
    if (!parsed.ok) return parsed
    const fingerprint = await recipientTag(settings.keys, parsed.value.abuseKey)
    await rateLimiter.clear([ledgerKey(fingerprint)])
    events.emit({ type: 'unlocked', fingerprint, recipient: maskRecipient(parsed.value) })
    return { ok: true }
  }

  /**
   * Reads a recipient as `send` and `verify` would, and touches nothing: for looking up an account
   * under the one spelling that a success will return.
   */
  recipient(to: string): Known | Invalid {
    const parsed = this.#core.requests.recipient(to)
    if (!parsed.ok) return parsed
    const { identity, kind } = parsed.value
    return { ok: true, recipient: identity, kind, masked: maskRecipient(parsed.value) }
  }

  /** Tells the listener of every state change. Returns what ends the subscription. */
  subscribe(listener: OtpListener): () => void {
    return this.#core.events.subscribe(listener)
  }

  async #find(request: Target<Purpose>) {
    const { requests, settings } = this.#core
    const parsed = requests.target(request)
    if (!parsed.ok) return parsed
    const id = await targetId(settings.keys, parsed.value)
    const found = await findChallenge(this.#core, id)
    if (found === null) return expired
    const { challenge, purpose, recipient } = found
    const { state } = found.opened
    return { ok: true, challenge, state, purpose, recipient, tag: tagOfId(id) } as const
  }
}
