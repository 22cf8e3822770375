import type { DeliveryErrorKind, Price } from './delivery'
import type { GuardLevel, GuardMode, SpendCap } from './guard-options'
import type { ReceiptStatus } from './receipt'
import type { LimitName } from './results'

/** Whom an event is about, without naming them. */
export interface EventSubject {
  /**
   * Keyed fingerprint of the recipient: the same for every spelling, purpose and channel, and
   * meaningless without the secret.
   */
  readonly fingerprint: string
  /** The recipient masked, such as `+91••••••••10`; missing where only a handle is known. */
  readonly recipient?: string
  /** ISO 3166 country of a phone number; missing where only a handle is known. */
  readonly country?: string
  /** Keyed name of the challenge: the same in all events about it, and not the handle. */
  readonly challengeKey?: string
  readonly purpose?: string
  /** The recipient is one of the option `testRecipients`, and was named as one. */
  readonly test?: true
}

/**
 * One event per state change. None holds a code, a secret, a full recipient, a handle or a
 * provider's message id: what has to be told apart has a keyed name instead.
 */
export type OtpEvent = {
  /** When it happened, in epoch milliseconds by the manager's clock. */
  readonly at: number
} & (
  | (EventSubject & OtpEventFacts)
  | (ReceiptFacts & { readonly [Name in keyof EventSubject]?: never })
  // Of a listener that failed over an event without a subject.
  | (Partial<EventSubject> & FaultFacts)
)

/**
 * A provider's report about a message that was sent before, and, as reports come, perhaps before the
 * event `sent`, twice, or after a later one. It names no recipient: `messageKey` or `reference` says
 * which message it is.
 */
export interface ReceiptFacts {
  readonly type: 'receipt'
  readonly provider: string
  readonly status: ReceiptStatus
  /** The same as in the event `sent`. */
  readonly messageKey?: string
  /** The same as in the event `sent`. */
  readonly reference?: string
  /** Why it failed. */
  readonly kind?: DeliveryErrorKind
  readonly providerCode?: string
  readonly price?: Price
}

/** Something failed that could not be allowed to change the answer. */
export interface FaultFacts {
  readonly type: 'fault'
  readonly during: 'refund' | 'proof' | 'background' | 'conversion' | 'guard' | 'listener'
  readonly error: unknown
}

