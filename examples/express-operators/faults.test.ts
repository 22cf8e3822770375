import { DeliveryError, type OtpStore } from 'otpkit'
import { memoryStore } from 'otpkit/stores/memory'
import { describe, expect, it } from 'vitest'
import { describeFault } from './operators/fault-log'
import { memoryOperators } from './operators/operator-repository'
import {
  company,
  email,
  failingRateLimiter,
  failingStore,
  phone,
  startApp,
  whatsapp,
} from './start-app'

type App = Awaited<ReturnType<typeof startApp>>

const tryLater = (code: number) => ({ status: 'error', code, message: 'Try again later' })
const code = '123456'

/** One entry for each request that failed, with its cause and without the person. */
function expectLogged(app: App, count: number, cause: string) {
  const log = JSON.stringify(app.logged)
  expect(app.logged).toHaveLength(count)
  expect(log).toContain(cause)
  expect(log).not.toContain(phone.slice(1))
  expect(log).not.toContain(email)
  expect(log).not.toContain(code)
}

describe('faults', () => {
  it.each([
    ['store', { store: failingStore() }, 'connection lost at'],
    ['rate limiter', { rateLimiter: failingRateLimiter() }, 'connection lost with'],
  ])(
    'S48 refuses while the %s fails, and says so to the operator alone',
    async (_name, parts, cause) => {
      const app = await startApp(parts)
      const body = { ...whatsapp, otp: code, registration_data: company }
      for (const call of ['send', 'verify', 'register'] as const) {
        const answer = await app[call](body)
        expect(answer.status).toBe(503)
        expect(answer.body).toMatchObject(tryLater(503))
        expect(answer.text).not.toContain('connection')
        expect(app.logged.at(-1)).toMatchObject({ requestId: answer.body.meta.requestId })
      }
      expectLogged(app, 3, cause)
      expect((await fetch(`${app.url}/healthz`)).status).toBe(200)
    },
  )

  it('does not call a contact verified whose proof could not be stored', async () => {
    const store = memoryStore()
    const first = await startApp({ store })
    const otp = await first.receive(whatsapp)
    const app = await startApp({ store: { ...store, put: failingStore().put } })
    expect((await app.verify({ ...whatsapp, otp })).body).toMatchObject(tryLater(503))
    expect(app.logged).toMatchObject([{ during: 'proof' }, { level: 'error' }])
    expectLogged(app, 2, 'connection lost')
  })

  it('leaves a kept proof alone while the rate limiter fails', async () => {
    const store = memoryStore()
    const first = await startApp({ store })
    const otp = await first.receive(whatsapp)
    const body = { ...whatsapp, otp, registration_data: company }
    expect((await first.verify(body)).status).toBe(200)
    const app = await startApp({ store, rateLimiter: failingRateLimiter() })
    expect((await app.register(body)).body).toMatchObject(tryLater(503))
    expect((await first.register(body)).status).toBe(201)
  })

  it('S48 refuses while a kept proof cannot be read', async () => {
    const store = memoryStore()
    const attempts: string[] = []
    const attempt: OtpStore['attempt'] = (id, digests) =>
      attempts.push(id) === 1 ? store.attempt(id, digests) : failingStore().attempt(id)
    const app = await startApp({ store: { ...store, attempt } })
    const body = { ...whatsapp, otp: code, registration_data: company }
    expect((await app.register(body)).body).toMatchObject(tryLater(503))
    expectLogged(app, 1, 'the store of the kept proofs failed')
  })

  it('says try again later when no provider took the message', async () => {
    const app = await startApp()
    const failure = { kind: 'unavailable', sent: 'no', provider: 'whatsapp' } as const
    app.deliveries.whatsapp.failNext(new DeliveryError(failure))
    expect((await app.send(whatsapp)).body).toMatchObject(tryLater(503))
    expect(app.logged[0]).toMatchObject({ event: 'delivery_failed', kind: 'unavailable' })
    expectLogged(app, 2, 'whatsapp: unavailable')
    expect((await app.send(whatsapp)).status).toBe(200)
  })

  it('names the contact that a provider cannot reach', async () => {
    const app = await startApp()
    const failure = { kind: 'opted_out', sent: 'no', provider: 'whatsapp' } as const
    app.deliveries.whatsapp.failNext(new DeliveryError(failure))
    expect((await app.send(whatsapp)).body.errors).toEqual([
      { field: 'contact', message: 'Cannot be reached over this channel' },
    ])
  })

  it('answers 500 when the repository fails', async () => {
    const insert = async () => {
      throw new Error(`row (${phone}, ${email}) is broken`)
    }
    const app = await startApp({ operators: { ...memoryOperators(), insert } })
    const otp = await app.receive(whatsapp)
    const answer = await app.register({ ...whatsapp, otp, registration_data: company })
    expect(answer.body).toMatchObject(tryLater(500))
    expectLogged(app, 1, 'is broken')
  })
})

describe('the log', () => {
  it('S83 S84 tells errors and their causes without personal data, in one line', () => {
    const cause = Object.assign(new Error(`no row for <${email}>\n${phone}`), { code: 'E42' })
    const fault = describeFault(new TypeError(`98765 43210 is "${phone}"`, { cause }))
    expect(fault).toMatchObject({
      name: 'TypeError',
      message: '[number] is "[number]"',
      cause: { name: 'Error', code: 'E42', message: 'no row for [address]\n[number]' },
    })
    expect(JSON.stringify(fault)).not.toContain('\n')
    expect(JSON.stringify(fault)).toContain('faults.test.ts')
    expect(describeFault(phone)).toEqual({ name: 'string' })
  })
})
