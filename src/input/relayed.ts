import { type Unusable, unusable } from './problem'

const longestText = 1_600
const longestName = 256

// What is no character of a text: halves of one, and controls but for tab and line breaks.
const half = /\p{Surrogate}/u
const control = /(?![\t\n\r])\p{Cc}/u

type Read = { readonly ok: true; readonly value: string } | Unusable

/** A code that somebody else made, exactly as it is: 4 to 12 ASCII letters and digits. */
export function readRelayedCode(input: unknown): Read {
  if (typeof input !== 'string') return unusable('type')
  if (input === '') return unusable('empty')
  if (input.length < 4 || input.length > 12) return unusable('length')
  return /^[0-9A-Za-z]+$/.test(input) ? { ok: true, value: input } : unusable('character')
}

/** A whole message that somebody else wrote: up to 1,600 characters, as long as providers take. */
export function readRelayedText(input: unknown): Read {
  if (typeof input !== 'string') return unusable('type')
  if (input.trim() === '') return unusable('empty')
  if (input.length > longestText) return unusable('too_long')
  if (half.test(input)) return unusable('character')
  return control.test(input) ? unusable('control_character') : { ok: true, value: input }
}

/** What a host knows a message by: up to 256 characters. */
export function readDedupe(input: unknown): Read {
  if (typeof input !== 'string') return unusable('type')
  if (input === '') return unusable('empty')
  if (half.test(input)) return unusable('character')
  return input.length > longestName ? unusable('too_long') : { ok: true, value: input }
}
