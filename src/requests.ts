import type { Duration } from './options'

/** The recipient and purpose, or the handle. */
export type Target<Purpose extends string> =
  | {
      /** A phone number or an e-mail address, as the person typed it. */
      readonly to: string
      readonly purpose: Purpose
      readonly challengeId?: never
    }
  | { readonly challengeId: string; readonly to?: never; readonly purpose?: Purpose }

/** Where the request comes from. */
export interface Origin {
  /**
   * The person's IP address, as your own trusted proxy reported it; `null` for a job on the server,
   * which shares one bucket. A port, brackets and a zone are read. The library never reads proxy
   * headers. What cannot be read shares that bucket too, and an event says so.
   */
  readonly ip: string | null
}

/** Asks for a message with a code. */
export interface SendRequest<Channel extends string, Purpose extends string> extends Origin {
  /** A phone number or an e-mail address, as the person typed it. */
  readonly to: string
  /** One channel, or several in order: the next is used when one cannot reach this recipient. */
  readonly channel: Channel | readonly Channel[]
  readonly purpose: Purpose
  /**
   * Languages of the text, as a phone or a browser sends them: `fa_IR`, `pt-BR`, a whole
   * `Accept-Language`. Without a known one it is the default locale.
   */
  readonly locale?: string | null
  /**
   * `false` does everything but send, and returns the same shape: for an account that does not
   * exist, so that nobody can ask which ones do.
   *
   * @defaultValue true
   */
  readonly deliver?: boolean
  /**
   * Whether this recipient has verified before, such as that of an account: then the guard counts the
   * message and never refuses it. Only your server may say so, never a client; and where strangers ask,
   * a guard that refuses those alone who are not known tells who is.
   *
   * @defaultValue false
   */
  readonly known?: boolean
  /**
   * Whether the person has just passed the challenge that a refusal with `challenge: true` asked for.
   * Only your server may say so, once for each time that it was passed.
   *
   * @defaultValue false
   */
  readonly challenged?: boolean
  /**
   * Which failures look like success, so that nobody can ask who has an account: those that are about
   * the recipient (`undeliverable`), or every message that no provider took. Then nothing is given back
   * for it, and the answer says `delivery: 'failed'`, for your server alone. With `background` there is
   * nothing to hide.
   *
   * @defaultValue none
   */
  readonly hide?: 'undeliverable' | 'failures'
}

/** Hands over a code that somebody else made and will check, such as an auth server. */
export type RelayRequest<Channel extends string, Purpose extends string> = Pick<
  SendRequest<Channel, Purpose>,
  'to' | 'channel' | 'purpose' | 'ip' | 'locale'
> & {
  /**
   * What makes two calls the same message, instead of the code (or of the text that comes without
   * one): up to 256 characters.
   */
  readonly dedupe?: string
} & (
    | {
        /** 4 to 12 ASCII letters and digits. The message is written from the templates. */
        readonly code: string
        readonly text?: never
      }
    | {
        /** The whole message, already written: up to 1,600 characters. */
        readonly text: string
        /** The code in it, for channels that send a template of the provider's instead of the text. */
        readonly code?: string
      }
  )

/** Asks what would refuse a message or a guess; `ip` is the person's, `null` where nobody knows it. */
export type ExplainRequest<Channel extends string, Purpose extends string> = Pick<
  SendRequest<Channel, Purpose>,
  'to' | 'channel' | 'purpose' | 'ip'
>

/** Asks for another message of a challenge. */
export type ResendRequest<Channel extends string, Purpose extends string> = Origin &
  Target<Purpose> & {
    /** Another channel of the same recipient. By default the one of the first message. */
    readonly channel?: Channel | readonly Channel[]
    readonly locale?: string | null
  } & Pick<SendRequest<Channel, Purpose>, 'challenged' | 'hide'>

/** Submits a code. */
export type VerifyRequest<Purpose extends string> = Origin & {
  readonly purpose: Purpose
  /** What the person typed: white space, hyphens and the digits of any script are fine. */
  readonly code: string
  /** Adds a proof to a success that lives this long, from 30 seconds to a day. */
  readonly proof?: Duration
} & (
    | { readonly to: string; readonly challengeId?: never }
    | { readonly challengeId: string; readonly to?: never }
  )
