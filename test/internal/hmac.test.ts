import { createHmac, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMac } from '../../src/internal/hmac'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())

function expectSame(key: Uint8Array, message: string): void {
  const mac = createMac(key)
  const expected = createHmac('sha256', key).update(message).digest()
  const text = expected.toString('base64url')
  expect(Buffer.from(mac.bytes(message)).toString('hex')).toBe(expected.toString('hex'))
  expect(mac.tag(message)).toBe(text.slice(0, 22))
  expect(mac.pair(message)).toEqual([text.slice(0, 22), text.slice(22)])
}

describe(`a MAC is Node's HMAC-SHA-256, seed ${seed}`, () => {
  it('for messages and keys of every length around the limits of blocks', () => {
    for (let length = 0; length <= 300; length += 1) {
      expectSame(randomBytes(32), 'x'.repeat(length))
      expectSame(new Uint8Array(randomBytes(length)), 'message')
    }
  })

  it('for random keys and texts', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 150 }),
        fc.oneof(fc.string({ maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 200 })),
        expectSame,
      ),
      { seed, numRuns: 2_000 },
    )
  })

  it('for what is not ASCII at any place, alone surrogates and long texts', () => {
    for (const odd of ['é', '\u07ff', '\u0800', '\uffff', '😀', '\ud800', '\udc00', '\u0000']) {
      for (let length = 0; length <= 130; length += 1) {
        expectSame(randomBytes(32), `${'x'.repeat(length)}${odd}yz`)
      }
    }
    for (const length of [1_000, 65_536, 2_500_003]) expectSame(randomBytes(32), 'x'.repeat(length))
  })

  it('whatever was authenticated before, under whichever key', () => {
    const keys = Array.from({ length: 5 }, () => randomBytes(32))
    const macs = keys.map((key) => createMac(key))
    const messages = ['', 'short', 'x'.repeat(119), 'é'.repeat(40), 'x'.repeat(700)]
    for (let turn = 0; turn < 2_000; turn += 1) {
      const [one, other] = [(turn * 7) % 5, (turn * 11 + (turn >> 3)) % 5]
      const message = messages[other] ?? ''
      const expected = createHmac('sha256', keys[one] ?? '')
        .update(message)
        .digest('hex')
      expect(Buffer.from(macs[one]?.bytes(message) ?? []).toString('hex')).toBe(expected)
    }
  })

  it('for the published test cases', () => {
    // RFC 4231, sections 4.2, 4.3 and 4.7.
    const cases: [Uint8Array, string, string][] = [
      [
        new Uint8Array(20).fill(0x0b),
        'Hi There',
        'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
      ],
      [
        Buffer.from('Jefe'),
        'what do ya want for nothing?',
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      ],
      [
        new Uint8Array(131).fill(0xaa),
        'Test Using Larger Than Block-Size Key - Hash Key First',
        '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
      ],
    ]
    for (const [key, message, expected] of cases) {
      expect(Buffer.from(createMac(key).bytes(message)).toString('hex')).toBe(expected)
    }
  })
})
