import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

// Zero of the digits on the keyboards of the countries that are served: Arabic-Indic, Persian,
// Devanagari, Bengali, full-width.
const zeros = [0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10]

// Spaces, hyphens, brackets and dots, and the marks of writing direction that are copied with them.
const separators = /[ \u00a0\u2009\u202f\p{Pd}().\u200e\u200f\u061c\u202a-\u202c\u2066-\u2069]/gu

/** Digits as ASCII, without what people put between them. */
export function plainDigits(text: string): string {
  return text.replace(separators, '').replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0
    const zero = zeros.find((first) => point >= first && point <= first + 9)
    return zero === undefined ? digit : String(point - zero)
  })
}

/** Whether this is the one way to write a number: `+`, calling code, national number. */
export function isPhoneNumber(text: string): boolean {
  if (!/^\+[0-9]{7,15}$/.test(text)) return false
  const parsed = parsePhoneNumberFromString(text, { extract: false })
  return parsed?.number === text && parsed.isValid()
}

/** Without outer spaces and with the domain in lower case. Whose mailbox it is, its server says. */
export function plainEmail(text: string): string {
  const address = text.trim()
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return address.slice(0, address.length - domain.length) + domain.toLowerCase()
}
