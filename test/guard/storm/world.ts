import {
  type Delivery,
  DeliveryError,
  type OtpDatabase,
  type OtpEvent,
  OtpManager,
  type OtpManagerSettings,
} from 'otpkit'
import { lagging, testClock } from 'otpkit/testing'
import { segments } from '../../../src/internal/segments'
import { turns } from '../../../src/testing/conformance'
import { seededIntegers } from '../../../src/testing/random'
import { noLimits, secret } from '../../fixture'

export type Settings = OtpManagerSettings<'sms' | 'whatsapp', 'login'> & {
  readonly database: OtpDatabase
}
export type Manager = OtpManager<'sms' | 'whatsapp', 'login'>

/** What a storm is made of, drawn from its seed. */
export interface Mix {
  readonly seed: number
  readonly mode: 'record' | 'challenge' | 'refuse'
  /** Connections are cut, before and after the step of the database. */
  readonly isCut: boolean
  /** Providers refuse messages with certainty. */
  readonly fails: boolean
  readonly isBehind: boolean
  /** Nobody has to wait, and no recipient or address is limited. */
  readonly isFree: boolean
  /** The guard gives up soon. */
  readonly isTight: boolean
  readonly resend: 'same' | 'new'
  /** Texts of two segments are asked for too. */
  readonly isLong: boolean
  /** The most that may be spent. */
  readonly cap: number
}

/** What stands in the way of a storm, or makes it go wrong. */
export interface Fault {
  readonly name: string
  /** The storms in which it shows. */
  readonly mix?: Partial<Mix>
  readonly database?: (database: OtpDatabase) => OtpDatabase
  readonly manager?: (settings: Settings, number: number) => Settings
  /** What is built around each manager. */
  readonly face?: (manager: Manager) => Manager
}

/** A message that a provider took or may have taken, and what it costs. */
export interface Carried {
  readonly to: string
  readonly code: string
  readonly money: number
  /** The provider did not say that it has taken it. */
  readonly isUnknown: boolean
}

/** Opens a database with this clock. */
export type OpenDatabase = (clock: () => number) => OtpDatabase

export const fixedCode = '271828'
export const price = { sms: 10_000, whatsapp: 5_000 } as const
export const levels = {
  wide: { honest: 0.4, attack: 0.2, error: 1e-9 },
  tight: { honest: 0.5, attack: 0.2, error: 1e-3 },
} as const

export function mixOf(seed: number): Mix {
  const below = seededIntegers(seed)
  const one = () => below(2) === 0
  return {
    seed,
    mode: (['record', 'challenge', 'refuse'] as const)[below(3)] ?? 'refuse',
    isCut: one(),
    fails: one(),
    isBehind: one(),
    isFree: one(),
    isTight: one(),
    resend: below(4) === 0 ? 'new' : 'same',
    isLong: one(),
    cap: [4, 20, 1_000][below(3)] ?? 4,
  }
}

