import { wrongOption } from './wrong-option'

const unitsMs = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

const rule =
  'must be a whole number of milliseconds of 1 or more, ' +
  "or a text such as '500ms', '30s', '5m', '1h' or '180d'"

/**
 * Reads milliseconds, or a text of a whole number and a unit: `'500ms'`, `'30s'`, `'5m'`, `'1h'`,
 * `'180d'`. Throws a `TypeError` that names the option of `OtpManager` unless it is a whole number
 * of milliseconds, 1 or more.
 */
export function parseDuration(value: unknown, option: string): number {
  const durationMs = readDuration(value)
  if (durationMs === undefined) throw new TypeError(`otpkit: option \`${option}\` ${rule}`)
  return durationMs
}

/** Reads an adapter's option as `parseDuration` reads one of `OtpManager`. */
export function checkDuration(factory: string, option: string, value: unknown): number {
  const durationMs = readDuration(value)
  if (durationMs === undefined) throw wrongOption(factory, option, rule)
  return durationMs
}

function readDuration(value: unknown): number | undefined {
  const durationMs = typeof value === 'string' ? parseText(value) : value
  const isDuration =
    typeof durationMs === 'number' && Number.isSafeInteger(durationMs) && durationMs >= 1
  return isDuration ? durationMs : undefined
}

function parseText(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text) ?? []
  return Number(digits) * (unitsMs.get(unit) ?? Number.NaN)
}
