import { ledgerKey } from './core/charges'
import { type Core, databaseOf, fingerprintOf, oncePerMinute, tell } from './core/context'
import { type ExplainResult, explain } from './core/explain'
import { nameOf } from './core/labels'
import { type RedeemResult, redeem } from './core/proof'
import { createRequests } from './core/read-requests'
import { tellReceipt } from './core/receipt'
import { type RelayResult, relay } from './core/relay'
import { type ResendResult, resend } from './core/resend'
import { type SendResult, send } from './core/send'
import { createSettings } from './core/settings'
import { cancel, status } from './core/status'
import { operation } from './core/trace'
import { type VerifyResult, verify } from './core/verify'
import { createWatch } from './core/watch'
import { createEvents, type OtpListener } from './events'
import { maskRecipient } from './input/recipient'
import { defined } from './internal/defined'
import { wrongOption } from './internal/wrong-option'
import type { OtpManagerOptions } from './options'
import type { Receipt } from './receipt'
import type {
  ExplainRequest,
  RelayRequest,
  ResendRequest,
  SendRequest,
  Target,
  VerifyRequest,
} from './requests'
import type { Done, Expired, Invalid, Known, Status } from './results'

/**
 * Sends one-time passcodes and verifies them.
 *
 * What a request can cause comes back as a value with `ok: false` and a `reason`. What the operator
 * must fix (a database that is down, no delivery that works) is thrown as an `OtpError`. Wrong options
 * are a `TypeError` here, in the constructor.
 *
 * @example
 * ```ts
 * import { OtpManager } from 'otpkit'
 * import { memory } from 'otpkit/databases/memory'
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 *
 * const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   database: memory(),
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
    const events = createEvents(settings.clock)
    const database = databaseOf({ settings, events }, settings.places)
    const requests = createRequests(settings)
    const isTimeToTellOfIp = oncePerMinute()
    const watch = createWatch(settings, database)
    this.#core = { settings, requests, events, database, watch, isTimeToTellOfIp }
  }

  /** The channels that it has deliveries for. */
  get channels(): readonly string[] {
    return [...this.#core.settings.deliveries.keys()]
  }

  /** The purposes that it was given. */
  get purposes(): readonly string[] {
    return [...this.#core.settings.purposes.keys()]
  }

  /**
   * Sends a code. While a challenge of this recipient and purpose lives, its code is sent again,
   * without extending its life or its attempts, unless `resend` or `bind` say otherwise. So it is
   * when nobody took the message before.
   *
   * @throws `OtpError` when the database or every delivery failed.
   */
  send(request: SendRequest<Channel, Purpose>): Promise<SendResult> {
    return operation(this.#core, 'otpkit.send', request, send)
  }

  /**
   * Sends the code of a living challenge again, over the same or another channel of the same
   * recipient: at most four messages a challenge.
   *
   * @throws `OtpError` when the database or every delivery failed.
   */
  resend(request: ResendRequest<Channel, Purpose>): Promise<ResendResult> {
    return operation(this.#core, 'otpkit.resend', request, resend)
  }

  /**
   * Sends a code that somebody else made and will check, such as an auth server: read, limited, written,
   * routed and told like a `send`, but no challenge is kept, and `verify` does not know it.
   *
   * Hosts retry. The same recipient and code (or `dedupe`) again within two minutes, while the first
   * call is still under way too, sends and charges nothing and answers `duplicate: true`, unless
   * nobody took the first one.
   *
   * @throws `OtpError` when the database or every delivery failed.
   *
   * @example
   * ```ts
   * import type { OtpManager } from 'otpkit'
   *
   * export async function carry(otp: OtpManager<'sms', 'login'>, to: string, code: string) {
   *   const relayed = await otp.relay({ to, code, channel: 'sms', purpose: 'login', ip: null })
   *   return relayed.ok ? 204 : relayed.reason === 'rate_limited' ? 429 : 422
   * }
   * ```
   */
  relay(request: RelayRequest<Channel, Purpose>): Promise<RelayResult> {
    return operation(this.#core, 'otpkit.relay', request, relay)
  }

  /**
   * Checks a code, and uses it up when it is right, in one step of the database. Fails closed: while
   * the database is unsure, nothing is verified. The same code submitted again within a minute is
   * `used`, which must open no session.
   *
   * The result is an object whatever came of it, so `if (await otp.verify(…))` is always true: look at
   * `ok`. The rule `@typescript-eslint/no-unnecessary-condition` finds such a condition.
   *
   * @throws `OtpError` when the database failed, `TypeError` when `proof` is not a duration from 30
   * seconds to a day.
   */
  verify(request: VerifyRequest<Purpose>): Promise<VerifyResult> {
    return operation(this.#core, 'otpkit.verify', request, verify)
  }

  /**
   * Takes the proof of a verification, once, for the purpose it was made for. With `to`, only for
   * that recipient: a proof of another one stays good.
   *
   * @throws `OtpError` when the database failed.
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
   * @throws `OtpError` when the database failed.
   */
  cancel(request: Target<Purpose>): Promise<Done | Expired | Invalid> {
    return cancel(this.#core, request)
  }

  /**
   * The public state of a challenge.
   *
   * @throws `OtpError` when the database failed.
   */
  status(request: Target<Purpose>): Promise<Status | Expired | Invalid> {
    return status(this.#core, request)
  }

  /**
   * Forgives every failure of a recipient, which unlocks one that reached 100. Tell the person over
   * another way first that somebody tried.
   *
   * @param by - Who does it, for the event: a name, of at most 128 characters.
   * @throws `OtpError` when the database failed, `TypeError` when `by` is no such name.
   */
  async unlock(to: string, { by }: { readonly by?: string } = {}): Promise<Done | Invalid> {
    if (by !== undefined && (typeof by !== 'string' || by === '' || by.length > 128)) {
      throw wrongOption('unlock', 'by', 'must be a text of 1 to 128 characters')
    }
    const { requests, settings, database } = this.#core
    const parsed = requests.recipient(to)
    if (!parsed.ok) return parsed
    const recipient = parsed.value
    const { label } = nameOf(settings, recipient)
    await database.clear([ledgerKey(label)])
    tell(this.#core, { label, recipient }, defined({ type: 'unlocked', by }))
    return { ok: true }
  }

  /**
   * Reads a recipient as `send` and `verify` would, and touches nothing: for looking up an account
   * under the one spelling that a success will return, and for finding somebody in the events.
   */
  async recipient(to: string): Promise<Known | Invalid> {
    const { requests, settings } = this.#core
    const parsed = requests.recipient(to)
    if (!parsed.ok) return parsed
    const { identity, kind } = parsed.value
    const masked = maskRecipient(parsed.value)
    const { label } = nameOf(settings, parsed.value)
    const fingerprint = fingerprintOf(settings, label)
    return { ok: true, recipient: identity, kind, masked, fingerprint }
  }

  /**
   * What would refuse this person's next message or guess now: each limit by itself, the failures and
   * the lock, the living challenge and who would carry the message. It charges nothing and tells no
   * event. For support and for pages behind a log-in: the public must not be told.
   *
   * @throws `OtpError` when the database failed.
   *
   * @example
   * ```ts
   * import type { OtpManager } from 'otpkit'
   *
   * export async function whyNoMessage(otp: OtpManager<'sms', 'login'>, to: string) {
   *   const explained = await otp.explain({ to, channel: 'sms', purpose: 'login', ip: null })
   *   if (!explained.ok) return [explained.problem]
   *   return explained.send.filter(({ retryAfterMs }) => retryAfterMs > 0).map(({ limit }) => limit)
   * }
   * ```
   */
  explain(request: ExplainRequest<Channel, Purpose>): Promise<ExplainResult> {
    return explain(this.#core, request)
  }

  /**
   * Tells the listeners what a provider reports about a message: the event `receipt`. Reports that come
   * twice, late, in another order or before `send` has answered are told as they come. A receipt never
   * proves anything about the recipient.
   */
  receipt(receipt: Receipt): void {
    tellReceipt(this.#core, receipt)
  }

  /** Tells the listener of every state change. Returns what ends the subscription. */
  subscribe(listener: OtpListener): () => void {
    return this.#core.events.subscribe(listener)
  }
}
