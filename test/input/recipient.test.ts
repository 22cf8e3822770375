import fc from 'fast-check'
import { getCountries, getExampleNumber } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { describe, expect, it } from 'vitest'
import {
  canReceive,
  maskRecipient,
  parseRecipient,
  phonePrefix,
  type Recipient,
} from '../../src/input/recipient'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.info(`test/input/recipient.test.ts: OTPKIT_SEED=${seed}`)
fc.configureGlobal({ seed })

const rules = { countries: 'any', defaultCountry: 'IN' } as const

function read(input: unknown): Recipient {
  const parsed = parseRecipient(input, rules)
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.recipient
}

describe('parseRecipient', () => {
  it('reads a phone number', () => {
    expect(read('098765-43210')).toEqual({
      kind: 'phone',
      identity: '+919876543210',
      envelope: '+919876543210',
      abuseKey: '+919876543210',
      country: 'IN',
      numberType: 'mobile',
    })
  })

  it('reads an e-mail address', () => {
    expect(read('U.ser+tag@GoogleMail.com')).toEqual({
      kind: 'email',
      identity: 'u.ser+tag@googlemail.com',
      envelope: 'U.ser+tag@googlemail.com',
      abuseKey: 'user@gmail.com',
    })
  })

  it('S56 takes nothing but primitive strings', () => {
    let reads = 0
    const changing = { toString: () => (reads++ === 0 ? '+919876543210' : '+14155552671') }
    const inputs = [null, undefined, 919876543210, 1n, true, Symbol('to'), [], ['+919876543210']]
    for (const input of [...inputs, new String('+919876543210'), changing, { $ne: '' }]) {
      expect(parseRecipient(input, rules)).toEqual({ ok: false, problem: 'type' })
    }
    expect(reads).toBe(0)
  })

  it('S57 looks at the length first', () => {
    expect(parseRecipient('\n'.repeat(321), rules)).toEqual({ ok: false, problem: 'too_long' })
    expect(read('a@example.com'.padEnd(320)).identity).toBe('a@example.com')
    expect(parseRecipient('a@example.com'.padEnd(321), rules)).toMatchObject({
      problem: 'too_long',
    })
    expect(parseRecipient('9'.repeat(33), rules)).toEqual({ ok: false, problem: 'too_long' })
    expect(parseRecipient(`a@\n${'a'.repeat(318)}`.slice(0, 320), rules)).toMatchObject({
      problem: 'control_character',
    })
  })

  it('knows an empty value', () => {
    for (const input of ['', ' ', '\u00a0\u200e ']) {
      expect(parseRecipient(input, rules)).toEqual({ ok: false, problem: 'empty' })
    }
  })
})

describe('canReceive', () => {
  it.each([
    ['mobile', '+919876543210', true],
    ['mobile or landline', '+14155552671', true],
    ['landline', '+541123456789', false],
    ['internet line', '+445612345678', false],
  ])('a %s', (_, number, sms) => {
    const recipient = read(number)
    expect(canReceive(recipient, 'sms')).toBe(sms)
    for (const channel of ['whatsapp', 'voice', 'telegram']) {
      expect(canReceive(recipient, channel)).toBe(true)
    }
  })

  it('a mailbox has no number type', () => {
    expect(canReceive(read('user@gmail.com'), 'email')).toBe(true)
    expect(canReceive(read('user@gmail.com'), 'sms'), 'what a delivery reaches is its own').toBe(
      true,
    )
  })
})

describe('what may be shown and counted', () => {
  it('a mask is recognised by its owner only', () => {
    expect(maskRecipient(read('+919876543210'))).toBe('+91••••••••10')
    expect(maskRecipient(read('user@gmail.com'))).toBe('u•••@gmail.com')
  })

  it('a prefix leaves the last four digits out', () => {
    expect(phonePrefix(read('+919876543210'))).toBe('+91987654')
    expect(phonePrefix(read('user@gmail.com'))).toBe('')
  })
})

const numbers = getCountries().flatMap((country) => {
  const number = getExampleNumber(country, examples)?.number
  return number === undefined ? [] : [number]
})
const zeros = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x17e0, 0xff10]
const separator = fc.constantFrom('', '', '', ' ', '-', '\u00a0', '\u2011', '\u2013', '\u202f')
const outer = fc.string({ unit: fc.constantFrom(' ', '\u00a0', '\u200e', '\u202c'), maxLength: 2 })

