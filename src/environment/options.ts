import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max'
import { countryProblem } from '../internal/country'
import { defined } from '../internal/defined'
import { secretProblem } from '../internal/secret'
import { readMessageOptions } from '../message/check-options'
import { type Environment, readText, readWholeNumber } from './variables'

/** What the environment says beside the deliveries: options of `OtpManager`. */
export interface EnvironmentSettings {
  /** From `OTP_SECRET`. */
  readonly secret: string
  /** From `OTP_COUNTRIES`. */
  readonly countries?: readonly CountryCode[] | 'any'
  /** From `OTP_DEFAULT_COUNTRY`. */
  readonly defaultCountry?: CountryCode
  /** From `APP_NAME`. */
  readonly appName?: string
  /** From `OTP_TTL_SECONDS`, `OTP_EXPIRY_TIME` or `OTP_EXPIRY_MINUTES`, in milliseconds. */
  readonly lifetime?: number
  /** From `OTP_LENGTH`. */
  readonly codeLength?: number
  /** From `OTP_MAX_ATTEMPTS` or `MAX_ATTEMPTS`. */
  readonly attempts?: number
}

const lifetimes = [
  { name: 'OTP_TTL_SECONDS', least: 30, most: 600, unitMs: 1_000 },
  { name: 'OTP_EXPIRY_TIME', least: 30, most: 600, unitMs: 1_000 },
  { name: 'OTP_EXPIRY_MINUTES', least: 1, most: 10, unitMs: 60_000 },
] as const
const attempts = ['OTP_MAX_ATTEMPTS', 'MAX_ATTEMPTS'] as const

/** Every variable that `readSettings` reads. */
export const settingNames: readonly string[] = [
  'OTP_SECRET',
  'OTP_COUNTRIES',
  'OTP_DEFAULT_COUNTRY',
  'APP_NAME',
  'OTP_LENGTH',
  ...attempts,
  ...lifetimes.map(({ name }) => name),
]

/**
 * Reads the variables of `settingNames`, each within an `attempt` of its own, which keeps the
 * `TypeError` of a wrong one.
 * Only the secret must be there; `undefined` without a good one.
 */
export function readSettings(
  env: Environment,
  attempt: <Value>(read: () => Value) => Value | undefined,
): EnvironmentSettings | undefined {
  const secret = attempt(() => readSecret(env))
  const countries = attempt(() => readCountries(env))
  const defaultCountry = attempt(() => readDefaultCountry(env, countries))
  const appName = attempt(() => readAppName(env))
  const lifetime = attempt(() => readLifetime(env))
  const codeLength = attempt(() => readWholeNumber(env, 'OTP_LENGTH', 6, 10))
  const mostAttempts = attempt(() => readWholeNumber(env, attempts, 1, 10))
  if (secret === undefined) return undefined
  return defined({
    secret,
    countries,
    defaultCountry,
    appName,
    lifetime,
    codeLength,
    attempts: mostAttempts,
  })
}

function readSecret(env: Environment): string {
  const secret = readText(env, 'OTP_SECRET')
  const problem = secretProblem(secret ?? '')
  if (secret === undefined || problem !== undefined) throw new TypeError(`OTP_SECRET ${problem}`)
  return secret
}

function readCountries(env: Environment): readonly CountryCode[] | 'any' | undefined {
  const text = readText(env, 'OTP_COUNTRIES')
  if (text === undefined || text === 'any') return text
  const names = text.split(',').map((name) => name.trim())
  return names.map((name, position) => {
    if (isSupportedCountry(name)) return name
    const problem = countryProblem(name)
    throw new TypeError(
      `OTP_COUNTRIES must be a list such as IN,BD, or any: entry ${position + 1} ${problem}`,
    )
  })
}

function readDefaultCountry(
  env: Environment,
  countries: readonly CountryCode[] | 'any' | undefined,
): CountryCode | undefined {
  const country = readText(env, 'OTP_DEFAULT_COUNTRY')
  if (country === undefined) return undefined
  if (!isSupportedCountry(country)) {
    throw new TypeError(`OTP_DEFAULT_COUNTRY ${countryProblem(country)}`)
  }
  if (countries !== undefined && countries !== 'any' && !countries.includes(country)) {
    throw new TypeError('OTP_DEFAULT_COUNTRY must be one of OTP_COUNTRIES')
  }
  return country
}

function readAppName(env: Environment): string | undefined {
  const appName = readText(env, 'APP_NAME')
  if (appName === undefined) return undefined
  const checked = readMessageOptions({ appName })
  if ('problems' in checked) throw new TypeError(`APP_NAME ${checked.problems[0]?.problem}`)
  return appName
}

function readLifetime(env: Environment): number | undefined {
  const [first, ...others] = lifetimes.flatMap(({ name, least, most, unitMs }) => {
    const count = readWholeNumber(env, name, least, most)
    return count === undefined ? [] : [{ name, durationMs: count * unitMs }]
  })
  const other = others.find(({ durationMs }) => durationMs !== first?.durationMs)
  if (other !== undefined) {
    throw new TypeError(`${first?.name} and ${other.name} say different times: set one of them`)
  }
  return first?.durationMs
}
