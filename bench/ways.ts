import { randomBytes } from 'node:crypto'
import { OtpManager, type OtpPlaces, type OtpStore, type RateLimiter } from 'otpkit'
import type { Way } from './side-by-side'

/** A recipient of its own for every index. */
export const email = (index: number) => `person.${index}@example.com`
/** An address of its own for every index below 2^24. */
export const ip = (index: number) =>
  `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`

/**
 * `send` and `verify` with the default limits, over a delivery that only remembers the code; and
 * the same with a code that is mistyped once.
 *
 * @param addresses - How many addresses all recipients share, each of which may then ask as often as it
 * likes; without it each has one of its own.
 */
export function otpkitWays(name: string, places: OtpPlaces, addresses?: number): Ways {
  const codes = new Map<string, string>()
  const shared = addresses && { limits: { ip: [{ max: 1e9, per: '1m' }] } }
  const ipOf = (index: number) => ip(addresses ? index % addresses : index)
  const otp = new OtpManager({
    ...places,
    ...shared,
    secret: randomBytes(32),
    deliveries: {
      email: {
        name: 'bench',
        reaches: ['email'],
        deliver: async ({ to, code = '' }) => {
          codes.set(to, code)
          return { provider: 'bench' }
        },
      },
    },
    purposes: ['login'],
    lifetime: '10m',
  })

  async function send(index: number): Promise<void> {
    const request = { to: email(index), channel: 'email', purpose: 'login' } as const
    const sent = await otp.send({ ...request, ip: ipOf(index) })
    if (!sent.ok) throw new Error(`send: ${sent.reason}`)
  }

  async function verify(index: number): Promise<void> {
    const to = email(index)
    const code = codes.get(to) ?? ''
    codes.delete(to)
    const result = await otp.verify({ to, purpose: 'login', code, ip: ipOf(index) })
    if (!result.ok) throw new Error(`verify: ${result.reason}`)
  }

  async function mistype(index: number): Promise<void> {
    const to = email(index)
    const code = codes.get(to) === '111111' ? '222222' : '111111'
    const result = await otp.verify({ to, purpose: 'login', code, ip: ipOf(index) })
    if (result.ok || result.reason !== 'incorrect') throw new Error('a wrong code was not refused')
  }

  return waysOf(name, send, verify, mistype)
}

/** The same calls with a code that is right at once, and with one that is mistyped once. */
export interface Ways {
  readonly straight: Way
  readonly mistyping: Way
  readonly send: Step
}

type Step = (index: number) => Promise<void>

function waysOf(name: string, send: Step, right: Step, wrong: Step, rightAfterwards = right): Ways {
  return {
    send,
    straight: { name, steps: { send, right } },
    mistyping: { name: `${name}, mistyped`, steps: { send, wrong, afterwards: rightAfterwards } },
  }
}

/**
 * The calls that each operation made to a store beside a limiter before a database decided it in one
 * step. They are without the manager: neither its time nor what it makes of the answers is in them.
 */
export function callsBefore(store: OtpStore, rateLimiter: RateLimiter): Ways {
  const id = (index: number) => String(index).padStart(44, 'i')
  const limit = (kind: string, index: number, max: number, minutes: number) => {
    return { key: `${kind}${String(index).padStart(22, 'k')}`, max, windowMs: minutes * 60_000 }
  }
  const ledger = (index: number) => limit('f', index, 100, 180 * 1440)
  const digest = 'd'.repeat(22)
  const data = 's'.repeat(132)

  async function send(index: number): Promise<void> {
    const message = [
      { ...ledger(index), cost: 0 },
      limit('m', index, 1, 0.5),
      limit('m', index, 3, 2),
      limit('m', index, 5, 60),
      limit('m', index, 10, 1440),
      limit('i', index, 5, 1),
    ]
    await Promise.all([store.get(id(index)), rateLimiter.take(message)])
    await store.put({ id: id(index), digest, attempts: 3, ttlMs: 300_000, data })
  }

  async function wrong(index: number): Promise<void> {
    await rateLimiter.take([ledger(index), limit('v', index, 30, 1)])
    await store.attempt(id(index), ['w'.repeat(22)])
  }

  async function right(index: number): Promise<void> {
    const taken = await rateLimiter.take([ledger(index), limit('v', index, 30, 1)])
    await store.attempt(id(index), [digest])
    if (taken.ok) await rateLimiter.refund([ledger(index).key], taken.charge)
  }

  async function rightAfterwards(index: number): Promise<void> {
    await right(index)
    await rateLimiter.take([limit('o', index, 10, 180 * 1440)])
    await rateLimiter.clear([ledger(index).key], 1)
  }

  return waysOf('before, calls alone', send, right, wrong, rightAfterwards)
}
