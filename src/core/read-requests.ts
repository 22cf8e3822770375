import * as z from 'zod/mini'
import type { Delivery } from '../delivery'
import { normaliseCode } from '../input/code'
import { ipBucket, unknownIp } from '../input/ip'
import { canReceive, parseRecipient, type Recipient } from '../input/recipient'
import { type Invalid, invalid } from '../results'
import type { Trust } from './challenge'
import { isHandle } from './labels'
import type { PurposeSettings } from './purposes'
import { type Relayable, readRelayable } from './read-relayed'
import { listOf, plainLocale, problemOf, readProof } from './read-values'
import { kindOfChannel, type Settings } from './settings'

/** A request's shape, checked; the values are normalised one by one afterwards. */
type Parsed<T> = { readonly ok: true; readonly value: T } | Invalid

/** A channel with its delivery. */
export interface Route {
  readonly channel: string
  readonly delivery: Delivery
}

/** The routes that can carry a message to a recipient, in order. */
export type Routes = readonly [Route, ...Route[]]

/** Whom a message is asked for, and how it gets there. */
interface ParsedAsk extends ParsedIp {
  readonly recipient: Recipient
  readonly purpose: PurposeSettings
  readonly routes: Routes
  readonly locale: string | undefined
}

export interface ParsedSend extends ParsedAsk {
  /** `deliver: false`. */
  readonly silent: boolean
  readonly trust: Trust
  readonly hide: Hidden
}

/** Which failures look like success. */
export type Hidden = 'undeliverable' | 'failures' | undefined

export type ParsedRelay = ParsedAsk & Relayable

/** What an address came to: its bucket, and whether it was one that nobody can read. */
export interface ParsedIp {
  readonly ip: string
  readonly isUnreadableIp: boolean
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

export type ParsedResend = ParsedTarget &
  ParsedIp & {
    readonly channels: readonly string[] | undefined
    readonly locale: string | undefined
    readonly isChallenged: boolean
    readonly hide: Hidden
  }

export type ParsedVerify = ParsedTarget &
  ParsedIp & {
    readonly purpose: PurposeSettings
    readonly code: string
    /** The life of a proof, when one was asked for. */
    readonly proofMs: number | undefined
  }

export interface ParsedRedeem {
  readonly purpose: PurposeSettings
  readonly recipient?: Recipient
}

/**
 * Reads requests for one manager. Nothing here throws, whatever it is given, but for a `proof` that
 * is no duration: that is the calling code's.
 */
export interface Requests {
  send(input: unknown): Parsed<ParsedSend>
  relay(input: unknown): Parsed<ParsedRelay>
  resend(input: unknown): Parsed<ParsedResend>
  verify(input: unknown): Parsed<ParsedVerify>
  target(input: unknown): Parsed<ParsedTarget>
  recipient(input: unknown): Parsed<Recipient>
  redeem(input: unknown): Parsed<ParsedRedeem>
  /** Those of the channels that can carry a message to this recipient. */
  routes(recipient: Recipient, channels: readonly string[]): Parsed<Routes>
}

export function createRequests(settings: Settings): Requests {
  const channel = z.enum([...settings.deliveries.keys()])
  const channels = z.union([channel, z.array(channel).check(z.minLength(1), z.maxLength(8))])
  const purpose = z.pipe(
    z.string(),
    z.transform((name, context) => settings.purposes.get(name) ?? refuse(context)),
  )
  const ip = z.pipe(
    z.optional(z.unknown()),
    z.transform((value, context) => {
      const read = ipBucket(value)
      if (!read.ok) return refuse(context)
      // `null` says that there is none; everything else that has no bucket of its own is a mistake.
      const isUnreadableIp = read.bucket === unknownIp && value !== null
      return { ip: read.bucket, isUnreadableIp }
    }),
  )
  const locale = z.nullish(z.string())
  const flag = z.optional(z.boolean())
  const hide = z.optional(z.enum(['undeliverable', 'failures']))
  // Read by the normalisers below, which say more than a schema could.
  const anything = z.optional(z.unknown())
  const target = { to: anything, challengeId: anything, purpose: z.optional(purpose) }
  const ask = { to: anything, channel: channels, purpose, ip, locale }
  const schemas = {
    send: z.object({ ...ask, deliver: flag, known: flag, challenged: flag, hide }),
    relay: z.object({ ...ask, code: anything, text: anything, dedupe: anything }),
    resend: z.object({
      ...target,
      channel: z.optional(channels),
      ip,
      locale,
      challenged: flag,
      hide,
    }),
    verify: z.object({ ...target, purpose, code: anything, ip, proof: anything }),
    redeem: z.object({ purpose, to: anything }),
    target: z.object(target),
  }

  /** Reads each field once: what comes out are values that no getter can change any more. */
  function shape<T>(schema: z.ZodMiniType<T>, input: unknown): Parsed<T> {
    try {
      const parsed = schema.safeParse(input)
      if (parsed.success) return { ok: true, value: parsed.data }
      const field = String(parsed.error.issues[0]?.path[0] ?? 'request')
      const value = field === 'request' ? input : Reflect.get(Object(input), field)
      return invalid(field, problemOf(field, value))
    } catch {
      // A getter that throws, or a proxy that was revoked.
      return invalid('request', 'type')
    }
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
      if (!isHandle(input.challengeId)) return invalid('challengeId', 'syntax')
      return { ok: true, value: { challengeId: input.challengeId, purpose } }
    }
    const to = recipient(input.to)
    if (!to.ok) return to
    if (purpose === undefined) return invalid('purpose', 'type')
    // Ids of this binding are random: nothing but the handle leads to them.
    if (purpose.bind === 'challenge') return invalid('challengeId', 'type')
    return { ok: true, value: { recipient: to.value, purpose } }
  }

