// What phone numbers and codes share: people type both with the digits, spaces and hyphens of their
// own keyboard, and copy both together with invisible marks of writing direction.

/** The spaces people type, for a character class: plain, no-break, thin and narrow no-break. */
export const spaces = ' \\u00a0\\u2009\\u202f'

/** The hyphens people type, for a character class: plain, the typographic ones, and the en dash. */
export const hyphens = '\\-\\u2010-\\u2013'

// Zero of each block of decimal digits; one to nine follow it. A table rather than a property of
// Unicode: mathematical digits and the like are look-alikes that no keyboard types.
const zeros = [
  0x0030, // ASCII
  0x0660, // Arabic-Indic
  0x06f0, // Persian and Urdu
  0x0966, // Devanagari
  0x09e6, // Bengali
  0x0a66, // Gurmukhi
  0x0ae6, // Gujarati
  0x0b66, // Oriya
  0x0be6, // Tamil
  0x0c66, // Telugu
  0x0ce6, // Kannada
  0x0d66, // Malayalam
  0x0e50, // Thai
  0x0ed0, // Lao
  0x0f20, // Tibetan
  0x1040, // Myanmar
  0x17e0, // Khmer
  0x1810, // Mongolian
  0xff10, // full-width
]

// The overrides U+202D and U+202E are not among them: they make a value read other than it is.
const outer = new Set([
  ...[0x0020, 0x00a0, 0x2009, 0x202f], // spaces
  ...[0x200e, 0x200f, 0x061c], // left-to-right, right-to-left and Arabic letter mark
  ...[0x202a, 0x202b, 0x202c], // embeddings and their end
  ...[0x2066, 0x2067, 0x2068, 0x2069], // isolates and their end
])

/** Without the spaces and the harmless marks of writing direction around it. */
export function trimOuter(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && outer.has(text.charCodeAt(start))) start += 1
  while (end > start && outer.has(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

/** Whether it holds a control character or a line separator. */
export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20 || (unit > 0x7e && unit < 0xa0) || unit === 0x2028 || unit === 0x2029) {
      return true
    }
  }
  return false
}

/** With its decimal digits in ASCII, or `undefined` when they belong to more than one script. */
export function asciiDigits(text: string): string | undefined {
  let script: number | undefined
  let ascii = ''
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    const zero = zeros.find((zero) => unit >= zero && unit <= zero + 9)
    if (zero === undefined) {
      ascii += text.charAt(index)
      continue
    }
    if (script !== undefined && script !== zero) return undefined
    script = zero
    ascii += unit - zero
  }
  return ascii
}
