import { OtpManager, type OtpManagerOptions } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { phone, secret } from '../fixture'

/** A manager of places as a program without types may hand them in. */
function managerOn(places: object): OtpManager<'sms', 'login'> {
  const options = {
    secret,
    deliveries: { sms: capturedDelivery({ reaches: ['phone'] }) },
    countries: ['IN'],
    purposes: ['login'],
    ...places,
  } satisfies Omit<OtpManagerOptions<'sms', 'login'>, 'database' | 'store' | 'rateLimiter'>
  return Reflect.construct(OtpManager, [options])
}

const taken = { ok: true, charge: 'c', used: [1], retryAfterMs: 0 }
const strange = [undefined, null, 'OK', true, 0, [], {}, { ok: true }, { ok: false, used: [] }]
const rest = [
  { taken },
  { taken, standing: {}, put: true },
  { taken, attempt: null },
  { taken: { ...taken, used: undefined }, put: true, standing: null },
]
const request = { to: phone, purpose: 'login', ip: null } as const
const send = (otp: OtpManager<'sms', 'login'>) => otp.send({ ...request, channel: 'sms' })
const verify = (otp: OtpManager<'sms', 'login'>) => otp.verify({ ...request, code: '123456' })

describe('an answer that cannot be read is a fault', () => {
  it.each([
    ['begin', send],
    ['settle', verify],
  ] as const)('of a database to %s', async (method, call) => {
    for (const answer of [...strange, ...rest]) {
      const otp = managerOn({ database: { ...memory(), [method]: async () => answer } })
      await expect(call(otp)).rejects.toMatchObject({ code: 'database_unavailable' })
    }
  })

  it.each([
    ['get', 'store_unavailable'],
    ['attempt', 'store_unavailable'],
    ['take', 'rate_limiter_unavailable'],
  ] as const)('of one place of two to %s', async (method, code) => {
    // A store may say that there is nothing.
    const answers = strange.filter((answer) => answer !== null || method !== 'get')
    for (const answer of answers) {
      const places = { store: memory(), rateLimiter: memory() }
      const otp = managerOn(places)
      expect(await send(otp)).toMatchObject({ ok: true })
      const name = method === 'take' ? 'rateLimiter' : 'store'
      const place = { [name]: { ...places[name], [method]: async () => answer } }
      await expect(verify(managerOn({ ...places, ...place }))).rejects.toMatchObject({ code })
    }
  })

  it('and one that is an object of a class is none', async () => {
    class Answer {
      readonly #inner: object
      constructor(inner: object) {
        this.#inner = inner
      }
      get taken() {
        return Reflect.get(this.#inner, 'taken')
      }
      get standing() {
        return Reflect.get(this.#inner, 'standing')
      }
      get put() {
        return Reflect.get(this.#inner, 'put')
      }
    }
    const database = memory()
    const begin: typeof database.begin = async (asked) =>
      new Answer(await database.begin(asked)) as never
    expect(await send(managerOn({ database: { ...database, begin } }))).toMatchObject({ ok: true })
  })
})
