// Zero of the digits on the keyboards of the countries that are served: Arabic-Indic, Persian,
// Devanagari, Bengali, full-width.
const zeros = [0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10]

/**
 * A code without spaces, hyphens and invisible marks, in ASCII digits. A kept proof is found again
 * by this spelling, and the library is given no other.
 */
export function plainCode(typed: string): string {
  return typed.replace(/[\s\p{Pd}\p{Cf}]/gu, '').replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0
    const zero = zeros.find((first) => point >= first && point <= first + 9)
    return zero === undefined ? digit : String(point - zero)
  })
}
