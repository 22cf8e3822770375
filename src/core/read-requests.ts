import type { Delivery } from '../delivery'
import { normaliseCode } from '../input/code'
import type { Problem } from '../input/problem'
import { canReceive, parseRecipient, type Recipient } from '../input/recipient'
import { invalid } from '../results'
import type { Trust } from './challenge'
import { isHandle } from './labels'
import type { PurposeSettings } from './purposes'
import { type Relayable, readRelayable } from './read-relayed'
import {
  type Given,
  type Hidden,
  type Parsed,
  type ParsedIp,
  readChannels,
  readFields,
  readHide,
  readIp,
  readLocale,
  readProof,
  readPurpose,
  redeemFields,
  relayFields,
  resendFields,
  sendFields,
  targetFields,
  verifyFields,
  wrongFlag,
} from './request-fields'
import { kindOfChannel, type Settings } from './settings'

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

export type ParsedRelay = ParsedAsk & Relayable

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

export interface ParsedResend extends ParsedIp {
  readonly target: ParsedTarget
  readonly channels: readonly string[] | undefined
  readonly locale: string | undefined
  readonly isChallenged: boolean
  readonly hide: Hidden
}

export interface ParsedVerify extends ParsedIp {
  readonly target: ParsedTarget
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
  const { deliveries, purposes } = settings

  function recipient(input: unknown): Parsed<Recipient> {
    const parsed = parseRecipient(input, settings)
    return parsed.ok ? { ok: true, value: parsed.recipient } : invalid('to', parsed.problem)
  }

  function routes(to: Recipient, channels: readonly string[]): Parsed<Routes> {
    let problem: Problem = 'channel'
    const usable: Route[] = []
    for (const channel of channels) {
      const delivery = deliveries.get(channel)
      const kind = kindOfChannel(channel) ?? to.kind
      if (kind !== to.kind || !delivery?.reaches.includes(kind)) continue
      if (canReceive(to, channel)) usable.push({ channel, delivery })
      else problem = 'number_type'
    }
    const [first, ...others] = usable
    return first === undefined ? invalid('to', problem) : { ok: true, value: [first, ...others] }
  }

  function parseTarget(
    { to, challengeId }: Given,
    purpose: PurposeSettings | undefined,
  ): Parsed<ParsedTarget> {
    if (challengeId !== undefined) {
      if (to !== undefined) return invalid('challengeId', 'ambiguous')
      if (typeof challengeId !== 'string') return invalid('challengeId', 'type')
      if (!isHandle(challengeId)) return invalid('challengeId', 'syntax')
      return { ok: true, value: { challengeId, purpose } }
    }
    const known = recipient(to)
    if (!known.ok) return known
    if (purpose === undefined) return invalid('purpose', 'type')
    // Ids of this binding are random: nothing but the handle leads to them.
    if (purpose.bind === 'challenge') return invalid('challengeId', 'type')
    return { ok: true, value: { recipient: known.value, purpose } }
  }

  function parseAsk(given: Given): Parsed<ParsedAsk> {
    const channels = readChannels(deliveries, given.channel)
    if (!channels.ok) return channels
    const purpose = readPurpose(purposes, given.purpose)
    if (!purpose.ok) return purpose
    const address = readIp(given.ip)
    if (!address.ok) return address
    const locale = readLocale(given.locale)
    if (!locale.ok) return locale
    const to = recipient(given.to)
    if (!to.ok) return to
    const usable = routes(to.value, channels.value)
    if (!usable.ok) return usable
    const { ip, isUnreadableIp } = address.value
    return {
      ok: true,
      value: {
        recipient: to.value,
        purpose: purpose.value,
        routes: usable.value,
        locale: locale.value,
        ip,
        isUnreadableIp,
      },
    }
  }

  return {
    recipient,
    routes,

    redeem(input) {
      const given = readFields(input, redeemFields)
      if (!given.ok) return given
      const purpose = readPurpose(purposes, given.value.purpose)
      if (!purpose.ok) return purpose
      const { to } = given.value
      if (to === undefined) return { ok: true, value: { purpose: purpose.value } }
      const expected = recipient(to)
      if (!expected.ok) return expected
      return { ok: true, value: { purpose: purpose.value, recipient: expected.value } }
    },

    target(input) {
      const given = readFields(input, targetFields)
      if (!given.ok) return given
      const purpose = purposeIfAny(purposes, given.value.purpose)
      return purpose.ok ? parseTarget(given.value, purpose.value) : purpose
    },

    send(input) {
      const given = readFields(input, sendFields)
      if (!given.ok) return given
      const { deliver, known, challenged } = given.value
      const wrong = wrongFlag(given.value, 'deliver', 'known', 'challenged')
      if (wrong !== null) return wrong
      const hide = readHide(given.value.hide)
      if (!hide.ok) return hide
      const asked = parseAsk(given.value)
      if (!asked.ok) return asked
      const { recipient, purpose, routes, locale, ip, isUnreadableIp } = asked.value
      return {
        ok: true,
        value: {
          recipient,
          purpose,
          routes,
          locale,
          ip,
          isUnreadableIp,
          silent: deliver === false,
          trust: known ? 'known' : challenged ? 'challenged' : 'none',
          hide: hide.value,
        },
      }
    },

    relay(input) {
      const given = readFields(input, relayFields)
      if (!given.ok) return given
      const asked = parseAsk(given.value)
      if (!asked.ok) return asked
      const handed = readRelayable(given.value)
      return handed.ok ? { ok: true, value: { ...asked.value, ...handed.value } } : handed
    },

    resend(input) {
      const given = readFields(input, resendFields)
      if (!given.ok) return given
      const { channel, challenged } = given.value
      const wrong = wrongFlag(given.value, 'challenged')
      if (wrong !== null) return wrong
      const hide = readHide(given.value.hide)
      if (!hide.ok) return hide
      const purpose = purposeIfAny(purposes, given.value.purpose)
      if (!purpose.ok) return purpose
      const channels =
        channel === undefined
          ? { ok: true as const, value: undefined }
          : readChannels(deliveries, channel)
      if (!channels.ok) return channels
      const address = readIp(given.value.ip)
      if (!address.ok) return address
      const locale = readLocale(given.value.locale)
      if (!locale.ok) return locale
      const target = parseTarget(given.value, purpose.value)
      if (!target.ok) return target
      const { ip, isUnreadableIp } = address.value
      return {
        ok: true,
        value: {
          target: target.value,
          channels: channels.value,
          locale: locale.value,
          ip,
          isUnreadableIp,
          isChallenged: challenged === true,
          hide: hide.value,
        },
      }
    },

    verify(input) {
      const given = readFields(input, verifyFields)
      if (!given.ok) return given
      const asked = readPurpose(purposes, given.value.purpose)
      if (!asked.ok) return asked
      const purpose = asked.value
      const address = readIp(given.value.ip)
      if (!address.ok) return address
      const { proof } = given.value
      const proofMs = proof === undefined ? undefined : readProof(proof)
      const target = parseTarget(given.value, purpose)
      if (!target.ok) return target
      const code = normaliseCode(given.value.code, purpose.alphabet)
      if (!code.ok) return invalid('code', code.problem)
      const { ip, isUnreadableIp } = address.value
      return {
        ok: true,
        value: { target: target.value, purpose, code: code.code, ip, isUnreadableIp, proofMs },
      }
    },
  }
}

function purposeIfAny(
  purposes: ReadonlyMap<string, PurposeSettings>,
  purpose: unknown,
): Parsed<PurposeSettings | undefined> {
  return purpose === undefined ? { ok: true, value: undefined } : readPurpose(purposes, purpose)
}
