import { escapeHtml } from '../../http/escape-html'
import { type Country, countryOf, numberToTry } from '../../setup/countries'
import type { OtpParts } from '../otp'
import type { Language } from './language'

/** What the pages say of the countries whose numbers are served. */
export function servedCountries(countries: OtpParts['countries']) {
  const all = Array.isArray(countries) ? countries.map(countryOf) : []
  return {
    /** Where every country is served there is nothing to choose from: numbers come with their code. */
    isChoice: all.length > 0,
    numberToTry: numberToTry(countries),

    names: ({ tag }: Language): string => {
      const names = all.map(({ country }) => nameOf(country, tag))
      return new Intl.ListFormat(tag, { type: 'conjunction' }).format(names)
    },

    /** The options of a choice, with the country of the browser's language first in line. */
    options: ({ tag }: Language, acceptLanguage = ''): string => {
      const regions = Array.from(acceptLanguage.matchAll(/-([A-Za-z]{2})\b/g), ([, region = '']) =>
        region.toUpperCase(),
      )
      const preferred = regions.find((region) => all.some(({ country }) => country === region))
      return all.map((country) => option(country, tag, country.country === preferred)).join('')
    },
  }
}

function option(country: Country, tag: string, isChosen: boolean): string {
  const name = nameOf(country.country, tag)
  const data = {
    name,
    code: country.callingCode,
    trunk: country.trunk,
    example: country.example,
    national: country.nationalExample,
  }
  const attributes = Object.entries(data).map(
    ([key, value]) => ` data-${key}="${escapeHtml(value)}"`,
  )
  const chosen = isChosen ? ' selected' : ''
  // The code first: on a phone a long name is cut off. Isolated, so that the plus sign stays in front.
  const text = `\u2066+${country.callingCode}\u2069 ${name}`
  return `<option value="${country.country}"${attributes.join('')}${chosen}>${escapeHtml(text)}</option>`
}

const nameOf = (country: string, tag: string) =>
  new Intl.DisplayNames(tag, { type: 'region' }).of(country) ?? country
