import { describe, expect, it } from 'vitest'
import { checkDuration, parseDuration } from '../../src/internal/duration'

describe('parseDuration', () => {
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
    expect(parseDuration(value, 'lifetime')).toBe(durationMs)
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
    ['5'],
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
    expect(() => parseDuration(value, 'limits.cooldown')).toThrow(
      new TypeError(`otpkit: option \`limits.cooldown\` ${rule}`),
    )
    expect(() => checkDuration('withTimeout', 'timeout', value)).toThrow(
      new TypeError(`otpkit: withTimeout: option \`timeout\` ${rule}`),
    )
  })
})
