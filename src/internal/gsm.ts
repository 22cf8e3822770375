const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const extension = new Set('^{}\\[~]|€\f')

/**
 * The septets that a character takes in the alphabet GSM-7 of SMS, or `undefined` for one that is
 * not in it.
 *
 * @see {@link https://www.etsi.org/deliver/etsi_ts/123000_123099/123038/ 3GPP TS 23.038}
 */
export function gsmSeptets(character: string): 1 | 2 | undefined {
  if (basic.has(character)) return 1
  return extension.has(character) ? 2 : undefined
}

/** Whether a text can be sent in GSM-7, whole. */
export function isGsmText(text: string): boolean {
  return [...text].every((character) => gsmSeptets(character) !== undefined)
}
