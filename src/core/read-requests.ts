import { z } from 'zod'
import type { Delivery } from '../delivery'
import { normaliseCode } from '../input/code'
import { ipBucket } from '../input/ip'
import type { Problem } from '../input/problem'
import { canReceive, parseRecipient, type Recipient } from '../input/recipient'
import type { Duration } from '../options'
import { type Invalid, invalid } from '../results'
import { isChallengeId } from './challenge'
import { kindOfChannel, type PurposeSettings, type Settings } from './settings'

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
   * which shares one bucket. The library never reads proxy headers.
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
  /** BCP 47 tag of the text. Unknown ones fall back to the default locale. */
  readonly locale?: string | null
  /**
   * `false` does everything but send, and returns the same shape: for an account that does not
   * exist, so that nobody can ask which ones do.
   *
   * @defaultValue true
   */
  readonly deliver?: boolean
}

/** Asks for another message of a challenge. */
export type ResendRequest<Channel extends string, Purpose extends string> = Origin &
  Target<Purpose> & {
    /** Another channel of the same recipient. By default the one of the first message. */
    readonly channel?: Channel | readonly Channel[]
    readonly locale?: string | null
  }

/** Submits a code. */
export type VerifyRequest<Purpose extends string> = Origin & {
  readonly purpose: Purpose
  /** What the person typed: spaces, hyphens and the digits of any script are fine. */
  readonly code: string
  /** Adds a proof to a success that lives this long, at most a day. */
  readonly proof?: Duration
} & (
    | { readonly to: string; readonly challengeId?: never }
    | { readonly challengeId: string; readonly to?: never }
  )

/** A request's shape, checked; the values are normalised one by one afterwards. */
type Parsed<T> = { readonly ok: true; readonly value: T } | Invalid

/** A channel with its delivery. */
export interface Route {
  readonly channel: string
  readonly delivery: Delivery
}

/** The routes that can carry a message to a recipient, in order. */
export type Routes = readonly [Route, ...Route[]]

export interface ParsedSend {
  readonly recipient: Recipient
  readonly purpose: PurposeSettings
  readonly routes: Routes
  readonly ip: string
  readonly locale: string | undefined
  /** `deliver: false`. */
  readonly silent: boolean
}

/** By handle, or by recipient and purpose. */
export type ParsedTarget =
  | {
      readonly challengeId: string
      readonly recipient?: undefined
      readonly purpose: PurposeSettings | undefined
    }
  | {
      readonly challengeId?: undefined
      readonly recipient: Recipient
      readonly purpose: PurposeSettings
    }

export type ParsedResend = ParsedTarget & {
  readonly channels: readonly string[] | undefined
  readonly ip: string
  readonly locale: string | undefined
}

export type ParsedVerify = ParsedTarget & {
  readonly purpose: PurposeSettings
  readonly code: string
  readonly ip: string
}

/** Reads requests for one manager. Nothing here throws, whatever it is given. */
export interface Requests {
  send(input: unknown): Parsed<ParsedSend>
  resend(input: unknown): Parsed<ParsedResend>
  verify(input: unknown): Parsed<ParsedVerify>
  target(input: unknown): Parsed<ParsedTarget>
  recipient(input: unknown): Parsed<Recipient>
  purpose(input: unknown): Parsed<PurposeSettings>
  /** Those of the channels that can carry a message to this recipient. */
  routes(recipient: Recipient, channels: readonly string[]): Parsed<Routes>
}

