import { ipBucket, unknownIp } from '../input/ip'
import { checkDuration } from '../internal/duration'
import { remembering } from '../internal/remembering'
import { wrongOption } from '../internal/wrong-option'
import { requestedTags } from '../message/locale'
import { type Invalid, invalid } from '../results'

/** What a request, or a field of it, was read as. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | Invalid

/** What an address came to: its bucket, and whether it was one that nobody can read. */
export interface ParsedIp {
  readonly ip: string
  readonly isUnreadableIp: boolean
}

/** Which failures look like success. */
export type Hidden = 'undeliverable' | 'failures' | undefined

/** The fields of requests, as anybody may have filled them. */
export interface Given {
  readonly to?: unknown
  readonly challengeId?: unknown
  readonly purpose?: unknown
  readonly channel?: unknown
  readonly ip?: unknown
  readonly locale?: unknown
  readonly deliver?: unknown
  readonly known?: unknown
  readonly challenged?: unknown
  readonly hide?: unknown
  readonly code?: unknown
  readonly text?: unknown
  readonly dedupe?: unknown
  readonly proof?: unknown
}

const mostChannels = 8
const longestProofMs = 24 * 60 * 60_000

/**
 * Reads the fields of a request that `pick` names, each once: what comes out are values that no getter can
 * change any more.
 */
export function readFields<Fields extends Given>(
  input: unknown,
  pick: (given: Given) => Fields,
): Parsed<Fields> {
  try {
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input)
    return isObject ? { ok: true, value: pick(input) } : invalid('request', 'type')
  } catch {
    // A getter that throws, or a proxy that was revoked.
    return invalid('request', 'type')
  }
}

/** A list of channels as one of its own, and one too long as one that is still too long. */
function ownList(channel: unknown): unknown {
  if (!Array.isArray(channel)) return channel
  const own: unknown[] = []
  const length = Math.min(channel.length, mostChannels + 1)
  for (let index = 0; index < length; index += 1) own.push(channel[index])
  return own
}

/** What `readFields` picks of each kind of request. */
export const targetFields = ({ to, challengeId, purpose }: Given) => ({ to, challengeId, purpose })
export const sendFields = (given: Given) => {
  const { to, channel, purpose, ip, locale, deliver, known, challenged, hide } = given
  return { to, channel: ownList(channel), purpose, ip, locale, deliver, known, challenged, hide }
}
export const relayFields = ({ to, channel, purpose, ip, locale, code, text, dedupe }: Given) => {
  return { to, channel: ownList(channel), purpose, ip, locale, code, text, dedupe }
}
export const resendFields = (given: Given) => {
  const { to, challengeId, channel, purpose, ip, locale, challenged, hide } = given
  return { to, challengeId, channel: ownList(channel), purpose, ip, locale, challenged, hide }
}
export const verifyFields = ({ to, challengeId, purpose, code, ip, proof }: Given) => {
  return { to, challengeId, purpose, code, ip, proof }
}
export const redeemFields = ({ purpose, to }: Given) => ({ purpose, to })

/** One channel or several, all of which are configured. */
export function readChannels(
  configured: ReadonlyMap<string, unknown>,
  channel: unknown,
): Parsed<readonly string[]> {
  const list: readonly unknown[] | null =
    typeof channel === 'string' ? [channel] : Array.isArray(channel) ? channel : null
  if (list === null) return invalid('channel', 'type')
  const names: string[] = []
  for (const name of list) if (typeof name === 'string' && configured.has(name)) names.push(name)
  const isUsable = names.length > 0 && names.length === list.length && list.length <= mostChannels
  return isUsable ? { ok: true, value: names } : invalid('channel', 'unknown')
}

export function readPurpose<Purpose>(
  configured: ReadonlyMap<string, Purpose>,
  purpose: unknown,
): Parsed<Purpose> {
  if (typeof purpose !== 'string') return invalid('purpose', 'type')
  const found = configured.get(purpose)
  return found === undefined ? invalid('purpose', 'unknown') : { ok: true, value: found }
}

export function readIp(value: unknown): Parsed<ParsedIp> {
  const read = ipBucket(value)
  if (!read.ok) return invalid('ip', 'type')
  const { bucket: ip } = read
  // `null` says that there is none; everything else that has no bucket of its own is a mistake.
  return { ok: true, value: { ip, isUnreadableIp: ip === unknownIp && value !== null } }
}

export function readLocale(locale: unknown): Parsed<string | undefined> {
  if (locale === undefined || locale === null) return { ok: true, value: undefined }
  if (typeof locale !== 'string') return invalid('locale', 'type')
  return { ok: true, value: wantedOf(locale) || undefined }
}

// It is kept with the challenge, so nothing but plausible tags get there, and not many. What browsers
// send takes longer to read than all the rest of a request, and comes again and again.
const wantedOf = remembering(256, (locale) => requestedTags(locale).slice(0, 4).join(','))

export function readHide(hide: unknown): Parsed<Hidden> {
  const isKnown = hide === undefined || hide === 'undeliverable' || hide === 'failures'
  return isKnown ? { ok: true, value: hide } : invalid('hide', 'type')
}

/** The life of a proof. Throws where it is no duration: it is the calling code's. */
export function readProof(proof: unknown): number {
  const proofMs = checkDuration('verify', 'proof', proof, '30s')
  if (proofMs > longestProofMs) throw wrongOption('verify', 'proof', 'must be at most 1d')
  return proofMs
}

/** The first of these fields that is neither missing nor `true` or `false`. */
export function wrongFlag(
  given: Given,
  ...names: readonly ('deliver' | 'known' | 'challenged')[]
): Invalid | null {
  for (const name of names) {
    const flag = given[name]
    if (flag !== undefined && typeof flag !== 'boolean') return invalid(name, 'type')
  }
  return null
}
