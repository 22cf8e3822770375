import { randomBytes } from 'node:crypto'
import { OtpManager, type OtpStore, type RateLimiter } from 'otpkit'
import type { Way } from './side-by-side'

/** A recipient of its own for every index. */
export const email = (index: number) => `person.${index}@example.com`
/** An address of its own for every index below 2^24. */
export const ip = (index: number) =>
  `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`

/**
 * `send` and `verify` with the default limits, over a delivery that only remembers the code; and
 * the same with a mistyped code.
 */
export function otpkitWays(store: OtpStore, rateLimiter: RateLimiter) {
  const codes = new Map<string, string>()
  const otp = new OtpManager({
    secret: randomBytes(32),
    store,
    rateLimiter,
    deliveries: {
      email: {
        name: 'bench',
        reaches: ['email'],
        deliver: async ({ to, code }) => {
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
    const sent = await otp.send({ ...request, ip: ip(index) })
    if (!sent.ok) throw new Error(`send: ${sent.reason}`)
  }

  async function verify(index: number): Promise<void> {
    const to = email(index)
    const code = codes.get(to) ?? ''
    codes.delete(to)
    const result = await otp.verify({ to, purpose: 'login', code, ip: ip(index) })
    if (!result.ok) throw new Error(`verify: ${result.reason}`)
  }

  async function mistype(index: number): Promise<void> {
    const to = email(index)
    const code = codes.get(to) === '111111' ? '222222' : '111111'
    const result = await otp.verify({ to, purpose: 'login', code, ip: ip(index) })
    if (result.ok || result.reason !== 'incorrect') throw new Error('a wrong code was not refused')
  }

  return {
    otpkit: { name: 'otpkit', steps: { send, verify } },
    mistyping: { name: 'otpkit, mistyped code', steps: { send, verify: mistype } },
  }
}

/** The calls that `send` and `verify` make with the default limits, without the manager. */
export function adaptersWay(store: OtpStore, rateLimiter: RateLimiter): Way {
  const id = (index: number) => String(index).padStart(44, 'i')
  const limit = (kind: string, index: number, max: number, minutes: number) => {
    return { key: `${kind}${String(index).padStart(22, 'k')}`, max, windowMs: minutes * 60_000 }
  }
  const ledger = (index: number) => limit('f', index, 100, 180 * 1440)
  const digest = 'd'.repeat(22)
  const data = 's'.repeat(132)
  return {
    name: 'adapters',
    steps: {
      send: async (index) => {
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
      },
      verify: async (index) => {
        const taken = await rateLimiter.take([ledger(index), limit('v', index, 30, 1)])
        await store.attempt(id(index), [digest])
        if (taken.ok) await rateLimiter.refund([ledger(index)], taken.charge)
      },
    },
  }
}