export function createRequests(settings: Settings): Requests {
  const channel = z.enum([...settings.deliveries.keys()])
  const channels = z.union([channel, z.array(channel).min(1).max(8)])
  const purpose = z
    .string()
    .transform((name, context) => settings.purposes.get(name) ?? refuse(context))
  const ip = z
    .unknown()
    .optional()
    .transform((value, context) => {
      const read = ipBucket(value)
      return read.ok ? read.bucket : refuse(context)
    })
  const locale = z.string().nullish()
  // Read by the normalisers below, which say more than a schema could.
  const anything = z.unknown().optional()
  const target = { to: anything, challengeId: anything, purpose: purpose.optional() }
  const schemas = {
    send: z.object({
      to: anything,
      channel: channels,
      purpose,
      ip,
      locale,
      deliver: z.boolean().optional(),
    }),
    resend: z.object({ ...target, channel: channels.optional(), ip, locale }),
    verify: z.object({ ...target, purpose, code: anything, ip }),
    target: z.object(target),
  }

  function shape<T>(schema: z.ZodType<T>, input: unknown): Parsed<T> {
    const parsed = schema.safeParse(input)
    if (parsed.success) return { ok: true, value: parsed.data }
    const field = String(parsed.error.issues[0]?.path[0] ?? 'request')
    const value = field === 'request' ? input : Reflect.get(Object(input), field)
    return invalid(field, problemOf(field, value))
  }

  function recipient(input: unknown): Parsed<Recipient> {
    const parsed = parseRecipient(input, settings)
    return parsed.ok ? { ok: true, value: parsed.recipient } : invalid('to', parsed.problem)
  }

  function routes(to: Recipient, channels: readonly string[]): Parsed<Routes> {
    const carrying = channels.flatMap((channel) => {
      const delivery = settings.deliveries.get(channel)
      const kind = kindOfChannel(channel) ?? to.kind
      if (kind !== to.kind || !delivery?.reaches.includes(kind)) return []
      return [{ channel, delivery }]
    })
    const [first, ...others] = carrying.filter(({ channel }) => canReceive(to, channel))
    if (first !== undefined) return { ok: true, value: [first, ...others] }
    return invalid('to', carrying.length > 0 ? 'number_type' : 'channel')
  }

  function parseTarget(input: {
    to?: unknown
    challengeId?: unknown
    purpose?: PurposeSettings | undefined
  }): Parsed<ParsedTarget> {
    const { purpose } = input
    if (input.challengeId !== undefined) {
      if (input.to !== undefined) return invalid('challengeId', 'ambiguous')
      if (typeof input.challengeId !== 'string') return invalid('challengeId', 'type')
      if (!isChallengeId(input.challengeId)) return invalid('challengeId', 'syntax')
      return { ok: true, value: { challengeId: input.challengeId, purpose } }
    }
    const to = recipient(input.to)
    if (!to.ok) return to
    if (purpose === undefined) return invalid('purpose', 'type')
    // Ids of this binding are random: nothing but the handle leads to them.
    if (purpose.bind === 'challenge') return invalid('challengeId', 'type')
    return { ok: true, value: { recipient: to.value, purpose } }
  }

  return {
    recipient,
    routes,

    purpose(input) {
      const parsed = purpose.safeParse(input)
      return parsed.success
        ? { ok: true, value: parsed.data }
        : invalid('purpose', problemOf('purpose', input))
    },

    target(input) {
      const parsed = shape(schemas.target, input)
      return parsed.ok ? parseTarget(parsed.value) : parsed
    },

    send(input) {
      const parsed = shape(schemas.send, input)
      if (!parsed.ok) return parsed
      const { value } = parsed
      const to = recipient(value.to)
      if (!to.ok) return to
      const usable = routes(to.value, list(value.channel))
      if (!usable.ok) return usable
      return {
        ok: true,
        value: {
          recipient: to.value,
          purpose: value.purpose,
          routes: usable.value,
          ip: value.ip,
          locale: plainLocale(value.locale),
          silent: value.deliver === false,
        },
      }
    },

    resend(input) {
      const parsed = shape(schemas.resend, input)
      if (!parsed.ok) return parsed
      const { value } = parsed
      const of = parseTarget(value)
      if (!of.ok) return of
      return {
        ok: true,
        value: {
          ...of.value,
          channels: value.channel === undefined ? undefined : list(value.channel),
          ip: value.ip,
          locale: plainLocale(value.locale),
        },
      }
    },

    verify(input) {
      const parsed = shape(schemas.verify, input)
      if (!parsed.ok) return parsed
      const { value } = parsed
      const of = parseTarget(value)
      if (!of.ok) return of
      const code = normaliseCode(value.code, value.purpose.alphabet)
      if (!code.ok) return invalid('code', code.problem)
      return {
        ok: true,
        value: { ...of.value, purpose: value.purpose, code: code.code, ip: value.ip },
      }
    },
  }
}

/** Marks a value as refused; `problemOf` says why. */
function refuse(context: z.RefinementCtx): never {
  context.addIssue({ code: 'custom' })
  return z.NEVER
}

function list(channel: string | readonly string[]): readonly string[] {
  return typeof channel === 'string' ? [channel] : channel
}

// It is kept with the challenge, so nothing but a plausible tag gets there.
function plainLocale(locale: string | null | undefined): string | undefined {
  return locale && /^[A-Za-z0-9-]{1,35}$/.test(locale) ? locale : undefined
}

// A name that is not configured differs from a value of the wrong type.
function problemOf(field: string, value: unknown): Problem {
  const isName = typeof value === 'string' && (field === 'purpose' || field === 'channel')
  return isName || (field === 'channel' && Array.isArray(value)) ? 'unknown' : 'type'
}
