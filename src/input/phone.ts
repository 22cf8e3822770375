import {
  getCountryCallingCode,
  isSupportedCountry,
  Metadata,
  parsePhoneNumberFromString,
  validatePhoneNumberLength,
} from 'libphonenumber-js/max'
import { createPlanReader } from './phone-plans'
import { type Problem, type Unusable, unusable } from './problem'
import {
  asciiDigits,
  hasControlCharacter,
  numberSeparators,
  separators,
  trimOuter,
  withoutIgnorables,
} from './typed'

/** What kind of line a number is, as far as its digits tell. */
export type NumberType = 'mobile' | 'fixed_line_or_mobile' | 'fixed_line' | 'voip'

/** A normalised phone number. */
export interface Phone {
  /** E.164: `+`, calling code, national number. */
  readonly number: string
  /** ISO 3166 country that the numbering plan gives it to. */
  readonly country: string
  readonly numberType: NumberType
}

/** Which phone numbers are served. */
export interface PhoneRules {
  /**
   * ISO 3166 countries, not calling codes: `US` does not let Jamaica in, though both are `+1`.
   *
   * `GB` serves Guernsey, Jersey and the Isle of Man too: the four share one plan, in which some
   * mobile numbers in use in Britain belong to an island. Elsewhere a territory that shares the
   * mobile numbers of a larger country counts as that country (Åland as `FI`, Saint Martin as `GP`).
   */
  readonly countries: ReadonlySet<string> | 'any'
  /** The country of a number written without `+`; without it such a number is refused. */
  readonly defaultCountry?: string
}

// E.164 needs 16 characters; the rest is room for what stands between them. What nobody sees is not
// counted, up to a length that costs nothing to look through.
const longestVisible = 32
const longestInput = 128

const plain = /^\+?[0-9]{1,31}$/
const plus = /^[+\uff0b](?=[0-9])/

// The other types cost the caller money, reach a company, or reach no person at all.
const numberTypes: ReadonlyMap<string, NumberType> = new Map([
  ['MOBILE', 'mobile'],
  ['FIXED_LINE_OR_MOBILE', 'fixed_line_or_mobile'],
  ['FIXED_LINE', 'fixed_line'],
  ['VOIP', 'voip'],
])

// The library's CommonJS build does not export it: there every number goes the library's own way.
const metadata: unknown = typeof Metadata === 'function' && Reflect.get(new Metadata(), 'metadata')
const readByPlan = createPlanReader(metadata)

const onTheBritishPlan = ['GG', 'JE', 'IM']

/**
 * Normalises a phone number, or says why it is refused.
 *
 * How digits are written is nobody's secret: any script, with whatever libphonenumber takes between
 * them. But they must already be the number's own: a parser mends `+44 (0)7911 123456` or
 * `+4407911123456`, and with it gives one telephone several names. Only a number without `+` may
 * carry the trunk and exit codes of `defaultCountry`.
 */
export function parsePhone(
  input: string,
  rules: PhoneRules,
): { readonly ok: true; readonly phone: Phone } | Unusable {
  if (input.length > longestInput) return unusable('too_long')
  const written = plain.test(input) ? input : digitsOf(input, rules)
  if (typeof written !== 'string') return written
  if (written.startsWith('+')) return readInternational(written, rules.countries)

  const { countries, defaultCountry } = rules
  if (defaultCountry === undefined || !isSupportedCountry(defaultCountry)) {
    return unusable('country_code_missing')
  }
  const parsed = parsePhoneNumberFromString(written, { defaultCountry, extract: false })
  if (parsed === undefined) {
    return unusable(problemOf(validatePhoneNumberLength(written, { defaultCountry })))
  }
  // Read again as what it came to, so that every spelling passes the same checks.
  return readInternational(parsed.number, countries)
}

/** The calling code and the last two digits: `+91••••••••10`. */
export function maskPhone(number: string, country: string | undefined): string {
  const start = country === undefined ? '+' : startOf(country)
  return start + '•'.repeat(Math.max(0, number.length - start.length - 2)) + number.slice(-2)
}

/** Looked up once for each country: numbers are masked for every event. */
const starts = new Map<string, string>()

function startOf(country: string): string {
  const known = starts.get(country)
  if (known !== undefined || !isSupportedCountry(country)) return known ?? '+'
  const start = `+${getCountryCallingCode(country)}`
  starts.set(country, start)
  return start
}

/** The digits of a number as people write it, with an ASCII plus where it has one. */
function digitsOf(input: string, rules: PhoneRules): string | Unusable {
  const visible = withoutIgnorables(input)
  if ([...visible].length > longestVisible) return unusable('too_long')
  if (trimOuter(visible) === '') return unusable('empty')
  const parts = visible.split(numberSeparators).map((part) => {
    return asciiDigits(part.replace(separators, '')).replace(plus, '+')
  })
  const written = parts.join('')
  if (hasControlCharacter(written)) return unusable('control_character')
  const isOne = plain.test(written) && !(parts.length > 1 && areTwoNumbers(parts, rules))
  return isOne ? written : unusable('character')
}

// Plans without a fixed length take some pairs of their own numbers for a longer one.
function areTwoNumbers(parts: readonly string[], { defaultCountry }: PhoneRules): boolean {
  return parts.some((_, position) => {
    const first = completeNumber(parts.slice(0, position).join(''), defaultCountry)
    const second = parts.slice(position).join('')
    return first !== undefined && completeNumber(second, first.country) !== undefined
  })
}

function completeNumber(digits: string, country: string | undefined) {
  const known = country !== undefined && isSupportedCountry(country)
  const parsed = parsePhoneNumberFromString(digits, {
    ...(known ? { defaultCountry: country } : {}),
    extract: false,
  })
  return parsed?.isValid() ? parsed : undefined
}

function readInternational(
  number: string,
  countries: PhoneRules['countries'],
): { ok: true; phone: Phone } | Unusable {
  const plain = readByPlan(number)
  if (plain !== undefined && isServed(plain.country, countries)) {
    const { country, numberType } = plain
    return { ok: true, phone: { number, country, numberType } }
  }
  const parsed = parsePhoneNumberFromString(number, { extract: false })
  // With full metadata a number has a type exactly when it is valid.
  const type = parsed?.number === number ? parsed.getType() : undefined
  if (parsed === undefined || type === undefined) {
    return unusable(problemOf(validatePhoneNumberLength(number)))
  }
  // Satellite and international networks belong to no country that could have been allowed.
  const country = parsed.country
  if (country === undefined || !isServed(country, countries)) return unusable('country')
  const numberType = numberTypes.get(type)
  if (numberType === undefined) return unusable('number_type')
  return { ok: true, phone: { number, country, numberType } }
}

function isServed(country: string, countries: PhoneRules['countries']): boolean {
  if (countries === 'any' || countries.has(country)) return true
  return onTheBritishPlan.includes(country) && countries.has('GB')
}

function problemOf(length: ReturnType<typeof validatePhoneNumberLength>): Problem {
  if (length === 'TOO_SHORT') return 'too_short'
  return length === 'INVALID_COUNTRY' ? 'country' : 'number'
}
