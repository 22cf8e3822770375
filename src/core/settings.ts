import * as z from 'zod/mini'
import type { Conversions } from '../conversion'
import type { OtpDatabase } from '../database'
import type { Delivery } from '../delivery'
import { countryProblem } from '../internal/country'
import { defined } from '../internal/defined'
import { nodeEnvironment } from '../internal/node-env'
import { bytesOf, secretProblem } from '../internal/secret'
import { wrongManagerOption } from '../internal/wrong-option'
import { createRenderer } from '../message/render'
import type { OtpManagerOptions, OtpPlaces, Secret, TestRecipientsOption } from '../options'
import type { Priced } from '../prices'
import type { RateLimiter } from '../rate-limiter'
import type { OtpStore } from '../store'
import type { Trace } from '../trace'
import type { ConversionsByProvider } from './conversions'
import { type GuardSettings, guardOptions, guardSettings } from './guard-settings'
import { createKeyring, type Key, type Keyring } from './keyring'
import { type PurposeSettings, purposeOptions, purposeShape, purposesOf } from './purposes'
import { type SpendSettings, spendOptions, spendSettings } from './spend-settings'
import { type TestRecipients, testRecipientsOf } from './test-recipients'
import { wrongBy } from './wrong-by'

/** The options, checked and with every default filled in. */
export interface Settings {
  readonly keys: Keyring
  readonly places: OtpPlaces
  readonly deliveries: ReadonlyMap<string, Delivery>
  readonly purposes: ReadonlyMap<string, PurposeSettings>
  readonly countries: ReadonlySet<string> | 'any'
  readonly defaultCountry?: string
  readonly appName: string
  readonly render: ReturnType<typeof createRenderer>
  readonly exposeCode: boolean
  readonly testRecipients: TestRecipients
  readonly conversions: ConversionsByProvider
  readonly guard?: GuardSettings
  readonly spend?: SpendSettings
  readonly clock: () => number
  readonly background?: (work: Promise<void>) => void
  readonly trace?: Trace
}

const storeMethods = ['put', 'get', 'attempt', 'delete'] as const
const rateLimiterMethods = ['take', 'refund', 'clear'] as const

const having = <T>(...methods: (keyof T & string)[]) =>
  z.custom<T>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      methods.every((method) => typeof Reflect.get(value, method) === 'function'),
    { error: `must be an object with ${methods.join(', ')}` },
  )

const purposeName = z
  .string('must be a name')
  .check(z.regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'must be up to 32 letters, digits, _ and -'))
const channelName = z
  .string()
  .check(z.regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be up to 32 lower-case letters, digits, _ and -'))
const country = z.custom<string>((value) => countryProblem(value) === undefined, {
  error: ({ input }) => countryProblem(input),
})
const noSecret = { error: 'is required: 32 random bytes or more' }
// Not by `instanceof`: a test runner's bytes may be of another realm.
const bytes = z.custom<Uint8Array>(
  (value) => Object.prototype.toString.call(value) === '[object Uint8Array]',
  noSecret,
)
const secret = z.union([z.string(), bytes], noSecret)
const secretKey = z.strictObject(
  {
    id: z
      .string('must be a text')
      .check(z.regex(/^[A-Za-z0-9_-]{1,16}$/, 'must be up to 16 letters, digits, _ and -')),
    key: secret,
  },
  { error: 'must be { id, key }' },
)

const optionsShape = {
  ...purposeShape,
  secret: z.union(
    [secret, z.array(secretKey).check(z.minLength(1, 'must hold at least one { id, key }'))],
    { error: 'is required: 32 random bytes or more, or a list of { id, key }' },
  ),
  indexSecret: z.optional(secret),
  store: z.optional(having<OtpStore>(...storeMethods)),
  rateLimiter: z.optional(having<RateLimiter>(...rateLimiterMethods)),
  database: z.optional(
    having<OtpDatabase>(...storeMethods, ...rateLimiterMethods, 'begin', 'settle'),
  ),
  deliveries: z
    .record(channelName, having<Delivery>('deliver'), {
      error: 'must be an object with a delivery for each channel',
    })
    .check(
      z.refine(
        (deliveries) => Object.keys(deliveries).length > 0,
        'must hold at least one channel',
      ),
    ),
  purposes: z.union(
    [
      z.array(purposeName).check(z.minLength(1, 'must hold at least one purpose')),
      z.record(purposeName, purposeOptions),
    ],
    { error: 'must be a list of names, or a record of options by name' },
  ),
  countries: z.optional(
    z.union(
      [z.array(country).check(z.minLength(1, 'must hold at least one country')), z.literal('any')],
      { error: "must be a list of ISO 3166 country codes such as ['IN'], or 'any'" },
    ),
  ),
  defaultCountry: z.optional(country),
  appName: z.optional(z.string('must be a text')),
  messages: z.optional(
    z.custom<NonNullable<OtpManagerOptions<string, string>['messages']>>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      { error: 'must be an object' },
    ),
  ),
  namespace: z.optional(
    z
      .string('must be a text')
      .check(z.regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'must be up to 64 letters, digits and _.:-')),
  ),
  exposeCode: z.optional(z.boolean('must be true or false')),
  testRecipients: z.optional(z.custom<TestRecipientsOption>(() => true)),
  conversions: z.optional(
    z
      .array(having<Conversions>('verified'), { error: 'must be a list' })
      .check(
        z.refine(
          (list) => new Set(list.map(({ provider }) => provider)).size === list.length,
          'must name each provider once',
        ),
      ),
  ),
  guard: z.optional(guardOptions),
  spend: z.optional(spendOptions),
  clock: z.optional(
    z.custom<() => number>((value) => typeof value === 'function', { error: 'must be a function' }),
  ),
  background: z.optional(
    z.custom<(work: Promise<void>) => void>((value) => typeof value === 'function', {
      error: 'must be a function that takes a promise',
    }),
  ),
  trace: z.optional(
    z.custom<Trace>((value) => typeof value === 'function', { error: 'must be a function' }),
  ),
}
const optionsSchema = z.strictObject(optionsShape)

