const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const characters = Uint8Array.from(alphabet, (character) => character.charCodeAt(0))
/** What each character code stands for; 255 is nothing. */
const values = new Uint8Array(128).fill(255)
for (const [value, character] of characters.entries()) values[character] = value

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  // Written at once: a text that grows by characters is kept by V8 as a chain of its parts.
  const codes: number[] = []
  const whole = bytes.length - (bytes.length % 3)
  for (let index = 0; index < whole; index += 3) {
    const bits = (byteAt(bytes, index) << 16) | (byteAt(bytes, index + 1) << 8)
    pushCodes(codes, bits | byteAt(bytes, index + 2), 4)
  }
  if (whole < bytes.length) {
    const bits = (byteAt(bytes, whole) << 16) | (byteAt(bytes, whole + 1) << 8)
    pushCodes(codes, bits, bytes.length - whole + 1)
  }
  return String.fromCharCode.apply(null, codes)
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function pushCodes(codes: number[], bits: number, count: number): void {
  for (let shift = 18; shift > 18 - 6 * count; shift -= 6) {
    codes.push(characters[(bits >> shift) & 63] ?? 0)
  }
}

/** The bytes of base64url text, or `null` where it holds anything else. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = new Uint8Array((text.length * 6) >> 3)
  let bits = 0
  let count = 0
  let position = 0
  for (let index = 0; index < text.length; index += 1) {
    const value = values[text.charCodeAt(index)] ?? 255
    if (value === 255) return null
    bits = ((bits << 6) | value) & 0xffff
    count += 6
    if (count >= 8) {
      count -= 8
      bytes[position] = (bits >> count) & 255
      position += 1
    }
  }
  return bytes
}

/** Two texts of base64url of one length, combined character by character. It undoes itself. */
export function combineBase64url(left: string, right: string): string {
  const codes: number[] = []
  for (let index = 0; index < left.length; index += 1) {
    const value = values[left.charCodeAt(index)] ?? 0
    codes.push(characters[(value ^ (values[right.charCodeAt(index)] ?? 0)) & 63] ?? 0)
  }
  return String.fromCharCode.apply(null, codes)
}

/**
 * Characters 1 to 22 of 256 bits in big-endian words, as one flat text: V8 keeps a slice or a sum together
 * with its parts.
 */
export function firstCharacters(from: Int32Array): string {
  const w0 = from[0] ?? 0
  const w1 = from[1] ?? 0
  const w2 = from[2] ?? 0
  const w3 = from[3] ?? 0
  const w4 = from[4] ?? 0
  return String.fromCharCode(
    characters[w0 >>> 26] ?? 0,
    characters[(w0 >>> 20) & 63] ?? 0,
    characters[(w0 >>> 14) & 63] ?? 0,
    characters[(w0 >>> 8) & 63] ?? 0,
    characters[(w0 >>> 2) & 63] ?? 0,
    characters[((w0 << 4) & 63) | (w1 >>> 28)] ?? 0,
    characters[(w1 >>> 22) & 63] ?? 0,
    characters[(w1 >>> 16) & 63] ?? 0,
    characters[(w1 >>> 10) & 63] ?? 0,
    characters[(w1 >>> 4) & 63] ?? 0,
    characters[((w1 << 2) & 63) | (w2 >>> 30)] ?? 0,
    characters[(w2 >>> 24) & 63] ?? 0,
    characters[(w2 >>> 18) & 63] ?? 0,
    characters[(w2 >>> 12) & 63] ?? 0,
    characters[(w2 >>> 6) & 63] ?? 0,
    characters[w2 & 63] ?? 0,
    characters[w3 >>> 26] ?? 0,
    characters[(w3 >>> 20) & 63] ?? 0,
    characters[(w3 >>> 14) & 63] ?? 0,
    characters[(w3 >>> 8) & 63] ?? 0,
    characters[(w3 >>> 2) & 63] ?? 0,
    characters[((w3 << 4) & 63) | (w4 >>> 28)] ?? 0,
  )
}

/** Characters 23 to 43 of 256 bits. */
export function lastCharacters(from: Int32Array): string {
  const w4 = from[4] ?? 0
  const w5 = from[5] ?? 0
  const w6 = from[6] ?? 0
  const w7 = from[7] ?? 0
  return String.fromCharCode(
    characters[(w4 >>> 22) & 63] ?? 0,
    characters[(w4 >>> 16) & 63] ?? 0,
    characters[(w4 >>> 10) & 63] ?? 0,
    characters[(w4 >>> 4) & 63] ?? 0,
    characters[((w4 << 2) & 63) | (w5 >>> 30)] ?? 0,
    characters[(w5 >>> 24) & 63] ?? 0,
    characters[(w5 >>> 18) & 63] ?? 0,
    characters[(w5 >>> 12) & 63] ?? 0,
    characters[(w5 >>> 6) & 63] ?? 0,
    characters[w5 & 63] ?? 0,
    characters[w6 >>> 26] ?? 0,
    characters[(w6 >>> 20) & 63] ?? 0,
    characters[(w6 >>> 14) & 63] ?? 0,
    characters[(w6 >>> 8) & 63] ?? 0,
    characters[(w6 >>> 2) & 63] ?? 0,
    characters[((w6 << 4) & 63) | (w7 >>> 28)] ?? 0,
    characters[(w7 >>> 22) & 63] ?? 0,
    characters[(w7 >>> 16) & 63] ?? 0,
    characters[(w7 >>> 10) & 63] ?? 0,
    characters[(w7 >>> 4) & 63] ?? 0,
    characters[(w7 << 2) & 63] ?? 0,
  )
}
