import { randomBytes } from 'node:crypto'
import type { CountryCode } from 'otpkit'
import type { CodesPlace } from './codes'

export interface Configuration {
  readonly port: number
  readonly host: string
  readonly secret: string
  readonly codes: CodesPlace
  readonly countries: readonly CountryCode[] | 'any'
  readonly trustedProxies: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the environment, or says everything that is wrong with it, and never a value. */
export function readConfiguration(
  environment: Environment,
):
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly problems: readonly string[] } {
  const problems: string[] = []
  const mode = environment.NODE_ENV
  const isDevelopment = mode === 'development' || mode === 'test'

  function wholeNumber(name: string, fallback: number, most: number): number {
    const text = environment[name] ?? String(fallback)
    if (/^[0-9]{1,5}$/.test(text) && Number(text) <= most) return Number(text)
    problems.push(`${name} must be a whole number from 0 to ${most}`)
    return fallback
  }

  const port = wholeNumber('PORT', 3000, 65_535)
  const trustedProxies = wholeNumber('TRUST_PROXY', 0, 16)
  const host = environment.HOST || '127.0.0.1'

  const names = (environment.COUNTRIES ?? 'IN,BD,IR,AE,US,GB').split(',').map((name) => name.trim())
  // Whether there is such a country, the library says as it starts.
  const listed = names.filter((name): name is CountryCode => /^[A-Z]{2}$/.test(name))
  const countries = names.join() === 'any' ? 'any' : listed
  if (countries !== 'any' && listed.length < names.length) {
    problems.push('COUNTRIES must be ISO 3166 codes with commas between, such as IN,BD, or any')
  }

  function placeOfCodes(): CodesPlace {
    const { REDIS_URL, DATABASE_URL } = environment
    if (REDIS_URL !== undefined) {
      if (!/^rediss?:\/\/./.test(REDIS_URL)) {
        problems.push('REDIS_URL must be an address such as redis://127.0.0.1:6379')
      }
      return { name: 'Redis', url: REDIS_URL }
    }
    if (DATABASE_URL === undefined) return { name: 'memory' }
    if (!/^postgres(ql)?:\/\/./.test(DATABASE_URL)) {
      problems.push('DATABASE_URL must be an address such as postgres://127.0.0.1:5432/otp')
    }
    return { name: 'PostgreSQL', url: DATABASE_URL }
  }

  const codes = placeOfCodes()
  // Codes in memory end with the process, and so may their secret.
  const codesEndHere = codes.name === 'memory'
  const ownSecret = isDevelopment && codesEndHere ? randomBytes(32).toString('base64') : ''
  const secret = environment.OTP_SECRET ?? ownSecret
  if (Buffer.byteLength(secret) < 32) {
    const why = codesEndHere ? '' : `, the same at every start for the codes kept in ${codes.name}`
    problems.push(`OTP_SECRET must be 32 random bytes or more${why}: openssl rand -base64 32`)
  }
  if (!isDevelopment) {
    problems.push(
      'no delivery is configured: codes are only printed here, which needs NODE_ENV=development. ' +
        'To send them, pass deliveries for whatsapp, sms and email to createBackend in server.ts',
    )
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, configuration: { port, host, secret, codes, countries, trustedProxies } }
}
