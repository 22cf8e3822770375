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
    ['fa_IR', 'fa'],
    ['pt_BR', 'pt-BR'],
    ['pt_AO', 'pt'],
    ['FA_ir', 'fa'],
    ['fa-IR,fa;q=0.9,en;q=0.8', 'fa'],
    ['en;q=0.8,fa-IR', 'fa'],
    ['en; q=0.5 , hi ; q=0.7', 'hi'],
    ['de-CH, sw;q=0.9, hi;q=0.1, *;q=0.05', 'hi'],
    ['*,hi', 'hi'],
    ['hi;q=0,ar;q=0.1', 'ar'],
    ['en;q=0.9,hi;q=0.9', 'en'],
    ['hi;Q=0.2,ar;q=0.30', 'ar'],
    ['nonsense!,hi', 'hi'],
    ['zh_TW', 'zh-Hant'],
    ['zh-HK', 'zh-Hant'],
    ['zh_TW_#Hant', 'zh-Hant'],
    ['zh-Hant_TW', 'zh-Hant'],
    ['zh-Hans-CN,hi;q=0.1', 'hi'],
    ['pt_BR.UTF-8', 'pt-BR'],
    ['hi_IN@calendar=indian', 'hi'],
    ['in_ID', 'id'],
    ['fa_IR_#Arab', 'fa'],
    ['fa_IR_#u-nu-latn', 'fa'],
    ['zh_TW_#Hant_u-ca-roc', 'zh-Hant'],
    ['fa_IR@calendar=persian', 'fa'],
  ])('reads %j, as phones and browsers write it, as %s', (requested, locale) => {
    const locales = [...available, 'fa']
    expect(negotiateLocale(requested, locales, 'fallback')).toBe(locale)
  })

  it('does not take one script for the other', () => {
    expect(negotiateLocale('zh-CN', ['zh-Hant'], 'en')).toBe('en')
    expect(negotiateLocale('zh-TW', ['zh', 'zh-Hant'], 'en')).toBe('zh-Hant')
    expect(negotiateLocale('sr-ME', ['sr-Cyrl', 'sr-Latn'], 'en')).toBe('sr-Latn')
    expect(negotiateLocale('zh', ['zh', 'zh-Hans'], 'en')).toBe('zh')
  })

  it.each([
    ['zh-TW'],
    ['sw'],
    ['C'],
    ['POSIX'],
    ['en,'.repeat(200)],
    ['hi;q=0'],
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
