import { isSupportedCountry } from 'libphonenumber-js/max'
import { z } from 'zod'
import type { Delivery } from '../delivery'
import type { CodeAlphabet } from '../input/code'
import { parseDuration } from '../internal/duration'
import { nodeEnvironment } from '../internal/node-env'
import { createRenderer } from '../message/render'
import type { OtpManagerOptions, Secret } from '../options'
import type { RateLimiter } from '../rate-limiter'
import type { OtpStore } from '../store'
import { createKeyring, type Key, type Keyring } from './keyring'
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
  readonly limits: LimitSettings
}

/** The options, checked and with every default filled in. */
export interface Settings {
  readonly keys: Keyring
  readonly store: OtpStore
  readonly rateLimiter: RateLimiter
  readonly deliveries: ReadonlyMap<string, Delivery>
  readonly purposes: ReadonlyMap<string, PurposeSettings>
  readonly countries: ReadonlySet<string> | 'any'
  readonly defaultCountry?: string
  readonly appName: string
  readonly render: ReturnType<typeof createRenderer>
  readonly exposeCode: boolean
  readonly background?: (work: Promise<void>) => void
}

const longestLifetimeMs = 600_000

const having = <T>(...methods: (keyof T & string)[]) =>
  z.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof Reflect.get(value, method) === 'function'),
    { error: `must be an object with ${methods.join(', ')}` },
  )

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
  return z.int(error).min(from, error).max(to, error)
}

function oneOf<const Name extends string>(...names: [Name, Name]) {
  return z.enum(names, { error: `must be '${names.join("' or '")}'` })
}

const purposeShape = {
  codeLength: whole(6, 10).optional(),
  alphabet: oneOf('digits', 'base32').optional(),
  lifetime: duration.optional(),
  attempts: whole(1, 10).optional(),
  resend: oneOf('same', 'new').optional(),
  bind: oneOf('recipient', 'challenge').optional(),
  limits: z
    .strictObject({
      cooldown: z.union([duration, z.literal(false)]).optional(),
      recipient: windows.optional(),
      ip: windows.optional(),
      country: windows.optional(),
      prefix: windows.optional(),
      global: windows.optional(),
      verifyIp: windows.optional(),
    })
    .optional(),
}

const purposeOptions = z.strictObject(purposeShape)
const purposeName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'must be up to 32 letters, digits, _ and -')
const channelName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be up to 32 lower-case letters, digits, _ and -')
const country = z.custom<string>(
  (value) => typeof value === 'string' && isSupportedCountry(value),
  { error: 'must be an ISO 3166 country code such as IN' },
)
const secret = z.union([z.string(), z.instanceof(Uint8Array)], {
  error: 'is required: 32 random bytes or more',
})
const secretKey = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,16}$/, 'must be up to 16 letters, digits, _ and -'),
  key: secret,
})

const optionsSchema = z.strictObject(
  {
    ...purposeShape,
    secret: z.union([secret, z.array(secretKey).min(1)], {
      error: 'is required: 32 random bytes or more, or a list of { id, key }',
    }),
    indexSecret: secret.optional(),
    store: having<OtpStore>('put', 'get', 'attempt', 'delete'),
    rateLimiter: having<RateLimiter>('take', 'refund', 'clear'),
    deliveries: z
      .record(channelName, having<Delivery>('deliver'))
      .refine((deliveries) => Object.keys(deliveries).length > 0, 'must hold at least one channel'),
    purposes: z.union([z.array(purposeName).min(1), z.record(purposeName, purposeOptions)], {
      error: 'must be a list of names, or a record of options by name',
    }),
    countries: z
      .union([z.array(country).min(1), z.literal('any')], {
        error: "must be a list of ISO 3166 country codes such as ['IN'], or 'any'",
      })
      .optional(),
    defaultCountry: country.optional(),
    appName: z.string().optional(),
    messages: z.custom<NonNullable<OtpManagerOptions<string, string>['messages']>>().optional(),
    namespace: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'must be up to 64 letters, digits and _.:-')
      .optional(),
    exposeCode: z.boolean().optional(),
    background: z
      .custom<(work: Promise<void>) => void>((value) => typeof value === 'function', {
        error: 'must be a function that takes a promise',
      })
      .optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be an object' : undefined) },
)

/** Checks the options. Throws a `TypeError` that names the option, and never its value. */
export function createSettings(input: unknown): Settings {
  const parsed = optionsSchema.safeParse(input)
  if (!parsed.success) {
    throw wrongBy(parsed.error.issues)
  }
  const options = parsed.data
  const deliveries = new Map(Object.entries(options.deliveries))
  checkReach(deliveries, options.countries !== undefined)
  const countries =
    options.countries === undefined || options.countries === 'any'
      ? (options.countries ?? new Set<string>())
      : new Set(options.countries)
  const { defaultCountry, background } = options
  if (defaultCountry !== undefined && countries !== 'any' && !countries.has(defaultCountry)) {
    throw wrong('defaultCountry', 'must be one of `countries`')
  }
  if (options.exposeCode === true) {
    const environment = nodeEnvironment()
    if (environment !== 'development' && environment !== 'test') {
      throw wrong('exposeCode', 'needs NODE_ENV to be exactly development or test')
    }
  }
  const appName = options.appName ?? 'OTP'
  return {
    keys: keyring(options),
    store: options.store,
    rateLimiter: options.rateLimiter,
    deliveries,
    purposes: purposes(options),
    countries,
    ...(defaultCountry === undefined ? {} : { defaultCountry }),
    appName,
    render: createRenderer({ ...options.messages, appName }),
    exposeCode: options.exposeCode ?? false,
    ...(background === undefined ? {} : { background }),
  }
}

