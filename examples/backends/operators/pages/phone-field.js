// A phone number as people write it: as at home, with its country chosen beside it, or as abroad.
import { explains, mark } from './forms.js'
import { language, t } from './page.js'

/** Zero in Arabic, Persian, Devanagari, Bengali and full-width digits. */
const zeros = [0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10]
/** More of them would be read by nobody. */
const mostNamed = 10

function inAscii(text) {
  return text.replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0)
    const zero = zeros.find((first) => point >= first && point <= first + 9)
    return zero === undefined ? digit : String(point - zero)
  })
}

const digitsOf = (text) => text.replace(/\D/g, '')

/** As it is written abroad, `00` being the plus sign of a telephone's keys. */
function abroad(typed) {
  return inAscii(typed)
    .trim()
    .replace(/^tel:/i, '')
    .replace(/^00\s*/, '+')
    .replace(/^＋/, '+')
}

/**
 * The number with its country's code, and spaced as it was typed.
 *
 * @param {{ code: string, trunk: string, example: string } | undefined} country
 */
export function international(typed, country) {
  const written = abroad(typed)
  if (written === '' || written.startsWith('+') || country === undefined) return written
  const { code, trunk, example } = country
  const digits = digitsOf(written)
  // The plus sign alone is missing.
  if (digits.startsWith(code) && digits.length === digitsOf(example).length) return `+${written}`
  const isAtHome = trunk !== '' && digits.startsWith(trunk)
  return `+${code} ${isAtHome ? written.replace(trunk, '').trim() : written}`
}

/**
 * Makes a field read numbers with the country that is chosen beside it, if there is a choice.
 *
 * @param {HTMLInputElement} input
 * @param {HTMLSelectElement | null} countries
 */
export function phoneField(input, countries) {
  const options = countries ? [...countries.options] : []
  let isPhone = true
  const chosen = () => countries?.selectedOptions[0]?.dataset

  function show(isShown = isPhone) {
    isPhone = isShown
    if (countries) countries.hidden = !isPhone
    input.placeholder = (isPhone && chosen()?.national) || ''
  }

  /** With its code in front a number says itself where it is from. */
  function follow() {
    const written = abroad(input.value)
    if (!isPhone || !written.startsWith('+')) return
    const digits = digitsOf(written)
    // Several countries may share a code.
    if (options.length === 0 || digits.startsWith(chosen().code)) return
    const found = options.find(({ dataset }) => digits.startsWith(dataset.code))
    if (found) found.selected = true
    show()
  }

  explains(input, (message) => {
    if (!isPhone || options.length === 0) return undefined
    if (message === 'Is in a country that is not served' && options.length <= mostNamed) {
      const names = options.map(({ dataset }) => dataset.name)
      const countries = new Intl.ListFormat(language, { type: 'conjunction' }).format(names)
      return t('Only numbers of these countries are served: {countries}.', { countries })
    }
    const isNational = !abroad(input.value).startsWith('+')
    if (!message.startsWith('Must be a phone number') || !isNational) return undefined
    const { name: country, national: example } = chosen()
    return t('This is no mobile number of {country}, such as {example}.', { country, example })
  })

  input.addEventListener('input', follow)
  countries?.addEventListener('change', () => {
    mark(input, '')
    show()
  })
  show()
  return {
    show,
    contact: () => (isPhone ? international(input.value, chosen()) : input.value.trim()),
  }
}
