import { describe, expect, it } from 'vitest'
import { checkDuration } from '../../src/internal/duration'

describe('checkDuration', () => {
  it.each([
    [1, 1],
    [30_000, 30_000],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['180d', 15_552_000_000],
    ['007s', 7_000],
  ])('reads %j as %d ms', (value, durationMs) => {
    expect(checkDuration('withTimeout', 'timeout', value)).toBe(durationMs)
  })

  it.each([
    [0],
    [-1],
    [1.5],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [2 ** 53],
    ['0s'],
    ['5 m'],
    ['-5m'],
    ['1.5h'],
    ['5M'],
    ['1w'],
    ['5m\n'],
    ['٥m'],
    ['999999999999999d'],
    ['1'.repeat(400)],
    [''],
    [null],
    [undefined],
    [['5m']],
    [{ valueOf: (): number => 5 }],
    [5n],
  ])('refuses %s and names the option', (value) => {
    const rule =
      'must be a whole number of milliseconds of 1 or more, ' +
      "or a text such as '500ms', '30s', '5m', '1h' or '180d'"
    expect(() => checkDuration('withTimeout', 'timeout', value)).toThrow(
      new TypeError(`otpkit: withTimeout: option \`timeout\` ${rule}`),
    )
  })

  it.each([
    [300, '30s', "must be 30s or more; `300` is 0.3 s; did you mean '300s' or 300_000?"],
    [5, '30s', "must be 30s or more; `5` is 0.005 s; did you mean '5m' or 300_000?"],
    [30, '1s', "must be 1s or more; `30` is 0.03 s; did you mean '30s' or 30_000?"],
    [3600, '10s', "must be 10s or more; `3600` is 3.6 s; did you mean '3600s' or 3_600_000?"],
    [
      29_999,
      '30s',
      "must be 30s or more; `29999` is 29.999 s; did you mean '29999s' or 29_999_000?",
    ],
    ['29s', '30s', 'must be 30s or more'],
    ['300', '30s', "needs a unit; did you mean '300s' or 300_000?"],
    ['5', '1ms', "needs a unit; did you mean '5s' or 5_000?"],
  ])('says of %j, with a floor of %s, what is probably meant', (value, least, problem) => {
    expect(() => checkDuration('OtpManager', 'lifetime', value, least)).toThrow(
      new TypeError(`otpkit: OtpManager: option \`lifetime\` ${problem}`),
    )
  })

  it('takes the floor itself', () => {
    expect(checkDuration('OtpManager', 'lifetime', '30s', '30s')).toBe(30_000)
    expect(checkDuration('OtpManager', 'lifetime', 30_000, '30s')).toBe(30_000)
    expect(() => checkDuration('OtpManager', 'lifetime', 29_999, '30s')).toThrow(TypeError)
  })
})
