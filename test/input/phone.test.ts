import {
  type CountryCode,
  getCountries,
  getExampleNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { describe, expect, it } from 'vitest'
import { maskPhone, parsePhone } from '../../src/input/phone'

const any = { countries: 'any' } as const

function numberOf(input: string, rules: Parameters<typeof parsePhone>[1] = any): string {
  const parsed = parsePhone(input, rules)
  return parsed.ok ? parsed.phone.number : parsed.problem
}

// Zero of every block of digits that is read, and the script's name.
const scripts: readonly (readonly [string, number])[] = [
  ['ASCII', 0x0030],
  ['Arabic-Indic', 0x0660],
  ['Persian', 0x06f0],
  ['Devanagari', 0x0966],
  ['Bengali', 0x09e6],
  ['Gurmukhi', 0x0a66],
  ['Gujarati', 0x0ae6],
  ['Oriya', 0x0b66],
  ['Tamil', 0x0be6],
  ['Telugu', 0x0c66],
  ['Kannada', 0x0ce6],
  ['Malayalam', 0x0d66],
  ['Thai', 0x0e50],
  ['Lao', 0x0ed0],
  ['Tibetan', 0x0f20],
  ['Myanmar', 0x1040],
  ['Khmer', 0x17e0],
  ['Mongolian', 0x1810],
  ['full-width', 0xff10],
  ['Chakma', 0x11136],
  ['Adlam', 0x1e950],
]

describe('spelling', () => {
  it.each(scripts)('S60 reads %s digits', (_, zero) => {
    const inScript = (digits: string, from = zero) =>
      digits.replace(/\d/g, (digit) => String.fromCodePoint(from + Number(digit)))
    for (const plus of ['+', '\uff0b', '+91', `+${inScript('91', zero === 0x30 ? 0x660 : 0x30)}`]) {
      const digits = plus.length === 1 ? '919876543210' : '9876543210'
      expect(numberOf(plus + inScript(digits))).toBe('+919876543210')
    }
  })

  it.each([
    '+91 98765 43210',
    '+ 91 98765 43210',
    '+91-98765\u201043210',
    '+91\u202f98765\u200943210',
    '+91.98765.43210',
    '+91 (98765) 43210',
    '+91 (98 76-5) - 43210',
    '\u2066+919876543210\u2069',
    '\u200e\u00a0+919876543210 \u200f\u061c',
    '\u202d+91 98765 43210\u202c',
    '+91\u200b98765\ufeff432\u00ad10\u2060',
    '\u2068+91\u200e98765\u200d43210\u2069\ufe0f',
    '\uff0b\uff19\uff11\u3000\uff08\uff19\uff18\uff17\uff16\uff15\uff09\uff0d\uff14\uff13\uff12\uff11\uff10',
    '+91/98765/43210',
    '+91\uff0f98765\uff0e43210',
    '+91~98765\u223c43210',
    '[+91] 98765 43210',
    '(+91) 98765.43210',
    '+91 ((98765 43210.',
    '- +91 98765 43210',
    '+91\u20149876543210',
    '+91\u221298765\u30fc43210',
    '+919876543210\n',
    '+919876543210\r\n',
    '\t+91\t98765\t43210',
    '+91\n98765\u00a043210',
    '+91\u2028987654\u20093210\u0085',
    '+91\v98765\f43210',
  ])('reads %j', (written) => {
    expect(numberOf(written)).toBe('+919876543210')
  })

  it.each([
    '91+9876543210',
    '++919876543210',
    '+91 98765 43210 +91 98765 43211',
    '+919876543210\n+919876543211',
    '+919876543210,9876543211',
    '+91 98765 43210 x5',
    '+91 98765 4321O',
    '+91 98765 4321l',
    '+91 98765 4321\u0417',
    '+91 98765 4321\uff2f',
    '+91 98765 4321\u00b2',
    '+91 98765 4321\u2460',
    '+91 98765 4321\u{1d7d8}',
    '+91 98765 4321\u{1fbf0}',
    '+91 98765 4321\u3007',
    '+91\u3164 98765 43210',
    '\u202e+919876543210',
    '+91\u202e98765\u202c43210',
    '\u207a919876543210',
    '\ufe62919876543210',
    '+91_9876543210',
    '+91*9876543210',
    '+91\u00b79876543210',
    '()',
    '+',
    '-',
  ])('S58 refuses %j', (written) => {
    expect(numberOf(written)).toBe('character')
  })

  it('refuses two numbers that would make a longer one', () => {
    const germany = { countries: 'any', defaultCountry: 'DE' } as const
    expect(numberOf('028431184/0460303', germany)).toBe('character')
    expect(numberOf('028431184\n0460303', germany)).toBe('character')
    expect(numberOf('0284/31184/0460303', germany)).toBe('character')
    expect(numberOf('028431184/0460/303', germany)).toBe('character')
    expect(numberOf('0171/1234567', germany)).toBe('+491711234567')
    const luxembourg = { countries: 'any', defaultCountry: 'LU' } as const
    expect(numberOf('83844 / 4438', luxembourg)).toBe('character')
    expect(numberOf('+352 83844 ~ 4438')).toBe('character')
    expect(numberOf('+352 621/123456')).toBe('+352621123456')
  })

  it('S57 takes 32 characters and no more', () => {
    expect(numberOf('+919876543210'.padEnd(32))).toBe('+919876543210')
    expect(numberOf('+919876543210'.padEnd(33))).toBe('too_long')
    expect(numberOf('9'.repeat(33))).toBe('too_long')
    expect(numberOf([...'+919876543210'].join('\u200b\u2060'))).toBe('+919876543210')
    expect(numberOf('+919876543210'.padEnd(128, '\u200b'))).toBe('+919876543210')
    expect(numberOf('+919876543210'.padEnd(129, '\u200b'))).toBe('too_long')
  })

  it('S61 refuses control characters wherever they stand', () => {
    for (const control of ['\0', '\u0008', '\u000e', '\u001b', '\u007f', '\u009f']) {
      expect(numberOf(`${control}+919876543210`)).toBe('control_character')
      expect(numberOf(`+9198765${control}43210`)).toBe('control_character')
    }
  })
})

describe('identity', () => {
  // A parser makes all of these into a number that has another name.
  it.each(['+4407911123456', '+44 (0)7911 123456', '+6208123456789', '+39 003123456789'])(
    '%s is not mended into a second name for a telephone',
    (written) => {
      expect(numberOf(written)).toBe('number')
    },
  )

  it.each(getCountries())(
    'the example mobile of %s is itself, however it is written',
    (country) => {
      const example = getExampleNumber(country, examples)
      if (example === undefined) throw new Error('no example')
      const { number, nationalNumber } = example
      const rules = { countries: 'any', defaultCountry: country } as const
      const parsed = parsePhone(number, any)
      expect(parsed).toMatchObject({ ok: true, phone: { number } })
      expect(parsePhone(nationalNumber, rules)).toEqual(parsed)
      expect(parsePhone(example.formatNational(), rules)).toEqual(parsed)
      expect(parsePhone(example.formatInternational(), any)).toEqual(parsed)
    },
  )

  it('agrees with the parser on what is valid', () => {
    for (const country of getCountries()) {
      const example = getExampleNumber(country, examples)?.number ?? ''
      for (const number of [example, `${example}0`, example.slice(0, -1), `${example}000`]) {
        const parsed = parsePhoneNumberFromString(number, { extract: false })
        const valid = parsed?.isValid() === true && parsed.number === number
        const refused = ['too_short', 'number', 'country'].includes(numberOf(number))
        expect([number, refused]).toEqual([number, !valid])
      }
    }
  })
})

describe('national format', () => {
  const india = { countries: new Set(['IN']), defaultCountry: 'IN' }

  it.each(['9876543210', '09876543210', '098765-43210', '919876543210', '0091 98765 43210'])(
    '%s is read where India is the default',
    (written) => {
      expect(numberOf(written, india)).toBe('+919876543210')
      expect(numberOf(written)).toBe('country_code_missing')
    },
  )

  it('passes the same checks as any number', () => {
    expect(numberOf('12345', india)).toBe('too_short')
    expect(numberOf('1', india)).toBe('too_short')
    expect(numberOf('01', india)).toBe('too_short')
    expect(numberOf('001', india)).toBe('too_short')
    expect(numberOf('98765432101', india)).toBe('number')
    expect(numberOf('9'.repeat(18), india)).toBe('number')
    expect(numberOf('00 44 7400 123456', india)).toBe('country')
    expect(numberOf('1800 123 4567', india)).toBe('number_type')
  })

  it('an unknown default country is none', () => {
    for (const defaultCountry of ['XX', 'in', '', '__proto__', 'constructor']) {
      expect(numberOf('9876543210', { countries: 'any', defaultCountry })).toBe(
        'country_code_missing',
      )
    }
  })
})

describe('countries', () => {
  it('are regions, not calling codes', () => {
    const states = { countries: new Set(['US']) }
    expect(numberOf('+14155552671', states)).toBe('+14155552671')
    expect(numberOf('+18769571234', states)).toBe('country')
    expect(numberOf('+16135550123', states)).toBe('country')
    expect(numberOf('+77012345678', { countries: new Set(['RU']) })).toBe('country')
  })

  it('none serves nobody', () => {
    expect(numberOf('+919876543210', { countries: new Set() })).toBe('country')
  })

  it('GB serves the islands on its plan, and not the other way round', () => {
    const islands: readonly [CountryCode, string][] = [
      ['GG', '+447781123456'],
      ['JE', '+447797712345'],
      ['IM', '+447624123456'],
    ]
    for (const [country, number] of islands) {
      expect(parsePhone(number, { countries: new Set(['GB']) })).toMatchObject({
        ok: true,
        phone: { country },
      })
      expect(numberOf(number, { countries: new Set([country]) })).toBe(number)
      expect(numberOf('+447400123456', { countries: new Set([country]) })).toBe('country')
      expect(numberOf(number, { countries: new Set(['FR']) })).toBe('country')
    }
    expect(numberOf('+447781123456', { countries: new Set(['JE']) })).toBe('country')
    expect(numberOf('+33612345678', { countries: new Set(['GB']) })).toBe('country')
  })

  it.each(['+8821612345678', '+8831000000001', '+870773111632', '+999123456789', '+0123456789'])(
    '%s belongs to no country, so not even `any` serves it',
    (number) => {
      expect(numberOf(number)).toBe('country')
    },
  )
})

describe('number types', () => {
  it.each([
    ['+919876543210', 'mobile'],
    ['+14155552671', 'fixed_line_or_mobile'],
    ['+541123456789', 'fixed_line'],
    ['+551123456789', 'fixed_line'],
    ['+445612345678', 'voip'],
  ])('%s is %s', (number, numberType) => {
    expect(parsePhone(number, any)).toMatchObject({ ok: true, phone: { numberType } })
  })

  it.each([
    ['premium rate', '+19005550123'],
    ['toll-free', '+18005551234'],
    ['shared cost', '+448431234567'],
    ['personal number', '+447012345678'],
    ['pager', '+447640123456'],
    ['company number', '+445512345678'],
    ['voicemail', '+41860791234567'],
  ])('never serves %s', (_, number) => {
    expect(numberOf(number)).toBe('number_type')
  })
})

describe('mask', () => {
  it('shows the calling code and two digits', () => {
    expect(maskPhone('+919876543210', 'IN')).toBe('+91••••••••10')
    expect(maskPhone('+14155552671', 'US')).toBe('+1••••••••71')
    expect(maskPhone('+447911123456', 'GG')).toBe('+44••••••••56')
  })

  it('shows less where the country is not known', () => {
    expect(maskPhone('+919876543210', undefined)).toBe('+••••••••••10')
    expect(maskPhone('+919876543210', 'XX')).toBe('+••••••••••10')
  })
})
