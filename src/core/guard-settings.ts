import * as z from 'zod/mini'
import type { GuardLevel, GuardMode, GuardThreshold } from '../guard-options'
import { type Network, networkHolds, parseNetwork } from '../input/network'
import type { Recipient } from '../input/recipient'
import { countryProblem } from '../internal/country'
import { defined } from '../internal/defined'
import { wrongManagerOption } from '../internal/wrong-option'
import { noBound } from './logs'

const minute = 60_000
export const dayMs = 24 * 60 * minute

/** One level's test: suspected is a message where `floor + ratio · verified` others did not verify. */
export interface LevelSettings {
  readonly level: GuardLevel
  readonly floor: number
  readonly ratio: number
  readonly windowMs: number
}

/** The guard's options, with every default filled in. */
export interface GuardSettings {
  readonly mode: GuardMode
  readonly levels: ReadonlyMap<GuardLevel, LevelSettings>
  readonly growth: { readonly floor: number; readonly times: number } | null
  /** Whether this message is never refused. */
  allows(recipient: Recipient, ip: string): boolean
}

/**
 * Honest traffic is assumed to verify 40 % of its messages at least: providers call 60 to 80 % healthy,
 * and second messages, typing errors and a bad route take from it. A number block that somebody rents
 * verifies next to nothing. The more people share a key, the less often its test may err; and among a
 * whole country's people an attack is diluted, so there it need not be as clear.
 */
const defaults: Readonly<Record<GuardLevel, Required<GuardThreshold> & { windowMs: number }>> = {
  ip: { honest: 0.4, attack: 0.1, error: 1e-3, windowMs: dayMs },
  block: { honest: 0.4, attack: 0.1, error: 1e-4, windowMs: dayMs },
  wideBlock: { honest: 0.4, attack: 0.1, error: 1e-7, windowMs: dayMs },
  country: { honest: 0.4, attack: 0.2, error: 1e-9, windowMs: dayMs },
  burst: { honest: 0.4, attack: 0.2, error: 1e-9, windowMs: 10 * minute },
}
const defaultGrowth = { floor: 200, times: 3 }

const share = z
  .number('must be a number between 0 and 1')
  .check(z.gt(0, 'must be more than 0'), z.lt(1, 'must be less than 1'))
const threshold = z.union(
  [
    z.literal(false),
    z.strictObject({
      honest: z.optional(share),
      attack: z.optional(share),
      error: z.optional(share),
    }),
  ],
  { error: 'must be { honest, attack, error }, or false' },
)
const levelsShape = {
  ip: z.optional(threshold),
  block: z.optional(threshold),
  wideBlock: z.optional(threshold),
  country: z.optional(threshold),
  burst: z.optional(threshold),
}
const growthShape = {
  floor: z.optional(
    z.int('must be a whole number of 1 or more').check(z.gte(1, 'must be 1 or more')),
  ),
  times: z.optional(z.number('must be a number').check(z.gt(0, 'must be more than 0'))),
}
const allowShape = {
  countries: z.optional(
    z.array(
      z.custom<string>((value) => countryProblem(value) === undefined, {
        error: ({ input }) => countryProblem(input),
      }),
      { error: 'must be a list of ISO 3166 country codes' },
    ),
  ),
  prefixes: z.optional(
    z.array(
      z
        .string('must be a text such as +4915')
        .check(z.regex(/^\+[1-9][0-9]{0,14}$/, 'must be + and digits, such as +4915')),
      { error: 'must be a list of beginnings of numbers, such as +4915' },
    ),
  ),
  networks: z.optional(
    z.array(
      z.custom<string>((value) => parseNetwork(value) !== null, {
        error: 'must be an address, or a network such as 198.51.100.0/24 (IPv6: /64 at most)',
      }),
      { error: 'must be a list of networks' },
    ),
  ),
}
const guardShape = {
  mode: z.enum(['record', 'challenge', 'refuse'], {
    error: "must be 'record', 'challenge' or 'refuse'",
  }),
  allow: z.optional(z.strictObject(allowShape, { error: 'must be an object' })),
  levels: z.optional(z.strictObject(levelsShape, { error: 'must be an object' })),
  growth: z.optional(
    z.union([z.literal(false), z.strictObject(growthShape)], {
      error: 'must be { floor, times }, or false',
    }),
  ),
}

export const guardOptions = z.strictObject(guardShape, { error: 'must be an object with a mode' })

/** The members at a path of the options, for guessing what was meant. */
export const guardNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['guard', Object.keys(guardShape)],
  ['allow', Object.keys(allowShape)],
  ['levels', Object.keys(levelsShape)],
  ['growth', Object.keys(growthShape)],
])
export const thresholdNames: readonly string[] = ['honest', 'attack', 'error']

export function guardSettings(options: z.infer<typeof guardOptions>): GuardSettings {
  const { mode, allow = {}, levels = {}, growth } = options
  const countries = new Set(allow.countries)
  const prefixes = allow.prefixes ?? []
  const networks = (allow.networks ?? []).map(parseNetwork).filter((one) => one !== null)
  return {
    mode,
    levels: new Map(
      guardLevels.flatMap((level) => {
        const settings = levelSettings(level, levels[level])
        return settings === null ? [] : [[level, settings] as const]
      }),
    ),
    growth: growth === false ? null : { ...defaultGrowth, ...definedOf(growth) },
    allows: ({ kind, identity, country }, ip) =>
      (country !== undefined && countries.has(country)) ||
      (kind === 'phone' && prefixes.some((prefix) => identity.startsWith(prefix))) ||
      networks.some((network: Network) => networkHolds(network, ip)),
  }
}

const guardLevels: readonly GuardLevel[] = ['ip', 'block', 'wideBlock', 'country', 'burst']

function levelSettings(
  level: GuardLevel,
  own: z.infer<typeof threshold> | undefined,
): LevelSettings | null {
  if (own === false) return null
  const { honest, attack, error, windowMs } = { ...defaults[level], ...definedOf(own) }
  if (attack >= honest) {
    throw wrongManagerOption(`guard.levels.${level}.attack`, 'must be less than `honest`')
  }
  const test = waldTest(honest, attack, error)
  // Parts so small cannot be told apart: no database could count so far.
  if (!(test.floor <= noBound && test.ratio <= noBound)) {
    throw wrongManagerOption(`guard.levels.${level}.honest`, 'must be larger')
  }
  return { level, ...test, windowMs }
}

/**
 * Wald's sequential test of "so many verify" against "so few do", as a line: so many messages may have
 * stayed unverified, and so many more for each one that verified.
 */
function waldTest(honest: number, attack: number, error: number) {
  const perUnverified = Math.log((1 - attack) / (1 - honest))
  return {
    floor: Math.ceil(Math.log(1 / error) / perUnverified),
    // In 64ths, so that every database comes to the same number.
    ratio: Math.round((Math.log(honest / attack) / perUnverified) * 64) / 64,
  }
}

function definedOf<Members extends object>(given: Members | undefined) {
  return defined({ ...given })
}
