const unitsMs = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/**
 * Reads milliseconds, or a text of a whole number and a unit: `'500ms'`, `'30s'`, `'5m'`, `'1h'`,
 * `'180d'`. Throws a `TypeError` that names the option unless it is a whole number of
 * milliseconds, 1 or more.
 */
export function parseDuration(value: unknown, option: string): number {
  const durationMs = typeof value === 'string' ? parseText(value) : value
  if (typeof durationMs !== 'number' || !Number.isSafeInteger(durationMs) || durationMs < 1) {
    throw new TypeError(
      `otpkit: option \`${option}\` must be a whole number of milliseconds of 1 or more, ` +
        "or a text such as '500ms', '30s', '5m', '1h' or '180d'",
    )
  }
  return durationMs
}

function parseText(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text) ?? []
  return Number(digits) * (unitsMs.get(unit) ?? Number.NaN)
}
