import { DeliveryError, type OtpDatabase, OtpManager, type OtpManagerSettings } from 'otpkit'
import { digestOf } from '../../src/core/challenge'
import { ledgerKey } from '../../src/core/charges'
import { joined } from '../../src/core/joined'
import { createKeyring } from '../../src/core/keyring'
import { boundLabels, readHandle, recipientLabel } from '../../src/core/labels'
import { phone, secret } from '../fixture'
import { createModel, type Model } from './database'
import type { Rule } from './rules'
import { createWorld, type World } from './world'

/** Three purposes: one of either binding, and one that nobody has a code for. */
const purposes = {
  login: {},
  signup: { bind: 'challenge' },
  nothing: {},
} as const
export type Purpose = keyof typeof purposes

/** How the manager's database is made of the model's. */
export type Joining = (far: OtpDatabase, world: World) => OtpDatabase

export interface Scenery {
  readonly seed: number
  readonly off?: Rule | undefined
  readonly joining?: Joining | undefined
  /** Strangers guess at nothing of the owner's that has a code: charges in flight are few. */
  readonly isApart?: boolean
  readonly settings?: Partial<OtpManagerSettings<'sms', Purpose>>
  /** Of so many trips one is cut before its step, and one after it. */
  readonly cuts?: number
  /** Of so many guesses the client sends one again, having lost its answer. */
  readonly again?: number
}

/** A manager over the model, and what the model knows. */
export interface Backend extends Pick<World, 'run' | 'below'> {
  readonly otp: OtpManager<'sms', Purpose>
  readonly model: Model
  /** Codes that were sent, oldest first. */
  readonly codes: readonly string[]
  /** The provider refuses this message of those to come, counted from 1. */
  refuse(number: number): void
  /** From now on connections are cut, and clients send guesses again. */
  disturb(): void
  readonly ledger: string
  idOf(handle: string): Promise<string>
  /** Whether this is the code that stands for the owner at login. */
  stands(code: string): Promise<boolean>
  addressKey(ip: string): Promise<string>
  send(
    purpose: Purpose,
    more?: object,
  ): Promise<Awaited<ReturnType<OtpManager<'sms', Purpose>['send']>>>
}

/** A store beside a limiter, as the manager joins them. */
export const joinedAsShipped: Joining = (far) =>
  joined({ store: far, rateLimiter: far, onFault: async () => {} })

export async function createBackend(scenery: Scenery): Promise<Backend> {
  const { seed, off, joining = (far) => far, settings = {}, cuts = 0, again = 0 } = scenery
  const world = createWorld(seed)
  const { below, run, hop } = world
  const model = createModel(world, off)
  let isWell = true
  const chance = (of: number) => !isWell && of > 0 && below(of) === 0

  const trip = <Given extends unknown[], Answer>(
    step: (...given: Given) => Promise<Answer>,
    isSentAgain = false,
  ) => {
    return async (...given: Given): Promise<Answer> => {
      await hop()
      if (chance(cuts)) throw new Error('cut before')
      let answer = await step(...given)
      await hop()
      if (isSentAgain && chance(again)) {
        answer = await step(...given)
        await hop()
      }
      if (chance(cuts)) throw new Error('cut after')
      return answer
    }
  }
  const { database } = model
  const far: OtpDatabase = {
    put: trip(database.put),
    get: trip(database.get),
    attempt: trip(database.attempt),
    delete: trip(database.delete),
    take: trip(database.take),
    refund: trip(database.refund),
    clear: trip(database.clear),
    begin: trip(database.begin),
    settle: trip(database.settle, true),
  }

  const codes: string[] = []
  const refusals = new Set<number>()
  let deliveries = 0
  const otp = new OtpManager({
    database: joining(far, world),
    secret,
    countries: ['IN'],
    purposes,
    limits: { verifyIp: [{ max: 5, per: '1m' }] },
    ...settings,
    deliveries: {
      sms: {
        name: 'sms',
        reaches: ['phone'],
        deliver: async ({ code = '' }) => {
          await hop()
          deliveries += 1
          if (refusals.has(deliveries)) {
            throw new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'sms' })
          }
          codes.push(code)
          await hop()
          return { provider: 'sms' }
        },
      },
    },
  })

  const bytes = new TextEncoder().encode(secret)
  const keys = createKeyring([{ id: '1', bytes }], bytes, 'otpkit')
  const label = recipientLabel(keys, phone)
  const ledger = ledgerKey(label)
  const login = boundLabels(keys, 'login', phone, label)
  return {
    run,
    below,
    otp,
    model,
    codes,
    refuse: (number) => void refusals.add(deliveries + number),
    disturb: () => {
      isWell = false
    },
    ledger,
    idOf: async (handle) => readHandle(keys, handle).id,
    stands: async (code) => {
      const found = model.challenges.get(login.id)
      const digest = digestOf(keys.signing[0], login.id, 'login', code)
      return found !== null && !found.used && found.attemptsLeft > 0 && found.digest === digest
    },
    addressKey: async (ip) => `v${keys.index('ip', ip)}`,
    send: (purpose, more = {}) =>
      otp.send({ to: phone, channel: 'sms', purpose, ip: null, ...more }),
  }
}

/** Sends a code while nothing else happens, and gives it with its handle. */
export async function receive(backend: Backend, purpose: Purpose) {
  const [sent] = await backend.run([
    () => backend.send(purpose, { ip: `198.51.100.${backend.below(200)}` }),
  ])
  const code = backend.codes.at(-1)
  if (!sent?.ok || code === undefined) throw new Error(`not sent: ${JSON.stringify(sent)}`)
  return { code, challengeId: sent.challengeId }
}
