import type { Problem } from '../input/problem'
import { checkDuration } from '../internal/duration'
import { wrongOption } from '../internal/wrong-option'
import { requestedTags } from '../message/locale'

const longestProofMs = 24 * 60 * 60_000

/** How long a proof is to live. Throws a `TypeError` for what is no such duration: it is the calling code's. */
export function readProof(proof: unknown): number {
  const proofMs = checkDuration('verify', 'proof', proof, '30s')
  if (proofMs > longestProofMs) throw wrongOption('verify', 'proof', 'must be at most 1d')
  return proofMs
}

/** The channels that a request names. */
export function listOf(channel: string | readonly string[]): readonly string[] {
  return typeof channel === 'string' ? [channel] : channel
}

/** It is kept with the challenge, so nothing but plausible tags get there, and not many. */
export function plainLocale(locale: string | null | undefined): string | undefined {
  const tags = requestedTags(locale ?? '').slice(0, 4)
  return tags.length === 0 ? undefined : tags.join(',')
}

/** Why a field is refused: a name that is not configured differs from a value of the wrong type. */
export function problemOf(field: string, value: unknown): Problem {
  const isName = typeof value === 'string' && (field === 'purpose' || field === 'channel')
  return isName || (field === 'channel' && Array.isArray(value)) ? 'unknown' : 'type'
}