  function parseAsk(input: {
    readonly to?: unknown
    readonly channel: string | readonly string[]
    readonly purpose: PurposeSettings
    readonly ip: ParsedIp
    readonly locale?: string | null | undefined
  }): Parsed<ParsedAsk> {
    const to = recipient(input.to)
    if (!to.ok) return to
    const usable = routes(to.value, listOf(input.channel))
    if (!usable.ok) return usable
    const { purpose, ip } = input
    const locale = plainLocale(input.locale)
    return {
      ok: true,
      value: { recipient: to.value, purpose, routes: usable.value, locale, ...ip },
    }
  }

  return {
    recipient,
    routes,

    redeem(input) {
      const parsed = shape(schemas.redeem, input)
      if (!parsed.ok) return parsed
      const { purpose, to } = parsed.value
      if (to === undefined) return { ok: true, value: { purpose } }
      const expected = recipient(to)
      return expected.ok ? { ok: true, value: { purpose, recipient: expected.value } } : expected
    },

    target(input) {
      const parsed = shape(schemas.target, input)
      return parsed.ok ? parseTarget(parsed.value) : parsed
    },

    send(input) {
      const parsed = shape(schemas.send, input)
      if (!parsed.ok) return parsed
      const asked = parseAsk(parsed.value)
      if (!asked.ok) return asked
      const { deliver, known, challenged, hide } = parsed.value
      const trust = known ? 'known' : challenged ? 'challenged' : 'none'
      return { ok: true, value: { silent: deliver === false, trust, hide, ...asked.value } }
    },

    relay(input) {
      const parsed = shape(schemas.relay, input)
      if (!parsed.ok) return parsed
      const asked = parseAsk(parsed.value)
      if (!asked.ok) return asked
      const handed = readRelayable(parsed.value)
      return handed.ok ? { ok: true, value: { ...asked.value, ...handed.value } } : handed
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
          channels: value.channel === undefined ? undefined : listOf(value.channel),
          ...value.ip,
          locale: plainLocale(value.locale),
          isChallenged: value.challenged === true,
          hide: value.hide,
        },
      }
    },

    verify(input) {
      const parsed = shape(schemas.verify, input)
      if (!parsed.ok) return parsed
      const { value } = parsed
      const proofMs = value.proof === undefined ? undefined : readProof(value.proof)
      const of = parseTarget(value)
      if (!of.ok) return of
      const code = normaliseCode(value.code, value.purpose.alphabet)
      if (!code.ok) return invalid('code', code.problem)
      return {
        ok: true,
        value: { code: code.code, proofMs, ...value.ip, ...of.value, purpose: value.purpose },
      }
    },
  }
}

/** Marks a value as refused; `problemOf` says why. */
function refuse(context: z.core.ParsePayload): never {
  context.issues.push({ code: 'custom', input: context.value })
  return z.NEVER
}
