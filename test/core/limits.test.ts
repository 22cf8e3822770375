import { describe, expect, it } from 'vitest'
import {
  busySubnets,
  defaultLimits,
  forgiveness,
  ledger,
  mostFailures,
  refundLimit,
  repeats,
  requiredLength,
  suspicion,
} from '../../src/core/limits'

const minute = 60_000
const [hour, day] = [60 * minute, 1_440 * minute]

it('the limits are those that the guides name', () => {
  expect(defaultLimits).toEqual({
    cooldown: [{ max: 1, windowMs: minute / 2 }],
    recipient: [
      { max: 3, windowMs: 2 * minute },
      { max: 5, windowMs: hour },
      { max: 10, windowMs: day },
    ],
    ip: [{ max: 5, windowMs: minute }],
    country: [],
    prefix: [],
    global: [],
    verifyIp: [{ max: 30, windowMs: minute }],
  })
  expect(suspicion).toEqual([
    { from: 5, max: 3, windowMs: hour },
    { from: 5, max: 6, windowMs: day },
    { from: 15, max: 1, windowMs: hour },
    { from: 15, max: 3, windowMs: day },
    { from: 50, max: 1, windowMs: day },
  ])
  expect([ledger, forgiveness]).toEqual([
    { max: 100, windowMs: 180 * day },
    { max: 10, windowMs: 180 * day },
  ])
  expect([repeats, busySubnets]).toEqual([3, 10])
})

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
    const long = { made: 100, compared: 100 }
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
  expect(refundLimit('LABEL')).toEqual({ key: 'rLABEL', max: 5, windowMs: hour })
})
