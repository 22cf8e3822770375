import {
  DeliveryError,
  type OtpDatabase,
  OtpManager,
  type OtpManagerSettings,
  type OtpPlaces,
  type OtpStore,
  type RateLimiter,
  type VerifyResult,
} from 'otpkit'
import { capturedDelivery, lagging } from 'otpkit/testing'
import { ledgerKey } from '../../src/core/charges'
import { createKeyring } from '../../src/core/keyring'
import { recipientLabel } from '../../src/core/labels'
import { ledger } from '../../src/core/limits'
import type { OtpEvent } from '../../src/events'
import { turns } from '../../src/testing/conformance'
import { seededIntegers } from '../../src/testing/random'
import { phone, secret } from '../fixture'
import type { OpenPlace, PlaceKind } from './places'

type Settings = Partial<OtpManagerSettings<'sms', 'login' | 'signup'>>

/** What a promise is checked with. */
export interface Setting {
  readonly kind: PlaceKind
  readonly seed: number
}

export interface BackendOptions {
  readonly settings?: Settings
  readonly cut?: (method: string) => 'before' | 'after' | undefined
  /** What each manager speaks to, in place of the one that is far away. */
  readonly through?: (places: OtpPlaces) => OtpPlaces
}

/** Four managers of one backend, each far away from the place that they share. */
export interface Backend {
  readonly managers: readonly OtpManager<'sms', 'login' | 'signup'>[]
  /** One of them. */
  readonly otp: OtpManager<'sms', 'login' | 'signup'>
  readonly sms: ReturnType<typeof capturedDelivery>
  readonly events: readonly OtpEvent[]
  /** A whole number from 0 up to, not including, this one. */
  below(bound: number): number
  advance(milliseconds: number): void
  /** The provider will refuse this message of those to come, counted from 1. */
  refuse(number: number): void
  /**
   * The provider takes so many messages to come together: none before all of them have arrived, or
   * a message that was taken early would rightly be replaced by the next one.
   */
  meet(count: number): void
  /** The provider takes the next message only once it is released, and those after it at once. */
  hold(): { readonly arrived: Promise<void>; release(): void }
  /** Unforgiven failures of the owner. */
  failures(): Promise<number>
  /** Adds failures to the owner's ledger. */
  fail(times: number): Promise<void>
}

/** The owner of the recipient that everything is about. */
export const owner = { to: phone, purpose: 'login', ip: '203.0.113.7' } as const
export const minute = 60_000

/** Runs a check with a backend of its own, so many times with as many orders of events. */
export async function withBackend(
  { kind, seed }: Setting,
  rounds: number,
  options: BackendOptions,
  check: (backend: Backend, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < Math.min(rounds, kind.mostRounds ?? rounds); round += 1) {
    const place = await kind.open()
    try {
      const { client = (same) => same } = kind
      const { through = (same) => same } = options
      const all = { ...options, through: (places: OtpPlaces) => through(client(places)) }
      await check(await createBackend(place, seed + 1_000 * round, all), round)
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`${kind.name}, seed ${seed}, round ${round}: ${text}`, { cause })
    }
  }
}

async function createBackend(
  { places, advance }: OpenPlace,
  seed: number,
  { settings = {}, cut, through = (same) => same }: BackendOptions,
): Promise<Backend> {
  const sms = capturedDelivery({ reaches: ['phone'] })
  const events: OtpEvent[] = []
  // Places of one server share their tables.
  const namespace = crypto.randomUUID()
  const below = seededIntegers(seed)
  const refusals = new Set<number>()
  let deliveries = 0
  let meeting = createMeeting(0)
  // Providers overtake each other too.
  const slow: typeof sms = {
    ...sms,
    deliver: async (message) => {
      await turns(below(65))
      await meeting()
      deliveries += 1
      if (!refusals.has(deliveries)) return sms.deliver(message)
      throw new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'captured' })
    },
  }
  const managers = [1, 2, 3, 4].map((number) => {
    const options = { seed: seed + number, ...(cut === undefined ? {} : { cut }) }
    const otp = new OtpManager({
      ...through(farAway(places, options)),
      secret,
      namespace,
      deliveries: { sms: slow },
      countries: ['IN'],
      purposes: ['login', 'signup'],
      ...settings,
    })
    otp.subscribe((event) => void events.push(event))
    return otp
  })
  const [otp] = managers
  if (otp === undefined) throw new Error('there is no manager')

  const keys = createKeyring([{ id: '1', bytes: bytesOf(secret) }], bytesOf(secret), namespace)
  const limit = { ...ledger, key: ledgerKey(recipientLabel(keys, phone)) }
  const { rateLimiter } = partsOf(places)
  return {
    managers,
    otp,
    sms,
    events,
    below,
    advance,
    meet: (count) => {
      meeting = createMeeting(count)
    },
    hold: () => {
      const arrived = createSignal()
      const released = createSignal()
      let isHeld = false
      meeting = async () => {
        if (isHeld) return
        isHeld = true
        arrived.give()
        await released.given
      }
      return { arrived: arrived.given, release: released.give }
    },
    refuse: (number) => void refusals.add(deliveries + number),
    failures: async () => {
      const [used = 0] = (await rateLimiter.take([{ ...limit, cost: 0 }])).used
      return used
    },
    fail: async (times) => {
      for (let time = 0; time < times; time += 1) await rateLimiter.take([limit])
    },
  }
}

/** Holds whoever comes until so many have come. */
function createMeeting(count: number): () => Promise<void> {
  let left = count
  const all = createSignal()
  return async () => {
    left -= 1
    if (left <= 0) all.give()
    await all.given
  }
}

function createSignal() {
  let give = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function farAway(places: OtpPlaces, options: Parameters<typeof lagging>[1]): OtpPlaces {
  if (places.database !== undefined) return { database: lagging(places.database, options) }
  const { store, rateLimiter } = places
  return { store: lagging(store, options), rateLimiter: lagging(rateLimiter, options) }
}

/** The store and the limiter of a place, which may be one. */
export function partsOf(places: OtpPlaces): { store: OtpStore; rateLimiter: RateLimiter } {
  const { database, store = database, rateLimiter = database } = places
  if (store === undefined || rateLimiter === undefined) throw new Error('there is no place')
  return { store, rateLimiter }
}

/** The same place with some calls of its database, store or limiter changed. */
export function changing(places: OtpPlaces, change: Partial<OtpDatabase>): OtpPlaces {
  if (places.database !== undefined) return { database: { ...places.database, ...change } }
  const { begin: _, settle: __, ...parts } = change
  return {
    store: { ...places.store, ...parts },
    rateLimiter: { ...places.rateLimiter, ...parts },
  }
}

/** Sends the owner a code and gives it. */
export async function receive(backend: Backend, purpose: 'login' | 'signup' = 'login') {
  const sent = await backend.otp.send({ ...owner, purpose, channel: 'sms' })
  if (!sent.ok) throw new Error(`the owner's message was refused: ${JSON.stringify(sent)}`)
  return { code: backend.sms.lastCode(), challengeId: sent.challengeId }
}

/** An address of a stranger's; no two numbers have the same one. */
export function address(number: number): string {
  return `10.0.${number >> 8}.${number & 255}`
}

/** How many answers of each kind there are. */
export function tally(results: readonly VerifyResult[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const result of results) {
    const name = result.ok ? 'verified' : result.reason
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
