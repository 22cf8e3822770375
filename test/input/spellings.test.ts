import { type CountryCode, getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { describe, expect, it } from 'vitest'
import { parsePhone } from '../../src/input/phone'
import { part, randomNumbers, type Sample, seededRandom } from './random-numbers'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.info(`test/input/spellings.test.ts: OTPKIT_SEED=${seed}`)

type Reader = (input: string, defaultCountry: CountryCode) => string | undefined

const read: Reader = (input, defaultCountry) => {
  const parsed = parsePhone(input, { countries: 'any', defaultCountry })
  return parsed.ok ? parsed.phone.number : undefined
}

// Written here once more, from Unicode and from `VALID_PUNCTUATION` of libphonenumber.
const zeros = [0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xbe6, 0xe50, 0x1810, 0xff10, 0x1e950]
const invisible = [...'\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d']
invisible.push(...'\u2060\u2063\u2066\u2067\u2068\u2069\ufe0f\ufeff')
const white = [...' \t\n\r\v\f\u0085\u00a0\u1680\u2003\u2009\u2028\u2029\u202f\u205f\u3000']
const punctuation = [...'-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d/\uff0f.\uff0e']
punctuation.push(...'()\uff08\uff09[]\uff3b\uff3d~\u2053\u223c\uff5e')
const between = [...white, ...punctuation]

/** Letters, digits that are none, and signs: whatever stands among digits and is read as something. */
const strange = [
  ...'oOlISxXeEp,;:#*_|&%@=\'"<{`^$!?',
  ...'\u0000\u0008\u007f\u009b\u202e\u0417\u041e\u03bf\u06d4\uff2f\u00b2\u2460\u2070\u3007\u4e00\u3164\u115f',
  ...['\u{1d7ce}', '\u{1d7ff}', '\u{1fbf0}', '\u{1f51f}', '\ud800'],
]

describe('spellings of phone numbers', () => {
  const { pick, below, chance } = seededRandom(seed)
  const samples = randomNumbers(seed, { each: 60, valid: true })

  /** As somebody might write it: in at most 32 characters that are seen. */
  function spell({ number, national }: Sample): string {
    const isNational = chance(0.3) && national !== undefined
    const digits = isNational ? national : number.slice(1)
    const scripts = [pick(zeros), pick(zeros)]
    let room = 31 - digits.length
    const filling = () => {
      let text = ''
      while (room > 0 && chance(0.15)) {
        text += pick(between)
        room -= 1
      }
      return chance(0.05) ? text + pick(invisible) : text
    }
    let text = isNational ? '' : pick(['+', '\uff0b'])
    for (const digit of digits) {
      text += String.fromCodePoint(pick(scripts) + Number(digit)) + filling()
    }
    return filling() + text
  }

  /** Two recipients in one field, or one with something that could be read otherwise. */
  function spoil(sample: Sample): string {
    const text = [...spell(sample)].slice(0, 32)
    if (chance(0.5)) {
      text.splice(1 + below(text.length), 0, pick(strange))
      return text.join('')
    }
    const { number } = pick(samples)
    return sample.number + pick([...between, ',', ';', ' or ', '']) + number
  }

  /** The first spelling that is not read as its number, of so many. */
  function misread(reader: Reader, count: number): string | undefined {
    for (let done = 0; done < count; done += 1) {
      const sample = pick(samples)
      const text = spell(sample)
      // A number that can be cut into two at a line break or a slash is refused as two.
      const number = reader(text, sample.country)
      if (number !== sample.number && !(number === undefined && mayBeTwo(text, sample))) return text
    }
    return undefined
  }

  function mayBeTwo(text: string, { country }: Sample): boolean {
    const parts = asciiOf(text).split(/[/\uff0f~\u2053\u223c\uff5e\n\v\f\r\u0085\u2028\u2029]+/)
    const isComplete = (part: string) => {
      const digits = part.replace(/[^0-9+]/g, '')
      const read = parsePhoneNumberFromString(digits, { defaultCountry: country, extract: false })
      return read?.isValid() === true
    }
    return (
      parts.length > 1 &&
      parts.some((_, position) => {
        const [first, second] = [parts.slice(0, position), parts.slice(position)]
        return isComplete(first.join('')) && isComplete(second.join(''))
      })
    )
  }

  /** The first spoilt spelling that is read, of so many. */
  function readThough(reader: Reader, count: number): string | undefined {
    for (let done = 0; done < count; done += 1) {
      const sample = pick(samples)
      const text = spoil(sample)
      if (reader(text, sample.country) !== undefined) return text
    }
    return undefined
  }

  it('S34 S58 S60 every spelling is one recipient', () => {
    expect(new Set(samples.map(({ country }) => country)).size).toBe(getCountries().length)
    expect(misread(read, 100_000 * part)).toBeUndefined()
  })

  it('S58 S59 no input names two', () => {
    expect(readThough(read, 100_000 * part)).toBeUndefined()
  })

  it('S60 what is read is what libphonenumber reads', () => {
    for (let done = 0; done < 30_000 * part; done += 1) {
      const sample = pick(samples)
      const text = chance(0.5) ? spell(sample) : spoil(sample)
      const number = read(text, sample.country)
      if (number === undefined) continue
      const { country: defaultCountry } = sample
      const visible = asciiOf(text)
        .replace('\uff0b', '+')
        .replace(/[^0-9+]/g, ' ')
        .trim()
      const parsed = parsePhoneNumberFromString(visible, { defaultCountry, extract: false })
      expect([text, parsed?.number]).toEqual([text, number])
    }
  })

  it.each<[string, Reader]>([
    ['takes a letter for a digit', (text, country) => read(text.replace(/[oO]/g, '0'), country)],
    ['leaves letters out', (text, country) => read(text.replace(/\p{L}/gu, ''), country)],
    ['takes digits by their look', (text, country) => read(text.normalize('NFKC'), country)],
    ['reads the first of two', (text, country) => read(text.split(/[,;]/)[0] ?? '', country)],
    ['leaves every mark out', (text, country) => read(text.replace(/\u202e/g, ''), country)],
  ])('a reader that %s is found out', (_, broken) => {
    expect(readThough(broken, 100_000)).toBeDefined()
  })

  it.each<[string, Reader]>([
    [
      'knows no full-width sign',
      (text, country) => (/[\uff08-\uff0f]/.test(text) ? undefined : read(text, country)),
    ],
    [
      'refuses a mix of digits',
      (text, country) => (/[0-9].*[\u06f0-\u06f9]/s.test(text) ? undefined : read(text, country)),
    ],
    [
      'refuses line breaks',
      (text, country) => (/[\r\n]/.test(text) ? undefined : read(text, country)),
    ],
    ['makes a second name', (text, country) => read(text, country)?.replace(/^\+39/, '+0039')],
  ])('a reader that %s is found out', (_, broken) => {
    expect(misread(broken, 100_000)).toBeDefined()
  })
})

/** With its digits in ASCII, by the table above. */
function asciiOf(text: string): string {
  return [...text]
    .map((character) => {
      const codePoint = character.codePointAt(0) ?? 0
      const zero = zeros.find((each) => codePoint >= each && codePoint <= each + 9)
      return zero === undefined ? character : String(codePoint - zero)
    })
    .join('')
}
