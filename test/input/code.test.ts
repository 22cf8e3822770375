import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CodeAlphabet, normaliseCode, writeCode } from '../../src/input/code'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.info(`test/input/code.test.ts: OTPKIT_SEED=${seed}`)
fc.configureGlobal({ seed })

const characters: Readonly<Record<CodeAlphabet, string>> = {
  digits: '0123456789',
  base32: '0123456789ABCDEFGHJKMNPQRSTVWXYZ',
}

function read(input: unknown, alphabet: CodeAlphabet = 'digits'): string {
  const result = normaliseCode(input, alphabet)
  return result.ok ? result.code : result.problem
}

describe('a typed code of digits', () => {
  it.each([
    '123456',
    ' 123 456 ',
    '123-456',
    '12\u201134\u201356',
    '1 2 3 4 5 6',
    '\u200e123456',
    '\u202d123456\u202c',
    '\u2067123\u00ad456\u2069\ufeff',
    '12\u200b34\u206056\u200d',
    '\uff11\uff12\uff13\uff0d\uff14\uff15\uff16',
    '123\u3000456',
    '\uff08123456\uff09',
    '123\u2014456',
    '123\u2212456',
    '123/456',
    '[123456]',
    '123456\r\n',
    '\t123\t456',
    '123\n456\u00a0',
    '123456\u2028',
    '12\u06634\u096b\u{1e956}',
  ])('%j is 123456', (typed) => {
    expect(read(typed)).toBe('123456')
  })

  it.each([
    '123.456',
    '+123456',
    '123,456',
    '123456;',
    '123:456',
    "123'456",
    '\u202e654321',
    '123\u3164456',
    '12345\u00b2',
    '12345\u{1d7de}',
    '12345\u{1fbf6}',
    '12345\u2465',
    '12345\u4e94',
    '12345\u0417',
    '12345l',
    '12345\uff2f',
  ])('S59 refuses %j', (typed) => {
    expect(read(typed)).toBe('character')
  })

  it.each(['\0', '\u0007', '\u001b', '\u007f', '\u009f'])('S61 refuses %j in it', (control) => {
    expect(read(`123${control}456`)).toBe('control_character')
    expect(read(`123456${control}`)).toBe('control_character')
  })

  it.each([0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10])(
    'S60 reads the digits from %i on',
    (zero) => {
      const typed = String.fromCharCode(...[0, 1, 2, 7, 8, 9].map((digit) => zero + digit))
      expect(read(`${typed.slice(0, 3)} ${typed.slice(3)}`)).toBe('012789')
      expect(read(`${typed}1`)).toBe('0127891')
    },
  )

  it('S68 any length from 4 to 10 is a code', () => {
    expect(read('123')).toBe('length')
    expect(read('1234')).toBe('1234')
    expect(read('1234567890')).toBe('1234567890')
    expect(read('12345678901')).toBe('length')
    for (const [typed, code] of [
      ['1 23', 'length'],
      ['12 34', '1234'],
      ['12345 67890', '1234567890'],
      ['123456 78901', 'length'],
    ]) {
      expect(read(typed)).toBe(code)
    }
    expect(read('ABCDE-FGHJK', 'base32')).toBe('ABCDEFGHJK')
  })

  it('S56 S57 S65 takes nothing but short primitive strings', () => {
    for (const input of [123456, 0o12345, 1e5, 123456n, null, undefined, ['123456'], {}]) {
      expect(read(input)).toBe('type')
    }
    expect(read('1'.repeat(64))).toBe('length')
    expect(read('1'.repeat(65))).toBe('too_long')
  })

  it('S19 nothing is no code', () => {
    for (const input of ['', ' ', '\u200e\u00a0']) expect(read(input)).toBe('empty')
    for (const input of ['-', '- -']) expect(read(input)).toBe('character')
  })
})

describe('a typed code in base 32', () => {
  it.each([
    ['9f3k-7qxz', '9F3K7QXZ'],
    ['oO iI lL', '001111'],
    ['\u0661\u0662ab', '12AB'],
    ['123456', '123456'],
  ])('%j is %s', (typed, code) => {
    expect(read(typed, 'base32')).toBe(code)
  })

  it.each([
    'ABCU',
    'ABC\u0131',
    'ABC\u0130',
    'ABC\u212a',
    'AB\u017fC',
    '\uff21BCD',
    'AB_C',
    'AB+C',
  ])('S59 refuses %j', (typed) => {
    expect(read(typed, 'base32')).toBe('character')
  })

  it('letters are none of a code of digits', () => {
    expect(read('12345O')).toBe('character')
  })
})

describe('properties', () => {
  it.each(['digits', 'base32'] as const)('S58 S64 a code of %s is its own normal form', (name) => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom(...characters[name], ...'oil -\u00a0'),
        fc.nat(0xffff).map((code) => String.fromCharCode(code)),
      ),
      maxLength: 14,
    })
    fc.assert(
      fc.property(fc.oneof(text, fc.anything()), (input) => {
        const result = normaliseCode(input, name)
        if (!result.ok) return
        expect(result.code).toMatch(name === 'digits' ? /^[0-9]{4,10}$/ : /^[0-9A-Z]{4,10}$/)
        expect([...result.code].every((each) => characters[name].includes(each))).toBe(true)
        expect(normaliseCode(result.code, name)).toEqual(result)
      }),
      { numRuns: 20_000 },
    )
  })

  it.each(['digits', 'base32'] as const)('writes the tail of the number in %s', (name) => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(bytes, fc.integer({ min: 4, max: 10 }), (mac, length) => {
        const before = mac.slice()
        const base = BigInt(characters[name].length)
        let number = BigInt(`0x${Buffer.from(mac).toString('hex')}`)
        let expected = ''
        for (let place = 0; place < length; place++) {
          expected = characters[name].charAt(Number(number % base)) + expected
          number /= base
        }
        expect(writeCode(mac, name, length)).toBe(expected)
        expect(mac).toEqual(before)
      }),
      { numRuns: 2_000 },
    )
  })

  it('S01 keeps leading zeros', () => {
    expect(writeCode(new Uint8Array(32), 'digits', 6)).toBe('000000')
    const seven = new Uint8Array(32).fill(7, 31)
    expect(writeCode(seven, 'digits', 8)).toBe('00000007')
  })

  // Node's HMAC gives a Buffer, whose `slice` does not copy and whose memory others share.
  it.each([
    ['an array', new Uint8Array(64)],
    ['a Buffer', Buffer.alloc(64)],
  ])('reads the MAC alone, and leaves it alone, in %s', (_, memory) => {
    memory.fill(255, 0, 16).fill(1, 48)
    const before = Uint8Array.from(memory)
    expect(writeCode(memory.subarray(16, 48), 'digits', 6)).toBe('000000')
    expect(Uint8Array.from(memory)).toEqual(before)
  })
})
