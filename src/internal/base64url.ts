const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Map(Array.from(alphabet, (character, value) => [character.charCodeAt(0), value]))

/** Base64url without padding (RFC 4648 section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  // Written at once: a text that grows by characters is kept by V8 as a chain of its parts.
  const characters: number[] = []
  let bits = 0
  let count = 0
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff
    count += 8
    while (count >= 6) {
      count -= 6
      characters.push(alphabet.charCodeAt((bits >> count) & 63))
    }
  }
  if (count > 0) characters.push(alphabet.charCodeAt((bits << (6 - count)) & 63))
  return String.fromCharCode(...characters)
}

/** The bytes of base64url text, or `null` where it holds anything else. */
export function decodeBase64url(text: string): Uint8Array | null {
  const bytes = new Uint8Array((text.length * 6) >> 3)
  let bits = 0
  let count = 0
  let position = 0
  for (let index = 0; index < text.length; index += 1) {
    const value = values.get(text.charCodeAt(index))
    if (value === undefined) return null
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
  const characters = Array.from(left, (character, index) => {
    const value = values.get(character.charCodeAt(0)) ?? 0
    return alphabet.charCodeAt(value ^ (values.get(right.charCodeAt(index)) ?? 0))
  })
  return String.fromCharCode(...characters)
}