export function createWorld(
  mix: Mix,
  testers: readonly string[],
  fault: Fault | undefined,
  open: OpenDatabase,
) {
  const { seed, mode, isFree, isTight, isBehind, fails } = mix
  const below = seededIntegers(seed + 1)
  const clock = testClock(Date.UTC(2026, 0, 5))
  const { database, isIdle } = watched(open(clock.now))
  // Storms share the tables of a server.
  const namespace = crypto.randomUUID()
  const carried: Carried[] = []
  const events: OtpEvent[] = []
  const works: Promise<void>[] = []
  const line = { isCut: false }
  const cut = () =>
    line.isCut && below(9) === 0 ? ([`before`, `after`] as const)[below(2)] : undefined

  const provider = (channel: 'sms' | 'whatsapp'): Delivery => ({
    name: `${channel}-provider`,
    reaches: ['phone'],
    deliver: async ({ to, code = '', content }) => {
      // Providers overtake each other.
      await turns(below(65))
      const fate = below(10)
      if (fails && fate < 3) {
        const kinds = ['opted_out', 'unavailable', 'invalid_recipient'] as const
        const kind = kinds[fate] ?? 'unavailable'
        throw new DeliveryError({ kind, sent: 'no', provider: `${channel}-provider` })
      }
      const isUnknown = fate === 3
      const parts = channel === 'sms' ? segments(content.text).segments : 1
      carried.push({ to, code, money: price[channel] * parts, isUnknown })
      // It times out, and the message arrives all the same.
      if (isUnknown) throw new Error('the provider did not answer in time')
      return { provider: `${channel}-provider` }
    },
  })
  const deliveries = { sms: provider('sms'), whatsapp: provider('whatsapp') }
  const threshold = levels[isTight ? 'tight' : 'wide']
  const broken = fault?.database?.(database) ?? database
  const offsets = [0, 0, 0, 0]
  const managers = offsets.map((_, number) => {
    const settings: Settings = {
      secret,
      namespace,
      database: lagging(broken, { seed: seed + 2 + number, cut }),
      deliveries,
      countries: ['IN'],
      purposes: { login: { resend: mix.resend } },
      messages: {
        templates: {
          en: { text: '{code} is your code' },
          fa: { text: `{code} ${'کد '.repeat(30)}` },
        },
      },
      guard: {
        mode,
        growth: { floor: 60, times: 3 },
        levels: Object.fromEntries(
          ['ip', 'block', 'wideBlock', 'country', 'burst'].map((level) => [level, threshold]),
        ),
      },
      spend: {
        perDay: mix.cap,
        perCountryPerDay: mix.cap * 0.9,
        prices: { currency: 'EUR', perMessage: { sms: 0.1, whatsapp: 0.05 } },
      },
      testRecipients: {
        codes: Object.fromEntries(testers.map((to) => [to, fixedCode])),
        until: new Date(clock.now() + 10 * 86_400_000),
      },
      clock: () => clock.now() + (offsets[number] ?? 0),
      ...(isFree ? { limits: noLimits } : { limits: { ip: [], verifyIp: [] } }),
      ...(isBehind && { background: (work: Promise<void>) => void works.push(work) }),
    }
    const otp = new OtpManager(fault?.manager?.(settings, number) ?? settings)
    otp.subscribe((event) => void events.push(event))
    return fault?.face?.(otp) ?? otp
  })

  const [first] = managers
  if (first === undefined) throw new Error('there is no manager')

  return {
    mix,
    below,
    clock,
    database,
    namespace,
    carried,
    events,
    line,
    /** One of four, which are processes of their own. */
    otp: () => managers[below(managers.length)] ?? first,
    /** Sets a host's clock back, and another one right. */
    shakeClocks: () => {
      offsets[below(4)] = -below(2 * 86_400_000)
      offsets[below(4)] = 0
    },
    /** Waits for everything that goes on behind answers. */
    settle: async () => {
      for (let quiet = 0; quiet < 3; quiet += 1) {
        if (works.length > 0 || !isIdle()) quiet = 0
        await Promise.all(works.splice(0))
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    },
  }
}

export type World = ReturnType<typeof createWorld>

/** A database, and whether no call of it is under way. */
function watched(database: OtpDatabase) {
  let underWay = 0
  const isIdle = () => underWay === 0
  const done = () => {
    underWay -= 1
  }
  // The promise itself, so that nobody gets an answer later than without this.
  const watch =
    <Args extends readonly unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    (...args: Args): Promise<Answer> => {
      underWay += 1
      const answer = call(...args)
      answer.then(done, done)
      return answer
    }
  const seen: OtpDatabase = {
    put: watch(database.put),
    get: watch(database.get),
    attempt: watch(database.attempt),
    delete: watch(database.delete),
    take: watch(database.take),
    refund: watch(database.refund),
    clear: watch(database.clear),
    begin: watch(database.begin),
    settle: watch(database.settle),
  }
  return { database: seen, isIdle }
}
