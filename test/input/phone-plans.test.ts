import { Metadata, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { describe, expect, it } from 'vitest'
import { parsePhone } from '../../src/input/phone'
import { createPlanReader, type PlanReader } from '../../src/input/phone-plans'
import { part, randomNumbers } from './random-numbers'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.info(`test/input/phone-plans.test.ts: OTPKIT_SEED=${seed}`)

const metadata: object = Reflect.get(new Metadata(), 'metadata')
const samples = [
  ...randomNumbers(seed, { each: 620 * part, valid: false }),
  ...randomNumbers(seed, { each: 60 * part, valid: true }),
]

/** What the library says of a number, as far as a reader of plans may answer. */
function byLibrary(number: string) {
  const parsed = parsePhoneNumberFromString(number, { extract: false })
  const numberType = parsed?.number === number ? parsed.getType()?.toLowerCase() : undefined
  return numberType && parsed?.country ? { country: parsed.country, numberType } : undefined
}

/** The first number of which a reader says something else than the library. */
function difference(read: PlanReader): string | undefined {
  for (const { number } of samples) {
    const plain = read(number)
    if (plain === undefined) continue
    const { country, numberType } = byLibrary(number) ?? {}
    if (plain.country !== country || plain.numberType !== numberType) return number
  }
  return undefined
}

/** The metadata with a country's list changed. */
function changed(country: string, change: (list: unknown[]) => void): unknown {
  const copy = structuredClone(metadata)
  const list: unknown = Reflect.get(Reflect.get(copy, 'countries'), country)
  if (!Array.isArray(list)) throw new Error(country)
  change(list)
  return copy
}

const replaceKind = (position: number, kind: unknown) => (list: unknown[]) => {
  const kinds: unknown = list[11]
  if (!Array.isArray(kinds)) throw new Error('no kinds')
  kinds[position] = kind
}

const replaceLengths = (lengths: unknown) => (list: unknown[]) => {
  list[3] = lengths
  replaceKind(1, ['\\d{10}'])(list)
}

describe('compiled plans', () => {
  const read = createPlanReader(metadata)

  it('S60 say what the library says, of 150,000 numbers of all countries', () => {
    expect(samples.length).toBeGreaterThan(150_000 * part)
    expect(difference(read)).toBeUndefined()
  })

  it('S60 change nothing that is read or refused', () => {
    for (const { number } of samples) {
      const parsed = parsePhone(number, { countries: 'any' })
      const { country, numberType } = byLibrary(number) ?? {}
      const isServed = /^(mobile|fixed_line|fixed_line_or_mobile|voip)$/.test(numberType ?? '')
      const expected = isServed ? { number, country, numberType } : undefined
      expect([number, parsed.ok ? parsed.phone : undefined]).toEqual([number, expected])
    }
  })

  it('answer for most of the numbers that people have', () => {
    const valid = samples.filter(({ type, number }) => type === 'MOBILE' && number[1] !== '1')
    const plain = valid.filter(({ number }) => read(number) !== undefined)
    expect(plain.length).toBeGreaterThan(valid.length * 0.85)
    const ordinary = ['+919876543210', '+989121234567', '+8801812345678', '+4915123456789']
    // In Ivory Coast a number begins with a zero that belongs to it.
    for (const number of [...ordinary, '+2250123456789']) {
      expect(read(number)?.numberType).toBe('mobile')
    }
  })

  it('leave the plans of several countries, and whatever is odd, to the library', () => {
    const shared = [
      '+14155552671',
      '+447911123456',
      '+447400123456',
      '+77012345678',
      '+79123456789',
    ]
    const odd = ['+8821612345678', '+999123456789']
    for (const number of [
      ...shared,
      ...odd,
      '+91',
      '+',
      '',
      '+0',
      '+910987654321',
      '+91 9876543210',
      '+91x',
    ]) {
      expect(read(number)).toBeUndefined()
    }
    for (const name of ['+__proto__', '+constructor', '+toString'])
      expect(read(name)).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['of another version', { ...metadata, version: 5 }],
    ['without a version', { ...metadata, version: undefined }],
    ['without countries', { ...metadata, countries: [] }],
    ['without codes', { ...metadata, country_calling_codes: null }],
    ['whose codes are no lists', { ...metadata, country_calling_codes: { 91: 'IN' } }],
    ['whose patterns are elsewhere', changed('IN', (list) => list.unshift('new'))],
    ['whose country has another code', changed('IN', (list) => list.splice(0, 1, '92'))],
    ['whose country has a list of patterns', changed('IN', (list) => list.splice(2, 1, ['\\d+']))],
    ['whose prefix is no text', changed('IN', (list) => list.splice(7, 1, ['0']))],
    ['whose kinds have no list', changed('IN', (list) => list.splice(11, 1, 'kinds'))],
    ['without landlines', changed('IN', replaceKind(0, 0))],
    ['without a pattern of landlines', changed('IN', replaceKind(0, ['', [10]]))],
    ['without mobiles', changed('IN', replaceKind(1, 0))],
    ['whose mobiles have a list of patterns', changed('IN', replaceKind(1, [['\\d{10}']]))],
    ['whose mobiles have eleven digits', changed('IN', replaceKind(1, ['\\d{10}', [11]]))],
    ['that has no lengths', changed('IN', replaceLengths(0))],
    ['whose numbers all have eleven digits', changed('IN', replaceLengths([11]))],
    ['that is none', undefined],
  ])('leave everything to the library with metadata %s', (_, other) => {
    expect(createPlanReader(other)('+919876543210')).toBeUndefined()
  })

  it('leave what a parser would take a prefix off to the library', () => {
    const lenient = changed('IN', (list) => {
      list[2] = '0?[6-9]\\d{9}'
      list[11] = [['1'], ['0?[6-9]\\d{9}', [10, 11]]]
    })
    expect(createPlanReader(lenient)('+919876543210')?.numberType).toBe('mobile')
    expect(createPlanReader(lenient)('+9109876543210')).toBeUndefined()
  })

  it.each<[string, PlanReader]>([
    [
      'a looser pattern',
      createPlanReader(changed('IN', replaceKind(1, ['[6-9]\\d{9}|[1-5]\\d{9}']))),
    ],
    ['a pattern without an end', (number) => read(number) ?? read(number.slice(0, 13))],
    [
      'the landlines for mobiles',
      (number) => {
        const plain = read(number)
        return plain && { ...plain, numberType: 'mobile' }
      },
    ],
    [
      'another country',
      (number) => {
        const plain = read(number)
        return plain?.country === 'IR' ? { ...plain, country: 'IN' } : plain
      },
    ],
  ])('a reader with %s is found out', (_, broken) => {
    expect(difference(broken)).toBeDefined()
  })
})
