import { type Unusable, unusable } from './problem'
import {
  asciiDigits,
  codeSeparators,
  hasControlCharacter,
  trimOuter,
  withoutIgnorables,
} from './typed'

/**
 * What codes are written in: decimal digits, or Crockford's base 32, which has no letter that looks
 * like a digit.
 *
 * @see {@link https://www.crockford.com/base32.html Base 32}
 */
export type CodeAlphabet = 'digits' | 'base32'

const characterSets = {
  digits: '0123456789',
  base32: '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
} as const

// Longest input: a long code with every character set apart, and room for spaces and marks.
const longestInput = 64

const plain = /^[0-9]{4,10}$/
const written = { digits: /^[0-9]+$/, base32: /^[0-9A-HJKMNP-TV-Z]+$/ } as const

const macBytes = 32
/** So many characters of either alphabet, and 16 bits more, are a whole number that JavaScript counts exactly. */
const mostAtOnce = 7

/**
 * Normalises a code as a person typed it, or says why it cannot be one. White space, hyphens, brackets
 * and what nobody sees go, digits of any script become ASCII, and in base 32 small letters become
 * capitals, `O` becomes `0`, and `I` and `L` become `1`.
 *
 * Any 4 to 10 characters of the alphabet are a code here: one of the wrong length is a wrong guess,
 * to be charged as an attempt.
 */
export function normaliseCode(
  input: unknown,
  alphabet: CodeAlphabet,
): { readonly ok: true; readonly code: string } | Unusable {
  if (typeof input !== 'string') return unusable('type')
  if (input.length > longestInput) return unusable('too_long')
  if (plain.test(input)) return { ok: true, code: input }

  if (trimOuter(input) === '') return unusable('empty')
  const typed = asciiDigits(withoutIgnorables(input).replace(codeSeparators, ''))
  if (hasControlCharacter(typed)) return unusable('control_character')
  const code = alphabet === 'base32' ? readAlike(typed) : typed
  if (!written[alphabet].test(code)) return unusable('character')
  if (code.length < 4 || code.length > 10) return unusable('length')
  return { ok: true, code }
}

/**
 * Writes a code from a MAC of 32 bytes: the last `length` digits of that 256-bit number in the
 * alphabet's base, leading zeros included. A code of 10 characters favours no value by more than
 * 2⁻²⁰⁰.
 */
export function writeCode(mac: Uint8Array, alphabet: CodeAlphabet, length: number): string {
  const characters = characterSets[alphabet]
  // In pieces of 16 bits, the highest first. Arrays of bytes take longer to make than the code to write.
  const pieces: number[] = []
  for (let at = 0; at < macBytes; at += 2) pieces.push((mac[at] ?? 0) * 0x100 + (mac[at + 1] ?? 0))
  let code = ''
  while (code.length < length) {
    const count = Math.min(mostAtOnce, length - code.length)
    const divisor = characters.length ** count
    // Long division; the remainder is the next few characters from the right.
    let remainder = 0
    for (let index = 0; index < pieces.length; index += 1) {
      const dividend = remainder * 0x10000 + (pieces[index] ?? 0)
      const quotient = Math.floor(dividend / divisor)
      pieces[index] = quotient
      remainder = dividend - quotient * divisor
    }
    code = spell(remainder, characters, count) + code
  }
  return code
}

function spell(value: number, characters: string, count: number): string {
  let spelt = ''
  for (let rest = value; spelt.length < count; rest = Math.floor(rest / characters.length)) {
    spelt = characters.charAt(rest % characters.length) + spelt
  }
  return spelt
}

// Only ASCII letters may change case: others, such as the dotless i, turn into ASCII ones.
function readAlike(typed: string): string {
  return typed
    .replace(/[a-z]/g, (letter) => letter.toUpperCase())
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
}
