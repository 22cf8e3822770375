import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64url, encodeBase64url } from '../../src/internal/base64url'
import { createMac, open, randomText, seal } from '../../src/internal/crypto'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
const key = new Uint8Array(randomBytes(32))

describe(`base64url, seed ${seed}`, () => {
  it('is what Node writes and reads', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64url(text)).toEqual(bytes)
      }),
      { seed },
    )
  })

  it('reads nothing else', () => {
    for (const text of ['a+b/', 'ab=', 'a b', 'é', '\u0000']) {
      expect(decodeBase64url(text)).toBeNull()
    }
  })
})

describe('on Node and on WebCrypto alike', () => {
  it('a MAC is HMAC-SHA-256', async () => {
    for (const message of ['', 'text', 'ünïcode 😀', 'x'.repeat(1000)]) {
      const expected = createHmac('sha256', key).update(message).digest()
      for (const mac of [createMac(key), createMac(key, null)]) {
        expect(Buffer.from(await mac.bytes(message)).equals(expected)).toBe(true)
        expect(await mac.text(message)).toBe(expected.toString('base64url'))
      }
    }
  })

  it('what one seals the other opens', async () => {
    for (const text of ['', 'text', 'ünïcode 😀', 'x'.repeat(1000)]) {
      const sealed = await seal(key, text, 'context')
      expect(await seal(key, text, 'context', null)).toBe(sealed)
      expect(await open(key, sealed, 'context')).toBe(text)
      expect(await open(key, sealed, 'context', null)).toBe(text)
    }
  })

  it('nothing opens what was changed, cut, or sealed for something else', async () => {
    const sealed = await seal(key, 'a secret text', 'context')
    const other = new Uint8Array(randomBytes(32))
    const changed = Array.from(sealed, (character, at) => {
      const next = character === 'A' ? 'B' : 'A'
      return sealed.slice(0, at) + next + sealed.slice(at + 1)
    }).filter((text) => !Buffer.from(text, 'base64url').equals(Buffer.from(sealed, 'base64url')))
    for (const runtime of [undefined, null]) {
      for (const text of [...changed, sealed.slice(0, -4), '', 'short', 'not base64!']) {
        expect(await open(key, text, 'context', runtime)).toBeNull()
      }
      expect(await open(other, sealed, 'context', runtime)).toBeNull()
      expect(await open(key, sealed, 'other', runtime)).toBeNull()
    }
  })
})

describe('random text', () => {
  it('is 22 characters, and never the same', () => {
    const texts = Array.from({ length: 100_000 }, randomText)
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts.every((text) => /^[\w-]{22}$/.test(text))).toBe(true)
  })

  it('uses every bit of 16 bytes', () => {
    const ones = new Array<number>(128).fill(0)
    const count = 20_000
    for (let draw = 0; draw < count; draw++) {
      const bytes = Buffer.from(randomText(), 'base64url')
      for (let bit = 0; bit < 128; bit++) {
        ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1)
      }
    }
    // Six standard deviations of a fair coin.
    const tolerance = 3 * Math.sqrt(count)
    for (const times of ones) expect(Math.abs(times - count / 2)).toBeLessThan(tolerance)
  })
})
