import { defined } from '../internal/defined'
import type { Invalid } from '../results'
import { type Fields, fieldNames } from './read-fields'

/** What a request asks for, of what it may ask for. */
export interface Asked {
  readonly ok: true
  readonly purpose: string
  /** The channels of the purpose, or the one that was chosen of them. */
  readonly channels: readonly string[]
  /** The channel that was chosen. */
  readonly channel?: string
  readonly to?: string
  readonly challengeId?: string
  readonly code?: string
  readonly locale: string | null
}

/** The purposes that may be asked for, each with its channels. */
export type PublicPurposes = ReadonlyMap<string, readonly string[]>

/** Reads the fields; `language` is what the browser prefers, where the request names no `locale`. */
export function readAsked(
  fields: Fields,
  purposes: PublicPurposes,
  language: string | null,
): Asked | Invalid {
  const odd = fieldNames.find((name) => !['string', 'undefined'].includes(typeof fields.get(name)))
  if (odd !== undefined) return invalid(odd, 'type')
  const text = (name: (typeof fieldNames)[number]) => {
    const value = fields.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const [to, challengeId] = [text('to'), text('challengeId')]
  if (to !== undefined && challengeId !== undefined) return invalid('challengeId', 'ambiguous')

  const [only, ...others] = purposes.keys()
  const purpose = text('purpose') ?? (others.length === 0 ? only : undefined)
  if (purpose === undefined) return invalid('purpose', 'empty')
  const known = purposes.get(purpose)
  if (known === undefined) return invalid('purpose', 'unknown')
  const channel = text('channel')
  if (channel !== undefined && !known.includes(channel)) return invalid('channel', 'unknown')

  return defined({
    ok: true,
    purpose,
    channels: channel === undefined ? known : [channel],
    channel,
    to,
    challengeId,
    code: text('code'),
    locale: text('locale') ?? language,
  })
}

/** By handle, or by recipient. */
export function targetOf({ to = '', challengeId, purpose }: Asked) {
  return challengeId === undefined ? { to, purpose } : { challengeId, purpose }
}

function invalid(field: string, problem: Invalid['problem']): Invalid {
  return { ok: false, reason: 'invalid', field, problem }
}
