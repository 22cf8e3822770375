const asciiOnly = /^[\x21-\x7e]*$/
const internationalName = /^[\p{L}\p{M}\p{Decimal_Number}.-]+$/u

// Scripts with letters that look alike: no registry mixes two of them in one label.
const lookAlikes = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
]

/**
 * The one spelling of a domain name: in ASCII and lower case, with the A-labels (`xn--…`) of an
 * international one (RFC 5890). `undefined` for one that only looks like another: compatibility
 * characters, letters that become ASCII with their case, labels of mixed scripts. Whether a name in
 * ASCII is well formed is not looked at.
 */
export function asciiDomain(domain: string): string | undefined {
  if (asciiOnly.test(domain)) return domain.toLowerCase()
  const isName =
    internationalName.test(domain) &&
    domain.normalize('NFKC') === domain.normalize('NFC') &&
    ![...domain].some(becomesAscii) &&
    !domain.split('.').some((label) => isMixed(label) || /^-|-$/.test(label)) &&
    /\p{L}\p{M}*[^.]*$/u.test(domain)
  const url = `http://${domain}`
  return isName && URL.canParse(url) ? new URL(url).hostname : undefined
}

/** The dotless i, the long s, the Kelvin sign and the dotted capital I. */
function becomesAscii(character: string): boolean {
  if (character <= '\x7f') return false
  return /^[a-z]/.test(character.toLowerCase()) || /^[A-Z]$/.test(character.toUpperCase())
}

function isMixed(label: string): boolean {
  return lookAlikes.filter((script) => script.test(label)).length > 1
}