/** Checks the options. Throws a `TypeError` that names the option, and never its value. */
export function createSettings(input: unknown): Settings {
  const parsed = optionsSchema.safeParse(input)
  if (!parsed.success) throw wrongBy(parsed.error.issues, Object.keys(optionsShape))
  const options = parsed.data
  const deliveries = new Map(Object.entries(options.deliveries))
  checkReach(deliveries, options.countries !== undefined)
  const countries =
    options.countries === undefined || options.countries === 'any'
      ? (options.countries ?? new Set<string>())
      : new Set(options.countries)
  const { defaultCountry, background, trace } = options
  if (defaultCountry !== undefined && countries !== 'any' && !countries.has(defaultCountry)) {
    throw wrongManagerOption('defaultCountry', 'must be one of `countries`')
  }
  if (options.exposeCode === true) {
    const environment = nodeEnvironment()
    if (environment !== 'development' && environment !== 'test') {
      throw wrongManagerOption('exposeCode', 'needs NODE_ENV to be exactly development or test')
    }
  }
  const guard = options.guard && guardSettings(options.guard)
  const spend = options.spend && spendSettings(options.spend, pricedOf(deliveries, countries))
  const watching = defined({ guard, spend })
  const appName = options.appName ?? 'OTP'
  const keys = keyring(options)
  const rules = { countries, ...(defaultCountry === undefined ? {} : { defaultCountry }) }
  return {
    keys,
    places: placesOf(options),
    deliveries,
    purposes: purposesOf(options, watching),
    ...watching,
    ...rules,
    appName,
    render: createRenderer({ ...options.messages, appName }),
    exposeCode: options.exposeCode ?? false,
    testRecipients: testRecipientsOf(keys, rules, options.testRecipients),
    conversions: new Map((options.conversions ?? []).map((one) => [one.provider, one])),
    clock: options.clock ?? Date.now,
    ...(background === undefined ? {} : { background }),
    ...(trace === undefined ? {} : { trace }),
  }
}

type Options = z.infer<typeof optionsSchema>

function placesOf({ database, store, rateLimiter }: Options): OtpPlaces {
  if (database !== undefined && store === undefined && rateLimiter === undefined) {
    return { database }
  }
  if (database === undefined && store !== undefined && rateLimiter !== undefined) {
    return { store, rateLimiter }
  }
  throw new TypeError(
    'otpkit: pass option `database`, or `store` and `rateLimiter` together, and not both',
  )
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
      throw wrongManagerOption(
        `deliveries.${channel}`,
        `must be a delivery that reaches ${kind ?? 'somebody'}`,
      )
    }
    if (kind !== 'email' && delivery.reaches.includes('phone') && !hasCountries) {
      throw wrongManagerOption(
        'countries',
        "is required with a phone channel: a list such as ['IN'], or 'any'",
      )
    }
  }
}

/** What messages may have to be priced as. */
function pricedOf(
  deliveries: ReadonlyMap<string, Delivery>,
  countries: ReadonlySet<string> | 'any',
): Priced[] {
  const everywhere = countries === 'any' ? [undefined] : [...countries]
  return [...deliveries].flatMap(([channel, { name: provider, reaches }]) => {
    const kind = kindOfChannel(channel)
    const kinds = kind === undefined ? reaches : [kind]
    return kinds.flatMap((one) =>
      (one === 'email' ? [undefined] : everywhere).map((country) => ({
        channel,
        provider,
        country,
      })),
    )
  })
}

function keyring(options: Options): Keyring {
  const { secret: given, indexSecret } = options
  const list = Array.isArray(given) ? given : [{ id: '1', key: given }]
  const [first, ...rest] = list.map(({ id, key }, position): Key => {
    const name = Array.isArray(given) ? `secret.${position}.key` : 'secret'
    return { id, bytes: secretBytes(key, name) }
  })
  if (first === undefined) throw wrongManagerOption('secret', 'must hold at least one key')
  if (new Set(list.map((key) => key.id)).size < list.length) {
    throw wrongManagerOption('secret', 'must not hold one id twice')
  }
  if (indexSecret === undefined && Array.isArray(given)) {
    throw wrongManagerOption('indexSecret', 'is required beside a list of keys')
  }
  const index = indexSecret === undefined ? first.bytes : secretBytes(indexSecret, 'indexSecret')
  return createKeyring([first, ...rest], index, options.namespace ?? 'otpkit')
}

function secretBytes(value: Secret, option: string): Uint8Array {
  const problem = secretProblem(value)
  if (problem !== undefined) throw wrongManagerOption(option, problem)
  return bytesOf(value)
}
