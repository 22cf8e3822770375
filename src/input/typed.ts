// How people write what they type and paste: one list of what is not seen, one of what stands
// between digits, and every script's digits. Addresses are freed of the first at their ends only.

// U+202E is not among them: it shows the digits behind it in reverse, so what is read is another
// value. Nor are the fillers of Hangul, which are letters.
const ignorable = '(?!\\u202e|\\p{L})\\p{Default_Ignorable_Code_Point}'
const ignorables = new RegExp(ignorable, 'gu')

// White space of any kind, line breaks and tabs too: text areas and clipboards add them.
const whiteSpace = '\\p{White_Space}'
// The rest is what libphonenumber reads between digits (`VALID_PUNCTUATION`), in its order.
const dashes = '\\-\\u2010-\\u2015\\u2212\\u30fc\\uff0d'
const slashes = '/\\uff0f'
const dots = '.\\uff0e'
const brackets = '()\\uff08\\uff09\\uff3b\\uff3d\\[\\]'
const tildes = '~\\u2053\\u223c\\uff5e'

/** What may stand between the digits of a phone number. */
export const separators = new RegExp(
  `[${whiteSpace}${dashes}${slashes}${dots}${brackets}${tildes}]`,
  'gu',
)

/** What may stand between the characters of a code: a dot could make a fraction of it. */
export const codeSeparators = new RegExp(
  `[${whiteSpace}${dashes}${slashes}${brackets}${tildes}]`,
  'gu',
)

/** What may stand between two numbers, and between the digits of one as well. */
export const numberSeparators = new RegExp(
  `[${slashes}${tildes}\\n\\v\\f\\r\\u0085\\u2028\\u2029]+`,
  'u',
)

const outer = new RegExp(`^(?:${whiteSpace}|${ignorable})$`, 'u')

const digit = /\p{Decimal_Number}/u
// The styled ones are left out: mathematics made them of ASCII's, and no keyboard types them.
const foreignDigits = /(?![0-9\u{1d7ce}-\u{1d7ff}\u{1fbf0}-\u{1fbf9}])\p{Decimal_Number}/gu

/** Without what nobody sees: marks of writing direction, joiners, soft hyphens, byte order marks. */
export function withoutIgnorables(text: string): string {
  return text.replace(ignorables, '')
}

/** Without the white space around it, and what nobody sees there. */
export function trimOuter(text: string): string {
  const characters = [...text]
  let start = 0
  let end = characters.length
  while (outer.test(characters[start] ?? '')) start += 1
  while (outer.test(characters[end - 1] ?? '')) end -= 1
  // Of nothing but white space no end is behind the start.
  return characters.slice(start, end).join('')
}

/** Whether it holds a control character or a line separator. */
export function hasControlCharacter(text: string): boolean {
  return /[\p{Cc}\u2028\u2029]/u.test(text)
}

/** With the decimal digits of every script in ASCII. */
export function asciiDigits(text: string): string {
  return text.replace(foreignDigits, (character) => {
    const codePoint = character.codePointAt(0) ?? 0
    // Unicode gives the ten digits of a script ten places in a row, from zero on.
    let before = 0
    while (digit.test(String.fromCodePoint(codePoint - before - 1))) before += 1
    return String(before % 10)
  })
}
