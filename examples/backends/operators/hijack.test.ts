import { DeliveryError } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { type Answer, frameworks } from '../testing/start-site'
import { createOtp } from './otp'
import {
  type Backend,
  company,
  email,
  invalidCode,
  mail,
  otherCompany,
  phone,
  startBackend,
  user,
  whatsapp,
  wrong,
} from './start-backend'

const attacker = { ...user, username: 'mallory', phone, email }
const attackersMail = { contact: 'mallory@example.com', contact_type: 'email' } as const
const sendOtp = '/api/users/send-otp/'
const verifyOtp = '/api/users/verify-otp/'
const day = 24 * 60 * 60_000

/** Whom a session belongs to. */
const me = async ({ get }: Backend, session: Readonly<Record<string, string>>) =>
  (await get('/operators/me', session)).body

describe.each(frameworks)('an account with somebody else’s contacts, on %s', (_name, framework) => {
  it('S24 keeps its owner from neither registration nor sign-in, and gets no part in either', async () => {
    const backend = await startBackend(framework)
    const { post, registered, registeredUser, signedIn } = backend
    const { id, session } = await registeredUser(attacker)
    const { operator, login_credentials } = await registered(whatsapp, company)
    expect(operator.id).not.toBe(id)

    expect(await me(backend, await signedIn())).toMatchObject({ id: operator.id })
    expect(await me(backend, session)).toMatchObject({ id, phone_verified: false })
    const byPassword = (password: string) => post('/auth/login', { username: phone, password })
    expect((await byPassword(attacker.password)).status).toBe(401)
    expect((await byPassword(login_credentials.temporary_password)).body).toMatchObject({
      data: { operator: { id: operator.id } },
    })
  })

  it('S24 does the same where the owner comes by e-mail', async () => {
    const backend = await startBackend(framework)
    const { registered, registeredUser, signedIn } = backend
    const { session } = await registeredUser(attacker)
    const { operator } = await registered(mail, otherCompany)
    expect(await me(backend, await signedIn(mail))).toMatchObject({ id: operator.id })
    expect(await me(backend, session)).toMatchObject({ email_verified: false })
  })

  it('S24 gets no number that its owner verifies before registering', async () => {
    const backend = await startBackend(framework)
    const { post, registeredUser, deliveries } = backend
    const { session } = await registeredUser(attacker)
    await post(sendOtp, { mobile: phone })
    const otp = deliveries.sms.lastCode(phone)
    expect((await post(verifyOtp, { mobile: phone, otp })).status).toBe(200)
    expect(await me(backend, session)).toMatchObject({ phone_verified: false })
    const guessed = await post(verifyOtp, { mobile: phone, otp: wrong(otp) }, session)
    expect(guessed.body).toMatchObject(invalidCode)
    const owner = await registeredUser({ phone, otp })
    expect(await me(backend, owner.session)).toMatchObject({ phone_verified: true })
    expect(await me(backend, session)).toMatchObject({ phone_verified: false })
  })

  it('S24 may name a number as the company’s, and wins nothing by it', async () => {
    const backend = await startBackend(framework)
    const { post, get, deliveries, registered, signedIn, clock } = backend
    await registered(attackersMail, { ...otherCompany, contact_phone: phone })
    const session = await signedIn(attackersMail)
    const { operator } = await registered(whatsapp, company)
    expect(await me(backend, await signedIn())).toMatchObject({ id: operator.id })
    expect(await me(backend, session)).toMatchObject({
      contact_phone: phone,
      phone_verified: false,
    })

    // Even somebody who can read the owner's messages for once does not take the number over.
    clock.advance(60_000)
    await post(sendOtp, { mobile: phone })
    const otp = deliveries.sms.lastCode(phone)
    const taken = await post(verifyOtp, { mobile: phone, otp }, session)
    expect(taken.body).toMatchObject({
      code: 400,
      errors: [{ field: 'mobile', message: 'This phone number is already registered' }],
    })
    expect((await get('/operators/me', session)).body).toMatchObject({ phone_verified: false })
  })
})

describe.each(frameworks)('a second contact, on %s', (_name, framework) => {
  const add = async ({ post, receive }: Backend, session: Readonly<Record<string, string>>) =>
    post('/operators/me/contacts', { ...mail, otp: await receive(mail) }, session)

  it('S22 is proven by a code, signs in, and is never replaced', async () => {
    const backend = await startBackend(framework)
    const { post, registered, signedIn, receive } = backend
    const { operator } = await registered()
    const session = await signedIn()
    const otp = await receive(attackersMail)
    const guessed = { ...attackersMail, otp: wrong(otp) }
    expect((await post('/operators/me/contacts', guessed, session)).body).toMatchObject(invalidCode)

    const added = await add(backend, session)
    expect(added.body).toMatchObject({ data: { contact_email: email, email_verified: true } })
    expect(await me(backend, await signedIn(mail))).toMatchObject({ id: operator.id })
    const replacing = await post('/operators/me/contacts', { ...attackersMail, otp }, session)
    expect(replacing.status).toBe(409)
    expect(await me(backend, session)).toMatchObject({ contact_email: email })
  })

  it('S22 belongs to one account', async () => {
    const backend = await startBackend(framework)
    const { registered, signedIn, clock } = backend
    await registered(mail, otherCompany)
    await registered()
    const session = await signedIn()
    clock.advance(30_000)
    const added = await add(backend, session)
    expect(added.body).toMatchObject({
      code: 400,
      errors: [{ field: 'contact', message: 'This e-mail address is already registered' }],
    })
  })

  it('S22 is told of at the first one', async () => {
    const backend = await startBackend(framework)
    const { registered, signedIn, notices } = backend
    await registered()
    const session = await signedIn()
    notices.length = 0
    expect((await add(backend, session)).status).toBe(200)
    expect(notices.map(({ channel, to }) => [channel, to])).toContainEqual(['whatsapp', phone])
  })
})

