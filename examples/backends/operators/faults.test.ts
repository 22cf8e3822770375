import { sql } from 'kysely'
import { DeliveryError } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { describe, expect, it } from 'vitest'
import { type Answer, frameworks } from '../testing/start-site'
import {
  asAdmin,
  type Backend,
  company,
  email,
  mail,
  otherCompany,
  phone,
  startBackend,
  whatsapp,
} from './start-backend'

const code = '123456'
const registration = { ...whatsapp, otp: code, registration_data: company }

/** Fails, quoting what it was asked. */
const fail = async (given: unknown): Promise<never> => {
  throw new Error(`connection lost at ${phone}, ${email}: ${JSON.stringify(given)}`)
}
const failingStore = { put: fail, get: fail, attempt: fail, delete: fail }
const failingLimits = { take: fail, refund: fail, clear: fail }
const failingSteps = { begin: fail, settle: fail }

function expectTryLater(answer: Answer, status: 500 | 503) {
  const message = 'Try again later'
  expect(answer.status).toBe(status)
  expect(answer.body).toMatchObject({ status: 'error', code: status, message, detail: message })
  expect(answer.text).not.toContain('connection')
}

/** So many entries that somebody should look at, with their cause and without the person. */
function expectAlarms({ alarms, logged }: Backend, count: number, cause: string) {
  expect(alarms()).toHaveLength(count)
  expect(JSON.stringify(alarms())).toContain(cause)
  for (const personal of [phone.slice(1), email, code]) {
    expect(JSON.stringify(logged)).not.toContain(personal)
  }
}

describe.each(frameworks)('faults on %s', (_name, framework) => {
  it('S48 of the codes refuse, and only the log says why', async () => {
    const database = { ...failingStore, ...failingLimits, ...failingSteps }
    const backend = await startBackend(framework, { otp: { database } })
    for (const call of ['send', 'verify', 'register'] as const) {
      const answer = await backend[call](registration)
      expectTryLater(answer, 503)
      const { requestId } = backend.alarms().at(-1) ?? {}
      expect(answer.body).toMatchObject({ meta: { requestId } })
    }
    expectAlarms(backend, 3, 'connection lost at')
    const login = await backend.post('/auth/login', { ...whatsapp, otp: code })
    expectTryLater(login, 503)
    expect((await backend.get('/healthz')).status).toBe(200)
  })

  it('S48 of the limits let nobody guess a password', async () => {
    const database = { ...memory(), ...failingLimits }
    const backend = await startBackend(framework, { otp: { database } })
    const answer = await backend.post('/auth/login', { username: phone, password: 'a guess' })
    expectTryLater(answer, 503)
    expectAlarms(backend, 1, 'connection lost at')
  })

  it('S48 of the codes leave no contact verified whose proof was not kept', async () => {
    const database = memory()
    const first = await startBackend(framework, { otp: { database } })
    const otp = await first.receive(whatsapp)
    const broken = { ...database, put: fail }
    const second = await startBackend(framework, { otp: { database: broken } })
    expectTryLater(await second.verify({ ...whatsapp, otp }), 503)
    expect(second.alarms()).toMatchObject([{ during: 'proof' }, { level: 'error' }])
    expectAlarms(second, 2, 'connection lost')
  })

  it.each([
    ['limits', failingLimits],
    ['steps', failingSteps],
  ])('S48 of the %s leave a verified contact alone', async (_name, failing) => {
    const database = memory()
    const first = await startBackend(framework, { otp: { database } })
    const body = { ...registration, otp: await first.receive(whatsapp) }
    expect((await first.verify(body)).status).toBe(200)
    const broken = { ...database, ...failing }
    const second = await startBackend(framework, { otp: { database: broken } })
    expectTryLater(await second.register(body), 503)
    expect((await first.register(body)).status).toBe(201)
  })

  it('S48 of the codes refuse while a verified contact cannot be read', async () => {
    const database = { ...memory(), attempt: fail }
    const backend = await startBackend(framework, { otp: { database } })
    expectTryLater(await backend.register(registration), 503)
    expectAlarms(backend, 1, 'the store of the kept proofs failed')
  })

  it('of a provider ask to try again, and the next code is sent at once', async () => {
    const backend = await startBackend(framework)
    const failure = { kind: 'unavailable', sent: 'no', provider: 'whatsapp' } as const
    backend.deliveries.whatsapp.failNext(new DeliveryError(failure))
    expectTryLater(await backend.send(whatsapp), 503)
    expect(backend.alarms()[0]).toMatchObject({ event: 'delivery_failed', kind: 'unavailable' })
    expectAlarms(backend, 2, 'whatsapp: unavailable')
    expect((await backend.send(whatsapp)).status).toBe(200)
  })

  it('of a provider that cannot reach a contact name the contact', async () => {
    const { deliveries, send } = await startBackend(framework)
    const failure = { kind: 'opted_out', sent: 'no', provider: 'whatsapp' } as const
    deliveries.whatsapp.failNext(new DeliveryError(failure))
    expect((await send(whatsapp)).body).toMatchObject({
      errors: [{ field: 'contact', message: 'Cannot be reached over this channel' }],
    })
  })

  it('S81 of a provider change no answer to a login', async () => {
    const backend = await startBackend(framework)
    const { registered, deliveries, clock, send, settled } = backend
    await registered(mail, otherCompany)
    clock.advance(60_000)
    const failure = { kind: 'unavailable', sent: 'no', provider: 'email' } as const
    deliveries.email.failNext(new DeliveryError(failure))
    expect((await send({ ...mail, purpose: 'login' })).status).toBe(200)
    await settled()
    expectAlarms(backend, 1, 'delivery_failed')
  })

  it('of the database are answered with 500, and leave neither half of an account', async () => {
    const backend = await startBackend(framework)
    const { database, register, receive, get } = backend
    await sql`create trigger broken before insert on users begin
      select raise(abort, 'connection lost at row 98765 43210'); end`.execute(database)
    const otp = await receive(whatsapp)
    expectTryLater(await register({ ...registration, otp }), 500)
    expectAlarms(backend, 1, 'connection lost at row [number]')
    expect((await get('/operators/', asAdmin)).body).toEqual([])
  })

  it('of the whole database leave the codes of registrations working', async () => {
    const backend = await startBackend(framework)
    const { database, get, post, receive, verify } = backend
    await sql`drop table documents`.execute(database)
    await sql`drop table users`.execute(database)
    expectTryLater(await get('/operators/public'), 500)
    expectTryLater(await get('/operators/1', asAdmin), 500)
    expectTryLater(await post('/auth/login', { username: phone, password: 'a guess' }), 500)
    expectAlarms(backend, 3, 'no such table')
    expect((await verify({ ...whatsapp, otp: await receive(whatsapp) })).status).toBe(200)
  })
})
