import { describe, expect, it } from 'vitest'
import { ledger, mostFailures, refundLimit, requiredLength } from '../../src/core/limits'

describe('a ledger that grows', () => {
  it('makes codes two characters longer from 5 failures on, up to 10', () => {
    const lengths = [6, 7, 8, 9, 10].map((codeLength) =>
      [0, 4, 5, 99].map((failures) => requiredLength(codeLength, failures)),
    )
    expect(lengths).toEqual([
      [6, 6, 8, 8],
      [7, 7, 9, 9],
      [8, 8, 10, 10],
      [9, 9, 10, 10],
      [10, 10, 10, 10],
    ])
  })

  it('bounds where shorter codes are made and compared', () => {
    const short = { made: 4, compared: 5 }
    const long = { made: ledger.max, compared: ledger.max }
    expect([6, 7, 8, 9].map((length) => mostFailures(6, length))).toEqual([
      short,
      short,
      long,
      long,
    ])
    expect([9, 10].map((length) => mostFailures(10, length))).toEqual([short, long])
  })
})

it('refunds are granted to each recipient apart', () => {
  expect(refundLimit('LABEL')).toEqual({ key: 'rLABEL', max: 5, windowMs: 3_600_000 })
})