/** A number as its owner might write it. */
const spelling = fc
  .record({
    number: fc.constantFrom(...numbers),
    zero: fc.constantFrom(...zeros),
    plus: fc.constantFrom('+', '\uff0b'),
    separators: fc.array(separator, { minLength: 5, maxLength: 5 }),
    before: outer,
    after: outer,
  })
  .map(({ number, zero, plus, separators, before, after }) => {
    const digits = [...number.slice(1)].map((digit, index) => {
      const between = index > 0 && index % 3 === 0 ? (separators[index / 3] ?? '') : ''
      return between + String.fromCharCode(zero + Number(digit))
    })
    return { number, written: before + plus + digits.join('') + after }
  })

const unit = fc.nat(0xffff).map((code) => String.fromCharCode(code))
const odd = fc.constantFrom(...'+0@.- ()\u0661\u0967\uff11\n\u202e\u200b\ud800;,e')

/** A text that is nearly a recipient: one of its characters replaced, or one put in. */
const nearly = fc
  .tuple(
    fc.oneof(
      spelling.map(({ written }) => written),
      fc.constantFrom('user@gmail.com', 'First.Last+tag@Sub.Example.org'),
    ),
    fc.nat(30),
    fc.nat(1),
    fc.oneof(odd, unit),
  )
  .map(([text, at, replaced, character]) => {
    return text.slice(0, at) + character + text.slice(at + replaced)
  })

describe('properties', () => {
  it('S34 S58 S60 every spelling of a number is that number, in one bucket', () => {
    fc.assert(
      fc.property(spelling, ({ number, written }) => {
        const recipient = read(written)
        expect(recipient.identity).toBe(number)
        expect(recipient.abuseKey).toBe(number)
        expect(read(recipient.identity)).toEqual(recipient)
      }),
      { numRuns: 10_000 },
    )
  })

  it('S34 every alias of a mailbox is in one bucket', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abcXYZ012'), minLength: 1, maxLength: 9 })
    const tag = fc.option(letters, { nil: undefined })
    const hosts = fc.constantFrom('gmail.com', 'GMail.com', 'googlemail.com', 'GOOGLEMAIL.COM')
    fc.assert(
      fc.property(
        letters,
        tag,
        fc.nat(9),
        fc.boolean(),
        hosts,
        (name, tagged, dot, upper, host) => {
          const dotted =
            dot > 0 && dot < name.length ? `${name.slice(0, dot)}.${name.slice(dot)}` : name
          const alias = (upper ? dotted.toUpperCase() : dotted) + (tagged ? `+${tagged}` : '')
          const recipient = read(` ${alias}@${host}`)
          expect(recipient.identity).toBe(`${alias}@${host}`.toLowerCase())
          expect(recipient.envelope).toBe(`${alias}@${host.toLowerCase()}`)
          expect(recipient.abuseKey).toBe(read(`${name}@gmail.com`).abuseKey)
          expect(read(`${alias}@Example.com`).abuseKey).toBe(`${dotted.toLowerCase()}@example.com`)
        },
      ),
      { numRuns: 5_000 },
    )
  })

  it('S58 S64 what is nearly a recipient is refused, or is one in normal form', () => {
    let accepted = 0
    fc.assert(
      fc.property(nearly, (input) => {
        const parsed = parseRecipient(input, rules)
        if (!parsed.ok) return
        accepted++
        const { recipient } = parsed
        const again = parseRecipient(recipient.envelope, rules)
        expect(again).toEqual(parsed)
        expect(read(recipient.identity).identity).toBe(recipient.identity)
        expect(recipient.identity).toMatch(
          recipient.kind === 'phone'
            ? /^\+[1-9][0-9]{6,14}$/
            : /^[a-z0-9._+'~&-]{1,64}@[a-z0-9.-]{4,}$/,
        )
        expect(maskRecipient(recipient)).not.toContain(recipient.identity)
      }),
      { numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(500)
  })

  it('S64 whatever is passed, it never throws, and a refusal names nothing but the problem', () => {
    const text = fc.string({ unit, maxLength: 40 })
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' }), fc.anything()), (input) => {
        const parsed = parseRecipient(input, rules)
        if (!parsed.ok) expect(Object.keys(parsed)).toEqual(['ok', 'problem'])
      }),
      { numRuns: 20_000 },
    )
  })
})
