import * as z from 'zod/mini'
import type { CodeAlphabet } from '../input/code'
import { checkDuration } from '../internal/duration'
import { wrongManagerOption } from '../internal/wrong-option'
import { type Charges, createCharges, type Watching } from './charges'
import { defaultLimits, type LimitSettings, type Window } from './limits'

/** One purpose, every default filled in. */
export interface PurposeSettings {
  readonly name: string
  readonly codeLength: number
  readonly alphabet: CodeAlphabet
  readonly lifetimeMs: number
  readonly attempts: number
  readonly resend: 'same' | 'new'
  readonly bind: 'recipient' | 'challenge'
  readonly charges: Charges
}

const longestLifetimeMs = 600_000

const read = (option: string, value: unknown, least: string) =>
  checkDuration('OtpManager', option, value, least)

const duration = z.union([z.number(), z.string()], {
  error: "must be milliseconds or a text such as '5m'",
})
const windows = z.array(
  z.strictObject(
    { max: whole(1, 1_000_000_000), per: duration },
    { error: 'must be { max, per }' },
  ),
  { error: 'must be a list of { max, per }' },
)

function whole(from: number, to: number) {
  const error = `must be a whole number from ${from} to ${to}`
  return z.int(error).check(z.gte(from, error), z.lte(to, error))
}

function oneOf<const Name extends string>(...names: [Name, Name]) {
  return z.enum(names, { error: `must be '${names.join("' or '")}'` })
}

export const limitsShape = {
  cooldown: z.optional(z.union([duration, z.literal(false)])),
  recipient: z.optional(windows),
  ip: z.optional(windows),
  country: z.optional(windows),
  prefix: z.optional(windows),
  global: z.optional(windows),
  verifyIp: z.optional(windows),
}

export const purposeShape = {
  codeLength: z.optional(whole(6, 10)),
  alphabet: z.optional(oneOf('digits', 'base32')),
  lifetime: z.optional(duration),
  attempts: z.optional(whole(1, 10)),
  resend: z.optional(oneOf('same', 'new')),
  bind: z.optional(oneOf('recipient', 'challenge')),
  limits: z.optional(z.strictObject(limitsShape, { error: 'must be an object' })),
}

export const purposeOptions = z.strictObject(purposeShape, { error: 'must be an object' })

type PurposeOptions = z.infer<typeof purposeOptions>
/** What the manager's options say about purposes. */
type PurposesOptions = PurposeOptions & {
  readonly purposes: readonly string[] | Readonly<Record<string, PurposeOptions>>
}

/** The purposes by name. What the options say beside them is every purpose's default. */
export function purposesOf(
  options: PurposesOptions,
  watching: Watching,
): Map<string, PurposeSettings> {
  const { purposes } = options
  const isList = Array.isArray(purposes)
  const entries: [string, PurposeOptions][] = isList
    ? purposes.map((name) => [name, {}])
    : Object.entries(purposes)
  if (entries.length === 0) throw wrongManagerOption('purposes', 'must hold at least one purpose')
  const pathOf = (name: string) => (isList ? '' : `purposes.${name}.`)
  const limits = new Map(
    entries.map(([name, own]) => [
      name,
      limitSettings({ ...options.limits, ...own.limits }, `${pathOf(name)}limits`),
    ]),
  )
  return new Map(
    entries.map(([name, own]) => {
      const path = pathOf(name)
      const pick = { ...options, ...own }
      const lifetimeMs = read(`${path}lifetime`, pick.lifetime ?? '5m', '30s')
      if (lifetimeMs > longestLifetimeMs)
        throw wrongManagerOption(`${path}lifetime`, 'must be at most 10m')
      const purpose = {
        name,
        codeLength: pick.codeLength ?? 6,
        alphabet: pick.alphabet ?? 'digits',
        lifetimeMs,
        attempts: pick.attempts ?? 3,
        resend: pick.resend ?? 'same',
        bind: pick.bind ?? 'recipient',
        limits: limits.get(name) ?? defaultLimits,
      } as const
      const charges = createCharges(purpose, [...limits.values()], watching)
      return [name, { ...purpose, charges }]
    }),
  )
}

function limitSettings(
  limits: NonNullable<PurposesOptions['limits']>,
  path: string,
): LimitSettings {
  const windows = (name: Exclude<keyof LimitSettings, 'cooldown'>): readonly Window[] =>
    limits[name]?.map(({ max, per }, position) => ({
      max,
      windowMs: read(`${path}.${name}.${position}.per`, per, '10s'),
    })) ?? defaultLimits[name]
  const { cooldown } = limits
  return {
    cooldown:
      cooldown === undefined
        ? defaultLimits.cooldown
        : cooldown === false || cooldown === 0
          ? []
          : [{ max: 1, windowMs: read(`${path}.cooldown`, cooldown, '1s') }],
    recipient: windows('recipient'),
    ip: windows('ip'),
    country: windows('country'),
    prefix: windows('prefix'),
    global: windows('global'),
    verifyIp: windows('verifyIp'),
  }
}
