import { gsmSeptets } from './gsm'

/** How an SMS is billed. */
export interface SegmentCount {
  /** `GSM-7` while every character is in that alphabet, otherwise `UCS-2` for the whole text. */
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** Length in septets (an extension character is two) or in UTF-16 code units. */
  readonly units: number
  /** Messages billed. */
  readonly segments: number
}

/**
 * Counts the segments that a text costs as an SMS
 * ({@link https://www.etsi.org/deliver/etsi_ts/123000_123099/123038/ | 3GPP TS 23.038}): one of
 * 160 septets or 70 code units, or several of 153 or 67. An extension character and a surrogate
 * pair are never split over two of them. Providers that transliterate may bill less.
 *
 * @example
 * ```ts
 * import { segments } from 'otpkit'
 *
 * console.log(segments('123456 is your Acme code')) // { encoding: 'GSM-7', units: 24, segments: 1 }
 * ```
 */
export function segments(text: string): SegmentCount {
  const characters = [...text]
  const septets = characters.map(gsmSeptets).filter((width) => width !== undefined)
  const isGsm = septets.length === characters.length
  const widths = isGsm ? septets : characters.map((character) => character.length)
  const units = widths.reduce((sum, width) => sum + width, 0)
  const counted = units <= (isGsm ? 160 : 70) ? 1 : parts(widths, isGsm ? 153 : 67)
  return { encoding: isGsm ? 'GSM-7' : 'UCS-2', units, segments: counted }
}

function parts(widths: readonly number[], room: number): number {
  let count = 1
  let used = 0
  for (const width of widths) {
    if (used + width > room) {
      count += 1
      used = 0
    }
    used += width
  }
  return count
}
