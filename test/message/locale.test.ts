import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRightToLeft, negotiateLocale } from '../../src/message/locale'
import { hostileInputs } from '../data/hostile'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.log(`test/message/locale.test.ts: OTPKIT_SEED=${seed}`)

const available = ['en', 'hi', 'ar', 'id', 'pt', 'pt-BR', 'zh-Hant']

describe('negotiateLocale', () => {
  it.each([
    ['en', 'en'],
    ['EN-us', 'en'],
    ['pt-AO', 'pt'],
    ['pt-br', 'pt-BR'],
    ['pt-BR-u-nu-latn', 'pt-BR'],
    ['hi-Latn-IN', 'hi'],
    ['zh-Hant-TW', 'zh-Hant'],
    ['ZH-HANT-tw-x-private', 'zh-Hant'],
    // Java writes Indonesian so.
    ['in-ID', 'id'],
  ])('serves %s with %s', (requested, locale) => {
    expect(negotiateLocale(requested, available, 'en')).toBe(locale)
  })

  it.each([
    ['zh-TW'],
    ['sw'],
    ['en_US'],
    [''],
    ['*'],
    ['en,fr'],
    ['en;q=0.8'],
    ['..\\..\\windows'],
    ['__proto__'],
    ['constructor'],
    ['toString'],
    ['en\u0000'],
    ['en\n'],
    [' en'],
    ['<script>'],
    ['{{7*7}}'],
    ['en-'],
    ['e\u0301n'],
    ['ｅｎ'],
    ['İd'],
    [`en-${'a'.repeat(5)}-${'b1234567-'.repeat(4)}`],
    [`en${'-abcdefgh'.repeat(100_000)}`],
    [null],
    [undefined],
    [5],
    [['en']],
    [{ toString: () => 'hi' }],
    [Object.create(null)],
  ])('S66 answers hostile request %# with the default', (requested) => {
    expect(negotiateLocale(requested, ['hi', 'ar', 'id'], 'fallback')).toBe('fallback')
  })

  it.each(hostileInputs('locale'))('S66 settles $id: $why', ({ input, expect: expected }) => {
    const locale = negotiateLocale(input, ['en', 'hi', 'ar', 'pt-BR', 'zh-Hant'], 'en')
    // Values that are no text are refused with the request; here they only must do no harm.
    expect(locale).toBe(expected.outcome === 'reject' ? 'en' : expected.value)
  })

  it('matches tags however they are spelled, and returns them as they are', () => {
    expect(negotiateLocale('sr-latn-rs', ['SR-Latn'], 'en')).toBe('SR-Latn')
  })

  it('answers anything at all with something available', () => {
    fc.assert(
      fc.property(fc.anything(), (requested) =>
        [...available, 'en'].includes(negotiateLocale(requested, available, 'en')),
      ),
      { seed },
    )
  })
})

describe('isRightToLeft', () => {
  it.each([
    ['fa', true],
    ['ar-EG', true],
    ['ur', true],
    ['he', true],
    ['az-Arab', true],
    ['ur-Latn', false],
    ['en', false],
    ['tr', false],
    ['hi', false],
  ])('knows %s: %s', (tag, expected) => {
    expect(isRightToLeft(tag)).toBe(expected)
  })
})
