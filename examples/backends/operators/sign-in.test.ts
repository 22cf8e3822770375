import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import {
  asAdmin,
  type Backend,
  mail,
  otherCompany,
  phone,
  startBackend,
  usedCode,
  user,
  whatsapp,
} from './start-backend'

const jwt = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/)
const wrongPassword = { code: 401, message: 'Wrong username or password' }
const minute = 60_000

const byPassword = (
  { post }: Backend,
  username: string,
  password = user.password,
  forwarded?: string,
) =>
  post(
    '/auth/login',
    { username, password },
    {
      ...(forwarded !== undefined && { 'X-Forwarded-For': forwarded }),
    },
  )

describe.each(frameworks)('signing in on %s', (_name, framework) => {
  it('takes a code over each channel of a verified contact', async () => {
    const backend = await startBackend(framework)
    const { post, receive, registered, signedIn, clock } = backend
    const { operator } = await registered()
    const session = await signedIn()
    await post('/operators/me/contacts', { ...mail, otp: await receive(mail) }, session)
    for (const to of [whatsapp, { ...whatsapp, contact_type: 'sms' } as const, mail]) {
      clock.advance(60 * minute)
      const otp = await receive(to, 'login')
      const { status, body } = await post('/auth/login', { ...to, otp })
      expect(status).toBe(200)
      expect(body).toMatchObject({
        data: { access_token: jwt, token_type: 'bearer', expires_in: 28_800, operator },
      })
      const again = await post('/auth/login', { ...to, otp })
      expect([again.status, again.headers.get('Set-Cookie')]).toEqual([409, null])
      expect(again.body).toMatchObject(usedCode)
    }
  })

  it('takes the temporary password with the mobile, and with the address that stands for it', async () => {
    const backend = await startBackend(framework)
    const { registered } = backend
    const { operator, login_credentials } = await registered()
    const { email, temporary_password } = login_credentials
    expect(email).toBe(`operator_${phone}@temp.com`)
    for (const username of [email, '+91 98765-43210']) {
      const { status, body } = await byPassword(backend, username, temporary_password)
      expect(status).toBe(200)
      expect(body).toMatchObject({ data: { operator: { id: operator.id } } })
    }
  })

  it('takes a password with the username and a verified e-mail, and no contact that is a claim', async () => {
    const backend = await startBackend(framework)
    const { registered, registeredUser } = backend
    await registeredUser({ phone, email: 'ravi@example.com' })
    expect((await byPassword(backend, ' RAVI ')).status).toBe(200)
    for (const claim of [`operator_${phone}@temp.com`, 'ravi@example.com']) {
      expect((await byPassword(backend, claim)).status).toBe(401)
    }
    const { login_credentials } = await registered(mail, otherCompany)
    const { temporary_password } = login_credentials
    expect((await byPassword(backend, mail.contact, temporary_password)).status).toBe(200)
  })

  it('S81 refuses a wrong password alike for accounts that exist and that do not', async () => {
    const backend = await startBackend(framework)
    await backend.registered()
    await backend.registeredUser()
    for (const username of ['ravi', phone, 'nobody', 'nobody@example.com']) {
      const { status, headers, body } = await byPassword(backend, username, 'wrong password')
      expect(status).toBe(401)
      expect(headers.get('Set-Cookie')).toBeNull()
      expect(body).toMatchObject(wrongPassword)
    }
  })

  it.each([
    ['suspend', 'This account is suspended'],
    ['reject', 'This registration was rejected'],
  ])('after a decision to %s tells why, to nobody but the owner', async (decision, message) => {
    const backend = await startBackend(framework)
    const { post } = backend
    const { id } = await backend.registeredUser()
    await post(`/operators/${id}/${decision}`, { reason: 'A reason' }, asAdmin)
    expect((await byPassword(backend, 'ravi', 'wrong password')).body).toMatchObject(wrongPassword)
    const owner = await byPassword(backend, 'ravi')
    expect(owner.body).toMatchObject({ code: 403, message })
    expect(owner.headers.get('Set-Cookie')).toBeNull()
  })
})

describe.each(frameworks)('guessing passwords on %s', (_name, framework) => {
  it('ends after ten in 15 minutes for one account, by whichever name it is called', async () => {
    const backend = await startBackend(framework, { narrow: { from: 10, to: 2 } })
    const { registered, clock } = backend
    const { login_credentials } = await registered()
    const { email, temporary_password } = login_credentials
    expect((await byPassword(backend, phone, temporary_password)).status).toBe(200)
    expect((await byPassword(backend, phone, 'a guess')).status).toBe(401)
    expect((await byPassword(backend, email, 'another')).status).toBe(401)

    const refused = await byPassword(backend, phone, temporary_password)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('Retry-After')).toBe('900')
    expect(refused.body).toMatchObject({ message: 'Too many attempts. Try again in 15 minutes' })
    clock.advance(15 * minute)
    expect((await byPassword(backend, phone, temporary_password)).status).toBe(200)
  })

  it('of one account is no hindrance to another, whatever its number', async () => {
    const backend = await startBackend(framework, { narrow: { from: 10, to: 1 } })
    await backend.registeredUser()
    expect((await byPassword(backend, '1', 'a guess')).status).toBe(401)
    expect((await byPassword(backend, 'ravi')).status).toBe(200)
  })

  it('is not made up for by signing in with an account of one’s own', async () => {
    const backend = await startBackend(framework, { narrow: { from: 30, to: 2 } })
    await backend.registeredUser()
    expect((await byPassword(backend, 'first')).status).toBe(401)
    expect((await byPassword(backend, 'ravi')).status).toBe(200)
    expect((await byPassword(backend, 'second')).status).toBe(401)
    expect((await byPassword(backend, 'ravi')).status).toBe(429)
  })

  it.each([
    ['IPv4 address', ['203.0.113.1', '203.0.113.1', '203.0.113.1']],
    ['IPv6 network', ['2001:db8::1', '2001:DB8:0:0::2', '2001:db8::f:3']],
  ])('ends after so many from one %s', async (_about, addresses) => {
    const options = { narrow: { from: 30, to: 2 }, trustedProxies: 1 }
    const backend = await startBackend(framework, options)
    const guess = (ip: string, index = 9) =>
      byPassword(backend, `person${index}`, 'a guess', ip).then(({ status }) => status)
    const statuses = []
    for (const [index, ip] of addresses.entries()) statuses.push(await guess(ip, index))
    expect(statuses).toEqual([401, 401, 429])
    expect(await guess('198.51.100.7')).toBe(401)
  })
})
