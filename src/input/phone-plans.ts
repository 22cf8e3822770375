import type { NumberType } from './phone'

/** What reads the numbers of one country without its parser. */
interface Plan {
  readonly country: string
  readonly whole: RegExp
  /** What a parser would take off, or mistake for a prefix. */
  readonly prefix: RegExp | undefined
  readonly fixed: Kind
  readonly mobile: Kind
}

interface Kind {
  readonly pattern: RegExp
  readonly lengths: readonly unknown[]
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
 * metadata has a layout that is not known, landlines and mobiles of one pattern among them.
 */
export function createPlanReader(metadata: unknown): PlanReader {
  if (member(metadata, 'version') !== knownVersion) return () => undefined
  const codes = member(metadata, 'country_calling_codes')
  const isCode = new Set(Object.keys(Object(codes)))
  const countries = member(metadata, 'countries')
  const plans = new Map<string, Plan | undefined>()

  function planOf(code: string): Plan | undefined {
    if (plans.has(code)) return plans.get(code)
    const owners = member(codes, code)
    const [country, ...others] = Array.isArray(owners) ? owners : []
    const isAlone = typeof country === 'string' && others.length === 0
    const plan = isAlone ? compile(country, code, member(countries, country)) : undefined
    plans.set(code, plan)
    return plan
  }

  return function read(number) {
    // No calling code begins another one, so the first that is found is the number's.
    const end = [2, 3, 4].find((end) => isCode.has(number.slice(1, end)))
    // Made-up codes have no plan to keep, or they would fill the memory.
    if (end === undefined) return undefined
    const plan = planOf(number.slice(1, end))
    const national = number.slice(end)
    if (plan === undefined || !plan.whole.test(national) || plan.prefix?.test(national)) {
      return undefined
    }
    const { country, fixed, mobile } = plan
    const isMobile = matches(mobile, national)
    if (matches(fixed, national)) {
      return { country, numberType: isMobile ? 'fixed_line_or_mobile' : 'fixed_line' }
    }
    return isMobile ? { country, numberType: 'mobile' } : undefined
  }
}

function compile(country: string, code: string, list: unknown): Plan | undefined {
  const whole = member(list, at.whole)
  const fixed = kindOf(list, kindAt.fixed)
  const mobile = kindOf(list, kindAt.mobile)
  const prefix = member(list, at.parsingPrefix) || member(list, at.prefix)
  const isKnown =
    member(list, at.code) === code &&
    typeof whole === 'string' &&
    fixed !== undefined &&
    mobile !== undefined &&
    (!prefix || typeof prefix === 'string')
  if (!isKnown) return undefined
  return {
    country,
    whole: entirely(whole),
    prefix: prefix ? new RegExp(`^(?:${prefix})`) : undefined,
    fixed,
    mobile,
  }
}

function kindOf(list: unknown, position: number): Kind | undefined {
  const kind = member(member(list, at.kinds), position)
  const pattern = member(kind, 0)
  const lengths = member(kind, 1) || member(list, at.lengths)
  const isKnown = typeof pattern === 'string' && pattern !== '' && Array.isArray(lengths)
  return isKnown ? { pattern: entirely(pattern), lengths } : undefined
}

function matches({ pattern, lengths }: Kind, national: string): boolean {
  return lengths.includes(national.length) && pattern.test(national)
}

function entirely(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`)
}

function member(of: unknown, name: string | number): unknown {
  const isObject = typeof of === 'object' && of !== null
  return isObject && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined
}