type Options = z.infer<typeof optionsSchema>

function wrongBy(issues: readonly z.core.$ZodIssue[]): TypeError {
  const [issue] = issues
  const path = issue?.path.map(String) ?? []
  if (issue?.code === 'unrecognized_keys') {
    return wrong([...path, issue.keys[0]].join('.'), 'is not known')
  }
  return path.length === 0
    ? new TypeError('otpkit: the options must be an object')
    : wrong(path.join('.'), issue?.message ?? 'is wrong')
}

function wrong(option: string, problem: string): TypeError {
  return new TypeError(`otpkit: option \`${option}\` ${problem}`)
}

/** The kind of recipient that a channel of this name is about; other names take what they reach. */
export function kindOfChannel(channel: string): 'phone' | 'email' | undefined {
  if (channel === 'email') return 'email'
  return channel === 'sms' || channel === 'whatsapp' || channel === 'voice' ? 'phone' : undefined
}

function checkReach(deliveries: ReadonlyMap<string, Delivery>, hasCountries: boolean): void {
  for (const [channel, delivery] of deliveries) {
    const kind = kindOfChannel(channel)
    if (!Array.isArray(delivery.reaches) || (kind && !delivery.reaches.includes(kind))) {
      throw wrong(`deliveries.${channel}`, `must be a delivery that reaches ${kind ?? 'somebody'}`)
    }
    if (kind !== 'email' && delivery.reaches.includes('phone') && !hasCountries) {
      throw wrong('countries', "is required with a phone channel: a list such as ['IN'], or 'any'")
    }
  }
}

function keyring(options: Options): Keyring {
  const { secret: given, indexSecret } = options
  const list = Array.isArray(given) ? given : [{ id: '1', key: given }]
  const [first, ...rest] = list.map(({ id, key }, position): Key => {
    const name = Array.isArray(given) ? `secret.${position}.key` : 'secret'
    return { id, bytes: secretBytes(key, name) }
  })
  if (first === undefined) throw wrong('secret', 'must hold at least one key')
  if (new Set(list.map((key) => key.id)).size < list.length) {
    throw wrong('secret', 'must not hold one id twice')
  }
  if (indexSecret === undefined && Array.isArray(given)) {
    throw wrong('indexSecret', 'is required beside a list of keys')
  }
  const index = indexSecret === undefined ? first.bytes : secretBytes(indexSecret, 'indexSecret')
  return createKeyring([first, ...rest], index, options.namespace ?? 'otpkit')
}

function secretBytes(value: Secret, option: string): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value.slice()
  if (bytes.length < 32) throw wrong(option, 'must be 32 bytes or more')
  if (new Set(bytes).size < 8) throw wrong(option, 'must be random: it repeats a few characters')
  return bytes
}

function purposes(options: Options): Map<string, PurposeSettings> {
  const entries: [string, z.infer<typeof purposeOptions>][] = Array.isArray(options.purposes)
    ? options.purposes.map((name) => [name, {}])
    : Object.entries(options.purposes)
  if (entries.length === 0) throw wrong('purposes', 'must hold at least one purpose')
  return new Map(
    entries.map(([name, own]) => {
      const path = Array.isArray(options.purposes) ? '' : `purposes.${name}.`
      const pick = { ...options, ...own }
      const lifetimeMs = parseDuration(pick.lifetime ?? '5m', `${path}lifetime`)
      if (lifetimeMs > longestLifetimeMs) throw wrong(`${path}lifetime`, 'must be at most 10m')
      return [
        name,
        {
          name,
          codeLength: pick.codeLength ?? 6,
          alphabet: pick.alphabet ?? 'digits',
          lifetimeMs,
          attempts: pick.attempts ?? 3,
          resend: pick.resend ?? 'same',
          bind: pick.bind ?? 'recipient',
          limits: limitSettings({ ...options.limits, ...own.limits }, `${path}limits`),
        },
      ]
    }),
  )
}

function limitSettings(limits: NonNullable<Options['limits']>, path: string): LimitSettings {
  const read = (name: Exclude<keyof LimitSettings, 'cooldown'>): readonly Window[] =>
    limits[name]?.map(({ max, per }, position) => ({
      max,
      windowMs: parseDuration(per, `${path}.${name}.${position}.per`),
    })) ?? defaultLimits[name]
  const { cooldown } = limits
  return {
    cooldown:
      cooldown === undefined
        ? defaultLimits.cooldown
        : cooldown === false || cooldown === 0
          ? []
          : [{ max: 1, windowMs: parseDuration(cooldown, `${path}.cooldown`) }],
    recipient: read('recipient'),
    ip: read('ip'),
    country: read('country'),
    prefix: read('prefix'),
    global: read('global'),
    verifyIp: read('verifyIp'),
  }
}
