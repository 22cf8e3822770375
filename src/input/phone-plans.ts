import type { NumberType } from './phone'

/** What reads the numbers of one country without its parser. */
interface Plan {
  readonly country: string
  readonly whole: RegExp
  /** What a parser would take off, or mistake for a prefix. */
  readonly prefix: RegExp | undefined
  readonly fixed: Kind | undefined
  readonly mobile: Kind | undefined
  /** Whether the two are one: then the metadata has the pattern once. */
  readonly isEither: boolean
}

interface Kind {
  readonly pattern: RegExp
  readonly lengths: readonly number[] | undefined
}

/** A number that is beyond doubt. */
export interface PlainNumber {
  readonly country: string
  readonly numberType: NumberType
}

/** Reads a number in E.164, or nothing where there is any doubt. */
export type PlanReader = (number: string) => PlainNumber | undefined

// The layout of the metadata of libphonenumber-js that is known here: a country is a list, and the
// kinds of its numbers another one.
const knownVersion = 4
const at = { code: 0, whole: 2, lengths: 3, prefix: 5, parsingPrefix: 7, kinds: 11 } as const
const kindAt = { fixed: 0, mobile: 1 } as const

/**
 * Compiles the patterns of the metadata, each once and when it is first needed: the parser makes the
 * same regular expressions for every number. It answers for calling codes of one country, and for
 * ordinary landlines and mobiles alone. All else is the parser's, and so is every number where the
 * metadata has a layout that is not known.
 */
export function createPlanReader(metadata: unknown): PlanReader {
  if (member(metadata, 'version') !== knownVersion) return () => undefined
  const codes = member(metadata, 'country_calling_codes')
  const countries = member(metadata, 'countries')
  const plans = new Map<string, Plan | undefined>()

  function planOf(code: string): Plan | undefined {
    if (plans.has(code)) return plans.get(code)
    const owners = member(codes, code)
    const [country, ...others] = Array.isArray(owners) ? owners : []
    const isAlone = typeof country === 'string' && others.length === 0
    const plan = isAlone ? compile(country, code, member(countries, country)) : undefined
    // Made-up codes are kept out, or they would fill the memory.
    if (owners !== undefined) plans.set(code, plan)
    return plan
  }

  return function read(number) {
    // No calling code begins another one, so the first that is found is the number's.
    const end = [2, 3, 4].find((end) => member(codes, number.slice(1, end)) !== undefined)
    const plan = end === undefined ? undefined : planOf(number.slice(1, end))
    const national = number.slice(end)
    if (plan === undefined || !plan.whole.test(national) || plan.prefix?.test(national)) {
      return undefined
    }
    const { country, fixed, mobile, isEither } = plan
    const isMobile = matches(mobile, national)
    if (matches(fixed, national)) {
      const numberType = isEither || isMobile ? 'fixed_line_or_mobile' : 'fixed_line'
      return { country, numberType }
    }
    return isMobile ? { country, numberType: 'mobile' } : undefined
  }
}

function compile(country: string, code: string, list: unknown): Plan | undefined {
  const whole = member(list, at.whole)
  const kinds = member(list, at.kinds)
  const prefix = member(list, at.parsingPrefix) || member(list, at.prefix)
  const isKnown =
    member(list, at.code) === code &&
    typeof whole === 'string' &&
    Array.isArray(kinds) &&
    (!prefix || typeof prefix === 'string')
  if (!isKnown) return undefined
  const mobile = member(kinds, kindAt.mobile)
  return {
    country,
    whole: entirely(whole),
    prefix: typeof prefix === 'string' ? new RegExp(`^(?:${prefix})`) : undefined,
    fixed: kindOf(member(kinds, kindAt.fixed), member(list, at.lengths)),
    mobile: kindOf(mobile, member(list, at.lengths)),
    isEither: !mobile || member(mobile, 0) === '',
  }
}

function kindOf(list: unknown, ofAllKinds: unknown): Kind | undefined {
  const pattern = member(list, 0)
  if (typeof pattern !== 'string' || pattern === '') return undefined
  const lengths = member(list, 1) || ofAllKinds
  return { pattern: entirely(pattern), lengths: Array.isArray(lengths) ? lengths : undefined }
}

function matches(kind: Kind | undefined, national: string): boolean {
  if (kind === undefined || kind.lengths?.includes(national.length) === false) return false
  return kind.pattern.test(national)
}

function entirely(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`)
}

function member(of: unknown, name: string | number): unknown {
  const isObject = typeof of === 'object' && of !== null
  return isObject && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined
}
