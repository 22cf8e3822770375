import { checkClock, checkSwitch } from '../check-function'
import { knownOptions, type OptionNames } from '../known-options'
import { wrongOption } from '../wrong-option'

/** Options of the SQL stores and rate limiters. */
export interface SqlOptions {
  /**
   * What the names of all tables, indexes and functions begin with: a letter or underscore, then
   * letters, digits and underscores, 40 at most.
   *
   * @defaultValue `'otpkit_'`
   */
  readonly prefix?: string
  /**
   * The existing schema (PostgreSQL), database (MySQL, MariaDB) or attached database (SQLite) that
   * they stand in, of the same characters as `prefix`.
   *
   * @defaultValue where the connection looks for unqualified names
   */
  readonly schema?: string
  /**
   * The present in epoch milliseconds, for tests.
   *
   * @defaultValue the database's clock, so that the clocks of the hosts do not matter
   */
  readonly clock?: () => number
}

/** Options of database, store and rate limiter for PostgreSQL. */
export interface PostgresOptions extends SqlOptions {
  /**
   * Whether a connection prepares each statement once, which makes it a good deal faster. Behind a
   * pooler that gives every transaction another connection and knows nothing of prepared
   * statements, such as PgBouncer before 1.21, it ends by itself with the first statement that the
   * server does not know.
   *
   * @defaultValue `true` for clients of `pg`, which have a `connect`; `false` for others
   */
  readonly prepare?: boolean
  /**
   * How long to wait for an answer, in milliseconds. A call that is given up may still be carried
   * out: it is never taken for success, and what it charged stays charged.
   *
   * @defaultValue 10,000
   */
  readonly timeoutMs?: number
}

/** The two tables: `challenges` with a row each, `charges` with a row per key of the limiter. */
export type SqlTable = 'challenges' | 'charges'

/** Options, checked, with every identifier quoted. */
export interface SqlSettings {
  /** The option, as it was given. */
  readonly schema: string | undefined
  /** A name with prefix and schema, quoted. */
  name(plain: string): string
  /** A name with prefix alone, quoted, where SQL allows no schema. */
  bareName(plain: string): string
  /** The instant that replaces the database's clock, or `null`. */
  instant(): number | null
}

const sqlNames: OptionNames<SqlOptions> = { prefix: true, schema: true, clock: true }

/** For `sqlSettings`, with what only PostgreSQL has. */
export const postgresNames: OptionNames<PostgresOptions> = {
  ...sqlNames,
  prepare: true,
  timeoutMs: true,
}

/** Checks the options. Throws a `TypeError` that names the wrong one. */
export function sqlSettings(
  factory: string,
  given: PostgresOptions,
  quote: '"' | '`',
  names: OptionNames<SqlOptions> = sqlNames,
): SqlSettings {
  const options = knownOptions<SqlOptions>(factory, given, names)
  const { prefix = 'otpkit_', schema } = options
  const clock = checkClock(factory, options.clock)
  checkSwitch(factory, 'prepare', given.prepare)
  expectIdentifier(factory, 'prefix', prefix)
  if (schema !== undefined) expectIdentifier(factory, 'schema', schema)
  const quoted = (name: string) => `${quote}${name}${quote}`
  const inSchema = schema === undefined ? '' : `${quoted(schema)}.`
  return {
    schema,
    name: (plain) => `${inSchema}${quoted(prefix + plain)}`,
    bareName: (plain) => quoted(prefix + plain),
    instant: () => (clock === undefined ? null : Math.floor(clock())),
  }
}

// 40 leaves room for the longest name behind it: identifiers of PostgreSQL end at 63 bytes.
function expectIdentifier(factory: string, option: string, value: unknown): void {
  if (typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,39}$/.test(value)) return
  throw wrongOption(
    factory,
    option,
    'must be a letter or underscore, then letters, digits or underscores, 40 at most',
  )
}
