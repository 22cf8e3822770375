import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { CreateReceiptsOptions } from 'otpkit/receipts'
import type { DatabasePlace } from './database'
import { readReceipts } from './receipts'

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What every example reads. */
export interface CommonSettings {
  /** Prints codes in place of sending them, and has defaults for secrets. */
  readonly isDevelopment: boolean
  readonly port: number
  readonly host: string
  /** The key of every code. In development one that lasts until the process ends. */
  readonly secret: string
  readonly trustedProxies: number
  /** Opens `/admin/otp`. In development one that lasts until the process ends. */
  readonly adminToken: string
  /** Opens `/metrics`, for a program that must see nothing else. */
  readonly metricsToken: string
  readonly codes: ServerPlace
  /** Where what happened to codes is noted. */
  readonly history: ServerPlace
  /** How providers report what became of messages, where they are told an address for it. */
  readonly receipts: CreateReceiptsOptions | undefined
}

/** Where codes and limits, or their history, are to be kept. */
export type ServerPlace =
  | { readonly name: 'memory' }
  | { readonly name: 'Redis' | 'PostgreSQL'; readonly url: string }

/** Collects everything that is wrong with the variables, and never a value of one. */
export interface EnvironmentReader {
  readonly environment: Environment
  readonly isDevelopment: boolean
  wholeNumber(name: string, fallback: number, most: number): number
  /** An address that begins like this, or none. */
  url(name: string, pattern: RegExp, example: string): string | undefined
  /** 32 random bytes or more; where `fallback` is true, and there are none, new ones. */
  secret(name: string, fallback: boolean, why?: string): string
  /** What `read` gives. A `TypeError` of it, such as one of `fromEnvironment`, is a problem more. */
  attempt<Value>(read: () => Value): Value | undefined
  /**
   * The settings, unless there is a problem.
   *
   * @throws `Error` that lists every problem.
   */
  finish<Settings>(settings: Settings | undefined): Settings
}

export function environmentReader(environment: Environment): EnvironmentReader {
  const problems = new Set<string>()
  const mode = environment.NODE_ENV

  return {
    environment,
    isDevelopment: mode === 'development' || mode === 'test',

    wholeNumber: (name, fallback, most) => {
      const text = environment[name] ?? String(fallback)
      if (/^[0-9]{1,9}$/.test(text) && Number(text) <= most) return Number(text)
      problems.add(`${name} must be a whole number from 0 to ${most}`)
      return fallback
    },

    url: (name, pattern, example) => {
      const url = environment[name]
      if (url !== undefined && !pattern.test(url)) {
        problems.add(`${name} must be an address such as ${example}`)
      }
      return url
    },

    secret: (name, fallback, why = '') => {
      const secret = environment[name] ?? (fallback ? newSecret() : '')
      if (Buffer.byteLength(secret) >= 32) return secret
      problems.add(`${name} must be 32 random bytes or more${why}: openssl rand -base64 32`)
      // Never used, but whoever checks it too would name it a second time.
      return newSecret()
    },

    attempt: (read) => {
      try {
        return read()
      } catch (error) {
        if (!(error instanceof TypeError)) throw error
        for (const problem of problemsIn(error)) problems.add(problem)
        return undefined
      }
    },

    finish: (settings) => {
      if (settings !== undefined && problems.size === 0) return settings
      throw new Error(Array.from(problems, (problem) => `\n- ${problem}`).join(''))
    },
  }
}

const newSecret = () => randomBytes(32).toString('base64')

/** The list in a message of `fromEnvironment`, or the message. */
function problemsIn({ message }: TypeError): readonly string[] {
  const [, ...listed] = message.split('\n- ')
  return listed.length === 0 ? [message] : listed
}

/**
 * `NODE_ENV`, `PORT`, `HOST`, `OTP_SECRET`, `TRUST_PROXY`, `PUBLIC_ORIGIN`, `ADMIN_TOKEN`,
 * `METRICS_TOKEN`, and where codes and their history are kept.
 */
export function readCommonSettings(reader: EnvironmentReader): CommonSettings {
  const { environment, isDevelopment } = reader
  const codes = placeOfCodes(reader)
  // Codes in memory end with the process, and so may their secret.
  const codesEndHere = codes.name === 'memory'
  const why = codesEndHere ? '' : `, the same at every start for the codes kept in ${codes.name}`
  const adminToken = reader.secret('ADMIN_TOKEN', isDevelopment)
  return {
    isDevelopment,
    adminToken,
    metricsToken:
      environment.METRICS_TOKEN === undefined ? adminToken : reader.secret('METRICS_TOKEN', false),
    port: reader.wholeNumber('PORT', 3000, 65_535),
    host: environment.HOST || '127.0.0.1',
    secret: reader.secret('OTP_SECRET', isDevelopment && codesEndHere, why),
    trustedProxies: reader.wholeNumber('TRUST_PROXY', 0, 16),
    codes,
    history: placeOfHistory(reader),
    receipts: readReceipts(reader),
  }
}

/** Accounts: in the PostgreSQL of `DATABASE_URL`, else in a file of this name in `DATA_FOLDER`. */
export function placeOfDatabase(reader: EnvironmentReader, file: string): DatabasePlace {
  const url = postgresUrl(reader)
  if (url !== undefined) return { name: 'PostgreSQL', url }
  return { name: 'SQLite', file: join(dataFolder(reader), file) }
}

/** Where files are kept. */
export const dataFolder = ({ environment }: EnvironmentReader) =>
  resolve(environment.DATA_FOLDER || 'data')

const postgresUrl = (reader: EnvironmentReader) =>
  reader.url('DATABASE_URL', /^postgres(ql)?:\/\/./, 'postgres://127.0.0.1:5432/accounts')

function placeOfCodes(reader: EnvironmentReader): ServerPlace {
  const redis = reader.url('REDIS_URL', /^rediss?:\/\/./, 'redis://127.0.0.1:6379')
  if (redis !== undefined) return { name: 'Redis', url: redis }
  const postgres = postgresUrl(reader)
  return postgres === undefined ? { name: 'memory' } : { name: 'PostgreSQL', url: postgres }
}

/** PostgreSQL first: it keeps more, and for longer. */
function placeOfHistory(reader: EnvironmentReader): ServerPlace {
  const url = postgresUrl(reader)
  return url === undefined ? placeOfCodes(reader) : { name: 'PostgreSQL', url }
}