describe.each(frameworks)('codes on %s', (_name, framework) => {
  it('S15 S16 are good for their own contact and purpose alone', async () => {
    const { post, receive, registered, clock } = await startBackend(framework)
    await registered()
    await registered(mail, otherCompany)
    const uses = {
      login: (of: object) => post('/auth/login', of),
      password_reset: (of: object) =>
        post('/auth/reset-password', { ...of, new_password: 'a new password' }),
      operator_registration: (of: object) =>
        post('/auth/verify-otp', { ...of, purpose: 'registration' }),
    }
    for (const purpose of Object.keys(uses)) {
      for (const [own, other] of [
        [whatsapp, mail],
        [mail, whatsapp],
      ] as const) {
        clock.advance(day)
        const otp = await receive(own, purpose)
        for (const [name, use] of Object.entries(uses)) {
          expect((await use({ ...other, otp })).body).toMatchObject(invalidCode)
          if (name === purpose) continue
          expect((await use({ ...own, otp })).body).toMatchObject(invalidCode)
        }
      }
    }
  })
})

/** An answer without what differs between any two. */
const plain = ({ status, headers, body }: Answer) => {
  const { meta: _meta, ...rest } = Object(body)
  const { date: _date, ...others } = Object.fromEntries(headers)
  return { status, headers: others, body: rest }
}

describe.each(frameworks)('known and unknown contacts on %s', (_name, framework) => {
  it.each([
    [whatsapp, 'takes them', undefined],
    [{ ...whatsapp, contact_type: 'sms' }, 'cannot reach them', 'invalid_recipient'],
    [mail, 'is down', 'unavailable'],
  ] as const)('S81 are answered alike: %j, whose provider %s', async (to, _, kind) => {
    const traceOf = async (isKnown: boolean) => {
      const { registered, send, settled, deliveries, post, clock } = await startBackend(framework)
      if (isKnown && to === mail) await registered(mail, otherCompany)
      else if (isKnown) await registered()
      clock.advance(day)
      const answers: Answer[] = []
      const delivery = deliveries[to.contact_type]
      for (const purpose of ['login', 'password_reset', 'login']) {
        for (const waitMs of [60_000, 0, 30_000]) {
          clock.advance(waitMs)
          if (kind !== undefined) {
            delivery.failNext(new DeliveryError({ kind, sent: 'no', provider: delivery.name }))
          }
          answers.push(await send({ ...to, purpose }))
          await settled()
        }
        if (purpose === 'login' && to.contact === phone) {
          clock.advance(30_000)
          if (kind !== undefined) {
            delivery.failNext(new DeliveryError({ kind, sent: 'no', provider: delivery.name }))
          }
          answers.push(await post('/api/users/send-otp/', { mobile: phone, purpose }))
          await settled()
        }
        for (let guess = 0; guess < 4; guess += 1) {
          const path = purpose === 'login' ? '/auth/login' : '/auth/reset-password'
          answers.push(await post(path, { ...to, otp: '000000', new_password: 'a new password' }))
        }
      }
      return answers.map(plain)
    }
    const [known, unknown] = [await traceOf(true), await traceOf(false)]
    expect(known.map(({ status }) => status)).toEqual(unknown.map(({ status }) => status))
    expect(known).toEqual(unknown)
  })

  it('S81 are registered alike where nobody proves them', async () => {
    const { post, registered } = await startBackend(framework)
    await registered()
    const shapes = []
    for (const [username, claimed] of [
      ['first', phone],
      ['second', '+919876543219'],
    ]) {
      const body = { ...user, username, phone: claimed }
      const { status, body: answer } = await post('/api/users/register-operator/', body)
      shapes.push([status, Object.keys(Object(answer)), Object(answer).phone_verified])
    }
    expect(shapes[0]).toEqual(shapes[1])
  })

  it('S81 run into the limit of password guesses alike, however they are spelt', async () => {
    const statusesOf = async (username: string, respelt: string) => {
      const { post, registered } = await startBackend(framework, { narrow: { from: 10, to: 1 } })
      await registered()
      const guesses = [username, respelt]
      const statuses = []
      for (const guess of guesses) {
        statuses.push((await post('/auth/login', { username: guess, password: 'wrong' })).status)
      }
      return statuses
    }
    expect(await statusesOf('+919876543219', '+91 98765 43219')).toEqual(
      await statusesOf(phone, '+91 98765 43210'),
    )
  })
})

it('S81 nothing that known contacts alone cost is begun before the answer', async () => {
  const sms = capturedDelivery()
  const work: Promise<void>[] = []
  const otp = createOtp({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    database: memory(),
    deliveries: { sms, whatsapp: sms, voice: sms, email: sms },
    countries: ['IN'],
    background: (promise) => work.push(promise),
  })
  const sent = await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
  expect([sent.ok, sms.messages]).toEqual([true, []])
  await Promise.all(work)
  expect(sms.messages).toHaveLength(1)
})
