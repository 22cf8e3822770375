import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
} from 'libphonenumber-js/max'

// Codes in daily use that ISO 3166 gives to nobody.
const otherCodes: Readonly<Record<string, CountryCode>> = { UK: 'GB', EL: 'GR' }

/** What is wrong with a country, as the rest of a sentence, with the code that is probably meant. */
export function countryProblem(value: unknown): string | undefined {
  if (typeof value === 'string' && isSupportedCountry(value)) return undefined
  if (value === 'any') return "must be one country; for all of them `countries` is 'any' itself"
  const meant = typeof value === 'string' ? guess(value.trim().toUpperCase()) : undefined
  const rule = 'must be an ISO 3166 country code such as IN'
  return meant === undefined ? rule : `${rule}: did you mean ${meant}?`
}

function guess(name: string): CountryCode | undefined {
  if (isSupportedCountry(name)) return name
  const [, callingCode] = /^\+?(\d{1,3})$/.exec(name) ?? []
  const calledSo = getCountries().filter((code) => getCountryCallingCode(code) === callingCode)
  // Of a plan that several share nobody can tell which of them is meant.
  if (calledSo.length > 0) return calledSo.length === 1 ? calledSo[0] : undefined
  const names = new Intl.DisplayNames('en', { type: 'region' })
  return otherCodes[name] ?? getCountries().find((code) => names.of(code)?.toUpperCase() === name)
}
