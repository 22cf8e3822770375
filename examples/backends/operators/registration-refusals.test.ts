import { scryptSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import {
  asAdmin,
  type Backend,
  company,
  invalidCode,
  mail,
  otherCompany,
  phone,
  startBackend,
  usedCode,
  whatsapp,
  wrong,
} from './start-backend'

const registration = { ...whatsapp, registration_data: company }
const statuses = (answers: readonly { readonly status: number }[]) =>
  answers.map(({ status }) => status).sort()

describe.each(frameworks)('codes on %s', (_name, framework) => {
  it.each(['verify', 'register'] as const)('S25 end after three wrong ones: %s', async (call) => {
    const backend = await startBackend(framework)
    const otp = await backend.receive(whatsapp)
    for (let guess = 0; guess < 3; guess += 1) {
      const answer = await backend[call]({ ...registration, otp: wrong(otp) })
      expect([answer.status, answer.body]).toEqual([400, expect.objectContaining(invalidCode)])
    }
    expect((await backend[call]({ ...registration, otp })).body).toMatchObject(invalidCode)
  })

  it('S25 count wrong ones at both endpoints together', async () => {
    const { receive, register, verify } = await startBackend(framework)
    const otp = await receive(whatsapp)
    await register({ ...registration, otp: wrong(otp) })
    await verify({ ...whatsapp, otp: wrong(otp) })
    await register({ ...registration, otp: wrong(otp) })
    expect((await verify({ ...whatsapp, otp })).body).toMatchObject(invalidCode)
  })

  it('S03 are good until five minutes are over', async () => {
    const { receive, register, verify, clock } = await startBackend(framework)
    const otp = await receive(whatsapp)
    const mailed = await receive(mail)
    clock.advance(5 * 60_000 - 1)
    expect((await verify({ ...mail, otp: mailed })).status).toBe(200)
    clock.advance(1)
    expect((await register({ ...registration, otp })).body).toMatchObject(invalidCode)
  })

  it('may be typed with spaces and in Persian digits', async () => {
    const { receive, register, verify } = await startBackend(framework)
    const otp = await receive(whatsapp)
    const typed = otp.replace(/\d/g, (digit) => String.fromCodePoint(0x06f0 + Number(digit)))
    const spaced = `${typed.slice(0, 3)} ${typed.slice(3)}`
    expect((await verify({ ...whatsapp, otp: spaced })).status).toBe(200)
    expect((await register({ ...registration, otp })).status).toBe(201)
  })

  it('belong to a contact by every spelling of it', async () => {
    const { receive, register, verify } = await startBackend(framework)
    const otp = await receive(mail)
    const spelt = { ...mail, contact: ' test@EXAMPLE.com ' }
    expect((await verify({ ...spelt, otp })).status).toBe(200)
    const registration_data = { ...otherCompany, contact_phone: '+91 98765-43211' }
    const answer = await register({ ...mail, otp, registration_data })
    expect(answer.body).toMatchObject({
      data: {
        operator: { contact_email: mail.contact, contact_phone: otherCompany.contact_phone },
      },
    })
  })

  it('are left alone by a slip in the form', async () => {
    const { receive, register } = await startBackend(framework)
    const otp = await receive(whatsapp)
    for (let slip = 0; slip < 4; slip += 1) {
      const registration_data = { ...company, business_license: 'no' }
      expect((await register({ ...whatsapp, otp, registration_data })).status).toBe(400)
    }
    expect((await register({ ...registration, otp })).status).toBe(201)
  })

  it('S04 register one of many who use one at once', async () => {
    const { receive, register } = await startBackend(framework)
    const body = { ...registration, otp: await receive(whatsapp) }
    const answers = await Promise.all(Array.from({ length: 8 }, () => register(body)))
    // A used code has the two attempts that were left, and is then as good as none.
    expect(statuses(answers)).toEqual([201, ...Array(5).fill(400), 409, 409])
  })
})

describe.each(frameworks)('limits on %s', (_name, framework) => {
  it('S39 say in minutes how long to wait', async () => {
    const { receive, send, clock } = await startBackend(framework)
    await receive(whatsapp)
    const soon = await send(whatsapp)
    const message = 'Too many OTP requests. Try again in 1 minute'
    expect(soon.status).toBe(429)
    expect(soon.body).toMatchObject({ status: 'error', code: 429, message, detail: message })
    expect(soon.headers.get('Retry-After')).toBe('30')

    for (let sent = 0; sent < 4; sent += 1) {
      clock.advance(10 * 60_000)
      await receive(whatsapp)
    }
    clock.advance(10 * 60_000)
    const later = await send({ ...whatsapp, purpose: 'login' })
    expect(later.status).toBe(429)
    expect(later.headers.get('Retry-After')).toBe('600')
    expect(later.body).toMatchObject({
      message: 'Too many OTP requests. Try again in 10 minutes',
    })
  })

  it('S37 believe a forwarded address only behind a trusted proxy', async () => {
    const direct = await startBackend(framework)
    const proxied = await startBackend(framework, { trustedProxies: 1 })
    const from = (backend: Backend, last: number) =>
      backend.post(
        '/auth/send-otp',
        { ...mail, contact: `person${last}@example.com`, purpose: 'registration' },
        { 'X-Forwarded-For': `203.0.113.${last}` },
      )
    for (let last = 1; last <= 5; last += 1) {
      expect((await from(direct, last)).status).toBe(200)
      expect((await from(proxied, last)).status).toBe(200)
    }
    expect((await from(direct, 6)).status).toBe(429)
    expect((await from(proxied, 6)).status).toBe(200)
  })

  it('end attempts to register a contact after ten in an hour, before its code is touched', async () => {
    const { receive, register, clock } = await startBackend(framework)
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await register({ ...registration, otp: '000000' })).status).toBe(400)
    }
    const otp = await receive(whatsapp)
    const answer = await register({ ...registration, otp })
    expect(answer.status).toBe(429)
    expect(answer.headers.get('Retry-After')).toBe('3600')
    expect(answer.body).toMatchObject({ message: 'Too many attempts. Try again in 60 minutes' })
    clock.advance(60 * 60_000)
    const later = await receive(whatsapp)
    expect((await register({ ...registration, otp: later })).status).toBe(201)
  })

  it('end attempts to register from one address after thirty in an hour, and from no other', async () => {
    const { post } = await startBackend(framework, { trustedProxies: 1 })
    const from = (ip: string, person: number) =>
      post(
        '/operators/register',
        {
          ...mail,
          contact: `person${person}@example.com`,
          otp: '000000',
          registration_data: otherCompany,
        },
        { 'X-Forwarded-For': ip },
      )
    for (let person = 1; person <= 30; person += 1) {
      expect((await from('203.0.113.1', person)).body).toMatchObject(invalidCode)
    }
    const refused = await from('203.0.113.1', 31)
    const message = 'Too many attempts. Try again in 60 minutes'
    expect([refused.status, refused.body]).toEqual([429, expect.objectContaining({ message })])
    expect((await from('203.0.113.2', 31)).body).toMatchObject(invalidCode)
  })
})

