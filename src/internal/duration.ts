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
 * `'180d'`. Throws a `TypeError` that names factory and option unless it is a whole number of
 * milliseconds, and no fewer than `least` says: a floor that only a mistake about the unit reaches.
 */
export function checkDuration(
  factory: string,
  option: string,
  value: unknown,
  least = '1ms',
): number {
  const durationMs = typeof value === 'string' ? parseText(value) : value
  const isDuration =
    typeof durationMs === 'number' && Number.isSafeInteger(durationMs) && durationMs >= 1
  if (!isDuration) {
    const isCount = typeof value === 'string' && /^\d{1,9}$/.test(value)
    throw wrongOption(factory, option, isCount ? `needs a unit${meant(value, least)}` : rule)
  }
  if (durationMs >= parseText(least)) return durationMs
  const unit = `\`${durationMs}\` is ${durationMs / 1_000} s`
  const what = typeof value === 'number' ? `; ${unit}${meant(value, least)}` : ''
  throw wrongOption(factory, option, `must be ${least} or more${what}`)
}

/** What a count without a unit was probably meant to be: seconds, where they are enough. */
function meant(count: number | string, least: string): string {
  const number = Number(count)
  const unit = ['s', 'm', 'h'].find((each) => parseText(`${number}${each}`) >= parseText(least))
  if (unit === undefined) return ''
  const inMs = String(parseText(`${number}${unit}`)).replace(/\B(?=(?:\d{3})+$)/g, '_')
  return `; did you mean '${number}${unit}' or ${inMs}?`
}

function parseText(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text) ?? []
  return Number(digits) * (unitsMs.get(unit) ?? Number.NaN)
}
