import { editDistance } from '../internal/near'
import { textProblem } from '../internal/secret'

/** Environment variables as the host hands them over, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable, or several names that mean the same. */
export type VariableName = string | readonly [string, ...string[]]

/** Every name of a variable, the first one being the one to recommend. */
export function namesOf(variable: VariableName): readonly [string, ...string[]] {
  return typeof variable === 'string' ? [variable] : variable
}

/** Whether it has a text. An empty line of a `.env` file sets nothing. */
export function isSet(env: Environment, name: string): boolean {
  const value: unknown = env[name]
  return value !== undefined && (typeof value !== 'string' || value.trim() !== '')
}

/**
 * A variable's text, or `undefined` where it is missing or empty. Throws a `TypeError` that names
 * the variable, and never holds its value.
 */
export function readText(env: Environment, variable: VariableName): string | undefined {
  const found = namesOf(variable)
    .filter((name) => isSet(env, name))
    .map((name) => ({ name, text: checkText(env, name) }))
  const [first] = found
  const other = found.find(({ text }) => text !== first?.text)
  if (other !== undefined) {
    throw new TypeError(
      `${first?.name} and ${other.name} mean the same, but differ: set one of them`,
    )
  }
  return first?.text
}

function checkText(env: Environment, name: string): string {
  const value: unknown = env[name]
  if (typeof value !== 'string') throw new TypeError(`${name} must be a text`)
  const problem = textProblem(value)
  if (problem !== undefined) throw new TypeError(`${name} ${problem}`)
  return value
}

/**
 * A variable's whole number from `from` to `to`, or `undefined` where it is missing or empty. Throws
 * a `TypeError` that names the variable, and never holds its value.
 */
export function readWholeNumber(
  env: Environment,
  variable: VariableName,
  from: number,
  to: number,
): number | undefined {
  const text = readText(env, variable)
  if (text === undefined) return undefined
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= from && number <= to)) {
    throw new TypeError(`${nameInUse(env, variable)} must be a whole number from ${from} to ${to}`)
  }
  return number
}

/** The name under which a variable is set, or else the one to recommend. */
export function nameInUse(env: Environment, variable: VariableName): string {
  const names = namesOf(variable)
  return names.find((name) => isSet(env, name)) ?? names[0]
}

/**
 * Names that are set, mean nothing here, and are nearly those of `wanted` variables that are not
 * set. Whoever has the right name too keeps the other for something else.
 */
export function findMisspellings(
  env: Environment,
  known: readonly string[],
  wanted: readonly string[],
): string[] {
  const absent = wanted.filter((name) => !isSet(env, name))
  return Object.keys(env)
    .filter((name) => name.length <= 64 && !known.includes(name) && isSet(env, name))
    .flatMap((name) => {
      const plain = plainOf(name)
      const meant = absent.find((candidate) => isMeant(plain, candidate))
      if (meant === undefined) return []
      const shown = /^\w+$/.test(name) ? name : 'a name with other characters'
      return [`${shown} is not known: did you mean ${meant}?`]
    })
}

/** What the settings are called elsewhere, which would be defaults in silence. */
const elsewhere: Readonly<Record<string, RegExp>> = {
  APP_NAME: /^OTP_APP_NAME$/,
  OTP_COUNTRIES: /^OTP_(ALLOWED_COUNTRIES|COUNTRYS?)$/,
  OTP_LENGTH: /^OTP_(CODE_LENGTH|DIGITS|LEN)$/,
  OTP_MAX_ATTEMPTS: /^OTP_(ATTEMPTS|(MAX_)?(TRIES|RETRIES))$/,
  OTP_TTL_SECONDS:
    /^OTP_(TTL_(MS|MINUTES)|LIFETIME|VALIDITY|EXPIRATION|EXPIRES_IN|EXPIRY(_SECONDS)?)$/,
}

function isMeant(name: string, known: string): boolean {
  return isNear(name, known) || elsewhere[known]?.test(name) === true
}

/** A name as a shell would have it: some files keep a byte order mark, `export` or hyphens. */
function plainOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/^\W+|\W+$/g, '')
    .replace(/^EXPORT\s+/, '')
    .replaceAll(/[-. ]/g, '_')
}

// Two mistakes in a short name could be another word; other beginnings are other people's names.
function isNear(name: string, known: string): boolean {
  const most = known.length < 14 ? 1 : 2
  return (
    name.slice(0, 2) === known.slice(0, 2) &&
    Math.abs(name.length - known.length) <= most &&
    editDistance(name, known) <= most
  )
}