describe.each(frameworks)('duplicates on %s', (_name, framework) => {
  it('report a business license to the proven owner of a contact', async () => {
    const { receive, register, registered } = await startBackend(framework)
    await registered()
    const otp = await receive(mail)
    const registration_data = { ...otherCompany, business_license: 'bl123456789' }

    const guessed = await register({ ...mail, otp: wrong(otp), registration_data })
    expect(guessed.body).toMatchObject(invalidCode)
    const answer = await register({ ...mail, otp, registration_data })
    const message = 'This business license is already registered'
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      message: `Duplicate operator: ${message}. The code is used up, ask for a new one to try again`,
      errors: [{ field: 'registration_data.business_license', message }],
    })
    const again = await register({ ...mail, otp, registration_data: otherCompany })
    expect(again.body).toMatchObject(usedCode)
  })

  it('report a phone number that is registered to whoever proved it', async () => {
    const { receive, register, registered, clock } = await startBackend(framework)
    await registered()
    clock.advance(30_000)
    const otp = await receive(whatsapp)
    const registration_data = { ...company, business_license: 'BL999' }
    const answer = await register({ ...whatsapp, otp, registration_data })
    expect(answer.body).toMatchObject({
      errors: [{ field: 'contact', message: 'This phone number is already registered' }],
    })
  })

  it('S81 tell nobody of a phone number that they did not prove', async () => {
    const answers = []
    for (const contact_phone of [phone, '+919876543219']) {
      const { receive, register, registered } = await startBackend(framework)
      await registered()
      const registration_data = { ...otherCompany, contact_phone }
      const answer = await register({ ...mail, otp: await receive(mail), registration_data })
      answers.push([answer.status, Object.keys(Object(answer.body).data.operator)])
    }
    expect(answers[0]).toEqual([201, expect.anything()])
    expect(answers[0]).toEqual(answers[1])
  })

  it('report an e-mail address that is registered', async () => {
    const { receive, register, registered, clock } = await startBackend(framework)
    await registered(mail, otherCompany)
    clock.advance(30_000)
    const otp = await receive(mail)
    const registration_data = { ...company, contact_phone: '+919876543212' }
    const answer = await register({ ...mail, otp, registration_data })
    expect(answer.body).toMatchObject({
      errors: [{ field: 'contact', message: 'This e-mail address is already registered' }],
    })
  })

  it('S24 never stop the owner of a phone number that somebody else claimed', async () => {
    const { registered } = await startBackend(framework)
    await registered(mail, { ...otherCompany, contact_phone: phone })
    await registered(whatsapp, company)
  })

  it('of a license name the license, and no phone number that was only claimed', async () => {
    const { receive, register, registered } = await startBackend(framework)
    await registered(mail, { ...company, contact_phone: phone })
    const otp = await receive(whatsapp)
    const answer = await register({ ...registration, otp })
    expect(answer.body).toMatchObject({
      errors: [{ field: 'registration_data.business_license' }],
    })
  })

  it('of a license end with the rejection of whoever claimed it', async () => {
    const { post, registered } = await startBackend(framework)
    const { operator } = await registered(mail, otherCompany)
    const reason = { reason: 'Not the holder of this license' }
    expect((await post(`/operators/${operator.id}/reject`, reason, asAdmin)).status).toBe(200)
    const { business_license } = otherCompany
    await registered(whatsapp, { ...company, business_license })
    const activated = await post(`/operators/${operator.id}/activate`, undefined, asAdmin)
    expect([activated.status, activated.body]).toEqual([
      409,
      expect.objectContaining({ status: 'error' }),
    ])
  })

  it('register one of two who proved one contact with codes of their own', async () => {
    const { receive, register, verify, clock } = await startBackend(framework)
    const first = await receive(whatsapp)
    await verify({ ...whatsapp, otp: first })
    clock.advance(30_000)
    const codes = [first, await receive(whatsapp)]
    const answers = await Promise.all(codes.map((otp) => register({ ...registration, otp })))
    expect(statuses(answers)).toEqual([201, 400])
    expect(answers.find(({ status }) => status === 400)?.body).toMatchObject({
      message: expect.stringContaining('already registered'),
    })
  })
})

it.each(frameworks)(
  'keeps the temporary password only as a salted hash on %s',
  async (_name, framework) => {
    const { registered, database } = await startBackend(framework)
    const { login_credentials } = await registered()
    const { temporary_password: password } = login_credentials
    const rows = await database.selectFrom('users').selectAll().execute()
    const [, n, r, p, salt = '', key] = rows[0]?.password_hash.split('$') ?? []
    const cost = { N: Number(n), r: Number(r), p: Number(p), maxmem: 2 ** 26 }
    const derived = scryptSync(password, Buffer.from(salt, 'base64url'), 32, cost)
    expect(derived.toString('base64url')).toBe(key)
    expect(JSON.stringify(rows)).not.toContain(password)
  },
)
