import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'

/** How much of its numbers a test takes: each change of mutation testing is met by a part of them. */
export const part = Number(process.env.OTPKIT_PART ?? 1)

/** A source of chance that follows from a seed (mulberry32). */
export function seededRandom(seed: number) {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  function pick<Value>(values: readonly Value[]): Value {
    const value = values[below(values.length)]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }
  return { below, pick, chance: (part: number) => next() < part }
}

/** A number of a country, or nearly one. */
export interface Sample {
  readonly number: string
  readonly country: CountryCode
  /** As it is dialled within its country, where that is read as the same number. */
  readonly national?: string
  readonly type?: string
}

const served = ['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE', 'VOIP']

/** Numbers of every country: near its example, or anywhere in its plan. */
export function randomNumbers(
  seed: number,
  { each, valid }: { readonly each: number; readonly valid: boolean },
): Sample[] {
  const { below, pick, chance } = seededRandom(seed + 1)
  const digits = (count: number) => Array.from({ length: count }, () => below(10)).join('')
  return getCountries().flatMap((country) => {
    const example = getExampleNumber(country, examples)
    if (example === undefined) throw new Error(`no example of ${country}`)
    const code = getCountryCallingCode(country)
    const found: Sample[] = valid ? [describe(example.number, country)] : []
    for (let tried = 0; found.length < each && tried < each * 40; tried += 1) {
      const { nationalNumber } = example
      const kept = below(nationalNumber.length + 1)
      const length = Math.max(1, nationalNumber.length + pick([0, 0, 0, 0, -1, 1, below(7) - 3]))
      const start = chance(0.2) ? '' : nationalNumber.slice(0, Math.min(kept, length))
      const number = `+${code}${start}${digits(length - start.length)}`
      if (!valid) {
        found.push({ number, country })
        continue
      }
      const sample = describe(number, country)
      if (sample.type !== undefined && served.includes(sample.type)) found.push(sample)
    }
    return found
  })
}

function describe(number: string, country: CountryCode): Sample {
  const parsed = parsePhoneNumberFromString(number, { extract: false })
  if (parsed?.number !== number || parsed.country !== country) return { number, country }
  const type = parsed.getType()
  const national = parsed.formatNational().replace(/[^0-9]/g, '')
  const again = parsePhoneNumberFromString(national, { defaultCountry: country, extract: false })
  return {
    number,
    country,
    ...(type === undefined ? {} : { type }),
    ...(again?.number === number ? { national } : {}),
  }
}
