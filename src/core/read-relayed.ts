import { readDedupe, readRelayedCode, readRelayedText } from '../input/relayed'
import { type Invalid, invalid } from '../results'

/** What a relayed message says, and what it is known by. */
export interface Relayable {
  readonly code: string | undefined
  /** The whole of it; written from the templates where there is none. */
  readonly text: string | undefined
  /** Which field it is known by, and that field. */
  readonly knownBy: readonly [field: 'dedupe' | 'code' | 'text', value: string]
}

/** Reads what a request of `relay` hands over. */
export function readRelayable(given: {
  readonly code?: unknown
  readonly text?: unknown
  readonly dedupe?: unknown
}): { readonly ok: true; readonly value: Relayable } | Invalid {
  const { code, text, dedupe } = given
  const needsCode = text === undefined
  const ofCode = code === undefined && !needsCode ? undefined : readRelayedCode(code)
  if (ofCode?.ok === false) return invalid('code', ofCode.problem)
  const ofText = needsCode ? undefined : readRelayedText(text)
  if (ofText?.ok === false) return invalid('text', ofText.problem)
  const ofDedupe = dedupe === undefined ? undefined : readDedupe(dedupe)
  if (ofDedupe?.ok === false) return invalid('dedupe', ofDedupe.problem)

  const knownBy =
    ofDedupe !== undefined
      ? (['dedupe', ofDedupe.value] as const)
      : ofCode !== undefined
        ? (['code', ofCode.value] as const)
        : (['text', ofText?.value ?? ''] as const)
  return { ok: true, value: { code: ofCode?.value, text: ofText?.value, knownBy } }
}
