import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segments } from '../../src/internal/segments'
import cases from '../data/segments.json'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.log(`test/message/segments.test.ts: OTPKIT_SEED=${seed}`)

describe('segments', () => {
  it.each(cases)('counts vector %#', ({ text, ...expected }) => {
    expect(segments(text)).toEqual(expected)
  })

  it.each([
    ['', 'GSM-7', 0, 1],
    [`${'a'.repeat(159)}€`, 'GSM-7', 161, 2],
    [`${'a'.repeat(158)}€`, 'GSM-7', 160, 1],
    ['^{}\\[~]|€\f', 'GSM-7', 20, 1],
    ['\n\r', 'GSM-7', 2, 1],
    ['\t', 'UCS-2', 1, 1],
    ['`', 'UCS-2', 1, 1],
    ['\u00a0', 'UCS-2', 1, 1],
    [`${'ç'.repeat(69)}😀`, 'UCS-2', 71, 2],
    ['\ud83d', 'UCS-2', 1, 1],
    [`${'😀'.repeat(67)}`, 'UCS-2', 134, 3],
  ])('counts %j', (text, encoding, units, count) => {
    expect(segments(text)).toEqual({ encoding, units, segments: count })
  })

  it('keeps within the bounds that the units set, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (text) => {
        const { encoding, units, segments: count } = segments(text)
        const [single, part] = encoding === 'GSM-7' ? [160, 153] : [70, 67]
        if (units <= single) return count === 1
        // A part loses at most one unit to a character that may not be split.
        return count >= Math.ceil(units / part) && count <= Math.ceil(units / (part - 1))
      }),
      { seed },
    )
  })
})
