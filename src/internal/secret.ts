const quotes = '["\'`\\u2018\\u2019\\u201c\\u201d]'
const quoted = new RegExp(`^${quotes}.*${quotes}$`, 'su')

/**
 * What is wrong with a text that comes from a file or a variable, as the rest of a sentence, or
 * `undefined`. What a host keeps of a file's line end or of a line's quotes would be a part of the
 * value, and on another host it would not.
 */
export function textProblem(text: string): string | undefined {
  if (text !== text.trim()) return 'must not begin or end with white space'
  if (text.length > 1 && quoted.test(text)) {
    return 'must not stand in quotes, which would be a part of it'
  }
  if (/^(\$?\{.*\}|<.*>|undefined|null)$/.test(text)) {
    return 'must not be a placeholder'
  }
  return /\\[nr]$/.test(text) ? 'must not end with a line break, written out or not' : undefined
}

/**
 * What is wrong with a secret, as the rest of a sentence, or `undefined` for one that is good. That
 * it is random cannot be seen, but that it repeats a few characters can.
 */
export function secretProblem(secret: string | Uint8Array): string | undefined {
  const bytes = bytesOf(secret)
  const text = typeof secret === 'string' ? secret : textOf(bytes)
  const problem = textProblem(text)
  if (problem !== undefined) return problem
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) return 'must be one line without control characters'
  // Web pages and chats put them into what is copied there; typed on another host it has none.
  if (/\p{Default_Ignorable_Code_Point}/u.test(text)) return 'must not hold what nobody sees'
  if (bytes.length < 32) return 'must be 32 random bytes or more: openssl rand -base64 32'
  return new Set(bytes).size < 8 ? 'must be random: it repeats a few characters' : undefined
}

/** A secret as bytes of its own. */
export function bytesOf(secret: string | Uint8Array): Uint8Array {
  return typeof secret === 'string' ? new TextEncoder().encode(secret) : new Uint8Array(secret)
}

// Bytes that are all characters of a line are those of a text file; random ones never are.
function textOf(bytes: Uint8Array): string {
  const isText = bytes.every(
    (byte) => (byte >= 0x20 && byte < 0x7f) || /[\t\n\r]/.test(letter(byte)),
  )
  return isText ? [...bytes].map(letter).join('') : ''
}

function letter(byte: number): string {
  return String.fromCharCode(byte)
}
