import { decodeBase64url, encodeBase64url } from '../base64url'
import { checkClock } from '../check-function'
import { equal } from '../equal'
import type { OptionNames } from '../known-options'
import { field } from '../providers/read'
import { wrongOption } from '../wrong-option'
import { parseJson } from './request'

/** How old a signed request may be. */
export interface FreshnessOptions {
  /**
   * How far the time of signing may lie from the present, before or after it, in milliseconds.
   *
   * @defaultValue 300000
   */
  readonly toleranceMs?: number
  /**
   * The present in epoch milliseconds, for tests.
   *
   * @defaultValue `Date.now`
   */
  readonly clock?: () => number
}

/** For `knownOptions`. */
export const freshnessNames: OptionNames<FreshnessOptions> = { toleranceMs: true, clock: true }

const encoder = new TextEncoder()

/** Tells whether a time in whole Unix seconds, a number or digits, is near enough. */
export function freshness(
  factory: string,
  options: FreshnessOptions,
): (seconds: unknown) => boolean {
  const { toleranceMs = 300_000 } = options
  const clock = checkClock(factory, options.clock) ?? Date.now
  if (!Number.isInteger(toleranceMs) || toleranceMs < 1) {
    throw wrongOption(factory, 'toleranceMs', 'must be whole milliseconds, 1 or more')
  }
  return (seconds) =>
    /^\d{1,12}$/.test(String(seconds)) && Math.abs(clock() - Number(seconds) * 1000) <= toleranceMs
}

/** The HMAC of texts under a key. */
export function hmac(
  hash: 'SHA-1' | 'SHA-256' | 'SHA-512',
  key: Uint8Array | string,
): (message: string) => Promise<Uint8Array> {
  const raw = typeof key === 'string' ? encoder.encode(key) : new Uint8Array(key)
  return async (message) => {
    const imported = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, [
      'sign',
    ])
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, encoder.encode(message)))
  }
}

/** The SHA-256 digest of a text. */
export async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))
}

/**
 * The claims of a JSON Web Token under a shared secret, or `undefined`. HS256 alone is taken,
 * whatever the token would like (RFC 8725 section 3.1), and no extension that must be understood.
 */
export async function verifyJwt(
  sign: (message: string) => Promise<Uint8Array>,
  token: string,
): Promise<unknown> {
  const [head = '', claims = '', signature = '', ...rest] = token.split('.')
  const parameters = decodeJson(head)
  const pinned = field(parameters, 'alg') === 'HS256' && field(parameters, 'crit') === undefined
  if (!pinned || rest.length > 0) return undefined
  const expected = encodeBase64url(await sign(`${head}.${claims}`))
  return equal(expected, signature) ? decodeJson(claims) : undefined
}

function decodeJson(text: string): unknown {
  const bytes = decodeBase64url(text)
  return bytes === null ? undefined : parseJson(new TextDecoder().decode(bytes))
}
