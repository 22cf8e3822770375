import { type CountryCode, getCountryCallingCode, getExampleNumber } from 'libphonenumber-js'
import examples from 'libphonenumber-js/mobile/examples'

/** How numbers of a country are written. */
export interface Country {
  readonly country: CountryCode
  /** Without the plus sign. */
  readonly callingCode: string
  /** What stands before a number at home, and not abroad: `0`, or nothing. */
  readonly trunk: string
  /** A mobile number that looks like one, as it is written abroad. */
  readonly example: string
  /** The same at home. */
  readonly nationalExample: string
}

/** What the library knows of a country whose numbers are served. */
export function countryOf(country: CountryCode): Country {
  const example = getExampleNumber(country, examples)
  const nationalExample = example?.formatNational() ?? ''
  const [trunk = ''] = nationalExample.replace(/\D/g, '').split(example?.nationalNumber ?? '')
  return {
    country,
    callingCode: getCountryCallingCode(country),
    trunk,
    example: example?.formatInternational() ?? '',
    nationalExample,
  }
}

/** A number for a first try. Where every country is served, one of nobody's. */
export function numberToTry(countries: readonly CountryCode[] | 'any' | undefined): string {
  const [first = 'US'] = Array.isArray(countries) ? countries : []
  return countryOf(first).example
}
