import { OtpManager, type OtpManagerSettings } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { fromEnvironment } from 'otpkit/from-environment'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { secret } from './fixture'

const settings: OtpManagerSettings<'email', 'login'> = {
  secret,
  deliveries: { email: capturedDelivery({ reaches: ['email'] }) },
  purposes: ['login'],
}
const variables = { NODE_ENV: 'test', OTP_SECRET: secret, OTP_COUNTRIES: 'IN' }
const ask = { to: 'person@example.com', channel: 'email', purpose: 'login', ip: null } as const

// The compiler checks this file: each `@ts-expect-error` is a mistake that it must find.
describe('where a manager keeps what it knows', () => {
  it('is one database, or a store beside a limiter', async () => {
    for (const otp of [
      new OtpManager({ ...settings, database: memory() }),
      new OtpManager({ ...settings, store: memoryStore(), rateLimiter: memoryRateLimiter() }),
      // A database is a store and a limiter too.
      new OtpManager({ ...settings, store: memory(), rateLimiter: memoryRateLimiter() }),
      new OtpManager({ ...settings, store: memoryStore(), rateLimiter: memory() }),
    ]) {
      expect(await otp.send(ask)).toMatchObject({ ok: true })
    }
  })

  it('stands beside what the environment says', async () => {
    const purposes = ['login'] as const
    const environment = fromEnvironment(variables)
    for (const otp of [
      new OtpManager({ ...environment, purposes, database: memory() }),
      new OtpManager({
        ...environment,
        purposes,
        store: memoryStore(),
        rateLimiter: memoryRateLimiter(),
      }),
    ]) {
      expect(await otp.recipient('+919876543210')).toMatchObject({ ok: true })
    }
  })

  it('is neither both, nor neither, nor half of it', () => {
    const [store, rateLimiter, database] = [memoryStore(), memoryRateLimiter(), memory()]
    const wrong = [
      // @ts-expect-error nothing
      () => new OtpManager(settings),
      // @ts-expect-error half
      () => new OtpManager({ ...settings, store }),
      // @ts-expect-error the other half
      () => new OtpManager({ ...settings, rateLimiter }),
      // @ts-expect-error both
      () => new OtpManager({ ...settings, database, store, rateLimiter }),
      // @ts-expect-error one and a half
      () => new OtpManager({ ...settings, database, store }),
    ]
    for (const make of wrong) {
      expect(make).toThrow(
        new TypeError(
          'otpkit: pass option `database`, or `store` and `rateLimiter` together, and not both',
        ),
      )
    }
  })
})