/** What happened. */
export type OtpEventFacts =
  | {
      /**
       * A message was taken, or may have been; `withheld` is `deliver: false`, and `test` one of
       * `testRecipients`, to whom nothing is sent.
       */
      readonly type: 'sent'
      readonly channel: string
      readonly resend: boolean
      /** It carries a code that somebody else made, and belongs to no challenge. */
      readonly relayed?: true
      readonly delivery: 'accepted' | 'unknown' | 'withheld' | 'test'
      readonly reference: string
      readonly provider?: string
      /** Keyed name of the provider's message id. */
      readonly messageKey?: string
      /** Those of every segment, where the provider reports on each under an id of its own. */
      readonly messageKeys?: readonly string[]
      readonly segments?: number
      /** What the provider's answer says that it takes. */
      readonly price?: Price
      /** How long the provider took to accept it, by the manager's clock. */
      readonly durationMs?: number
    }
  | {
      /** One delivery failed. Another route or channel may still have taken the message. */
      readonly type: 'delivery_failed'
      readonly channel: string
      readonly kind: DeliveryErrorKind
      readonly sent: 'no' | 'unknown'
      readonly provider: string
      readonly providerCode?: string
      /** The page of the provider's console where the operator mends it. */
      readonly consolePage?: string
      /** How long the provider took until it failed, by the manager's clock. */
      readonly durationMs?: number
    }
  | {
      /** No delivery took the message: each that was tried said so, in a `delivery_failed` of its own. */
      readonly type: 'unsent'
      /** The first that was tried. */
      readonly channel: string
      readonly relayed?: true
      /** Why the last one did not. */
      readonly kind: DeliveryErrorKind
    }
  | {
      /** A text message of several segments, each of which is billed: shorten its template. */
      readonly type: 'long_message'
      readonly channel: string
      readonly locale: string
      readonly encoding: 'GSM-7' | 'UCS-2'
      readonly segments: number
    }
  | {
      /** The limits or the ledger refused. */
      readonly type: 'refused'
      readonly action: 'send' | 'verify'
      readonly reason: 'rate_limited' | 'locked'
      /** The one that was asked for, of a send. */
      readonly channel?: string
      readonly limit?: LimitName
      /** Which cap, of the limit `budget`. */
      readonly cap?: SpendCap
      readonly retryAfterMs: number
    }
  | {
      /**
       * The guard suspects this message, or would; `verdict` is what was done about it. Each message has
       * at most one, of the first level that suspects it.
       */
      readonly type: 'suspected'
      /**
       * `conversion`: too many messages were not verified. `growth`: too many went to recipients that are
       * not known. `outage`: as many messages as ever, and next to none of them verifies, so until that
       * changes the country's levels refuse nothing; told once in ten minutes by each process.
       */
      readonly rule: 'conversion' | 'growth' | 'outage'
      readonly level: GuardLevel
      /** Messages in the window, this one included: those not verified, or for `growth` all. */
      readonly used: number
      /** So many of them would not be suspected. */
      readonly allowed: number
      readonly mode: GuardMode
      readonly verdict: 'allow' | 'challenge' | 'refuse'
      readonly channel: string
    }
  | {
      /**
       * 50, 80 or 100 percent of a cap on money are spent; at 100 a message was refused. Told once an
       * hour by each process.
       */
      readonly type: 'spend'
      readonly cap: SpendCap
      readonly percent: 50 | 80 | 100
      readonly used: number
      readonly max: number
      readonly currency: string
    }
  | {
      /**
       * The `ip` of a request is none that can be read, so it shares one bucket with all others of its
       * kind, and strangers use up each other's limits. Told once a minute at most; `null` says that there
       * is no address, and is not told.
       */
      readonly type: 'unreadable_ip'
      readonly action: 'send' | 'verify'
    }
  | ({ readonly type: 'verified'; readonly attemptsUsed: number } & ChallengeFacts)
  | ({
      readonly type: 'incorrect'
      readonly attemptsLeft: number
      /** Unforgiven failures of this recipient, this one included. */
      readonly failures: number
    } & ChallengeFacts)
  | {
      /** A code that had verified less than a minute before. */
      readonly type: 'used'
    }
  | { readonly type: 'expired' }
  | { readonly type: 'canceled' }
  | { readonly type: 'redeemed' }
  | {
      readonly type: 'unlocked'
      /** Who did it, as the caller of `unlock` says. */
      readonly by?: string
    }
  | FaultFacts

/** What a challenge says of itself when a code is compared with it. */
export interface ChallengeFacts {
  /** The channel of its first message. */
  readonly channel?: string
  /** How long ago its first message was asked for, by the database's clock. */
  readonly elapsedMs?: number
}

/** Told of every event, in order. What it throws or rejects with is reported as a `fault`. */
export type OtpListener = (event: OtpEvent) => void | Promise<void>

/** The listeners of one manager. */
export interface Events {
  /** Whether anybody listens. */
  readonly heard: boolean
  subscribe(listener: OtpListener): () => void
  emit(event: OtpEvent): void
}

export function createEvents(clock: () => number): Events {
  // Made anew by who comes or goes, so that an event is told to those who listened when it happened.
  let listeners: readonly OtpListener[] = []

  function tell(event: OtpEvent, to: readonly OtpListener[]) {
    for (const listener of to) {
      try {
        const told = listener(event)
        // Most answer nothing, and a promise for each event is not free.
        if (told !== undefined)
          Promise.resolve(told).catch((error) => tellFault(event, listener, error))
      } catch (error) {
        tellFault(event, listener, error)
      }
    }
  }

  function tellFault(event: OtpEvent, listener: OtpListener, error: unknown) {
    // A fault about a fault would never end.
    if (event.type === 'fault') return
    const others = listeners.filter((other) => other !== listener)
    const { fingerprint } = { fingerprint: undefined, ...event }
    const fault = { type: 'fault', during: 'listener', at: clock(), error } as const
    tell(fingerprint === undefined ? fault : { ...fault, fingerprint }, others)
  }

  return {
    get heard() {
      return listeners.length > 0
    },
    subscribe(listener) {
      if (typeof listener !== 'function') {
        throw new TypeError('otpkit: subscribe: the listener must be a function')
      }
      if (!listeners.includes(listener)) listeners = [...listeners, listener]
      return () => {
        listeners = listeners.filter((other) => other !== listener)
      }
    },
    emit(event) {
      tell(event, listeners)
    },
  }
}
