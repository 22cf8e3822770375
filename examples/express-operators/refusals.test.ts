import { scryptSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { memoryOperators, type NewOperator } from './operators/operator-repository'
import { company, mail, otherCompany, phone, startApp, whatsapp, wrong } from './start-app'

const invalidCode = { status: 'error', code: 400, message: 'Invalid or expired OTP' }

describe('codes', () => {
  it.each(['verify', 'register'] as const)(
    'S25 ends a code after three wrong ones: %s',
    async (call) => {
      const app = await startApp()
      const otp = await app.receive(whatsapp)
      const body = { ...whatsapp, registration_data: company }
      for (let guess = 0; guess < 3; guess += 1) {
        const answer = await app[call]({ ...body, otp: wrong(otp) })
        expect(answer.status).toBe(400)
        expect(answer.body).toMatchObject(invalidCode)
      }
      expect((await app[call]({ ...body, otp })).body).toMatchObject(invalidCode)
    },
  )

  it('counts wrong codes at both endpoints together', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    await app.register({ ...whatsapp, otp: wrong(otp), registration_data: company })
    await app.verify({ ...whatsapp, otp: wrong(otp) })
    await app.register({ ...whatsapp, otp: wrong(otp), registration_data: company })
    expect((await app.verify({ ...whatsapp, otp })).body).toMatchObject(invalidCode)
  })

  it('S03 refuses a code from five minutes on', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    app.clock.advance(5 * 60_000)
    const answer = await app.register({ ...whatsapp, otp, registration_data: company })
    expect(answer.body).toMatchObject(invalidCode)
  })

  it('takes a code with spaces and in Persian digits', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    const typed = otp.replace(/\d/g, (digit) => String.fromCodePoint(0x06f0 + Number(digit)))
    const spaced = `${typed.slice(0, 3)} ${typed.slice(3)}`
    expect((await app.verify({ ...whatsapp, otp: spaced })).status).toBe(200)
    const answer = await app.register({ ...whatsapp, otp, registration_data: company })
    expect(answer.status).toBe(201)
  })

  it('knows a contact by every spelling of it', async () => {
    const app = await startApp()
    const otp = await app.receive(mail)
    const spelt = { ...mail, contact: ' test@EXAMPLE.com ' }
    expect((await app.verify({ ...spelt, otp })).status).toBe(200)
    const answer = await app.register({
      ...mail,
      otp,
      registration_data: { ...otherCompany, contact_phone: '+91 98765-43211' },
    })
    expect(answer.body.data).toMatchObject({
      operator: { contact_email: mail.contact, contact_phone: otherCompany.contact_phone },
    })
  })

  it('leaves the code alone when the form has a slip', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    for (let slip = 0; slip < 4; slip += 1) {
      const data = { ...company, business_license: 'no' }
      expect((await app.register({ ...whatsapp, otp, registration_data: data })).status).toBe(400)
    }
    expect((await app.register({ ...whatsapp, otp, registration_data: company })).status).toBe(201)
  })
})

describe('limits', () => {
  it('S39 says in minutes how long to wait', async () => {
    const app = await startApp()
    await app.receive(whatsapp)
    const soon = await app.send(whatsapp)
    expect(soon.status).toBe(429)
    expect(soon.headers.get('Retry-After')).toBe('30')
    expect(soon.body.message).toBe('Too many OTP requests. Try again in 1 minute')

    for (let message = 0; message < 4; message += 1) {
      app.clock.advance(10 * 60_000)
      await app.receive(whatsapp)
    }
    app.clock.advance(10 * 60_000)
    const later = await app.send({ ...whatsapp, purpose: 'login' })
    expect(later.status).toBe(429)
    expect(later.headers.get('Retry-After')).toBe('600')
    expect(later.body.message).toBe('Too many OTP requests. Try again in 10 minutes')
  })

  it('S37 believes a forwarded address only behind a trusted proxy', async () => {
    const from = (app: Awaited<ReturnType<typeof startApp>>, last: number) =>
      app.post(
        '/auth/send-otp',
        { ...mail, contact: `person${last}@example.com`, purpose: 'registration' },
        { 'X-Forwarded-For': `203.0.113.${last}` },
      )
    const direct = await startApp()
    const proxied = await startApp({ trustedProxies: 1 })
    for (let last = 1; last <= 5; last += 1) {
      expect((await from(direct, last)).status).toBe(200)
      expect((await from(proxied, last)).status).toBe(200)
    }
    expect((await from(direct, 6)).status).toBe(429)
    expect((await from(proxied, 6)).status).toBe(200)
  })
})

describe('duplicates', () => {
  it.each([
    ['phone number', { contact_phone: phone }, 'registration_data.contact_phone'],
    ['business license', { business_license: 'bl123456789' }, 'registration_data.business_license'],
  ])('reports a %s to the proven owner of a contact', async (name, same, field) => {
    const app = await startApp()
    const first = await app.receive(whatsapp)
    await app.register({ ...whatsapp, otp: first, registration_data: company })
    const otp = await app.receive(mail)
    const registration_data = { ...otherCompany, ...same }

    const guessed = await app.register({ ...mail, otp: wrong(otp), registration_data })
    expect(guessed.body).toMatchObject(invalidCode)
    const answer = await app.register({ ...mail, otp, registration_data })
    expect(answer.status).toBe(400)
    const message = `This ${name} is already registered`
    expect(answer.body.message).toMatch(/^Duplicate operator: .+ used up, ask for a new one/)
    expect(answer.body.errors).toEqual([{ field, message }])
    const again = await app.register({ ...mail, otp, registration_data: otherCompany })
    expect(again.body).toMatchObject(invalidCode)
  })

  it('reports an e-mail address that is registered', async () => {
    const app = await startApp()
    const first = await app.receive(mail)
    await app.register({ ...mail, otp: first, registration_data: otherCompany })
    app.clock.advance(30_000)
    const otp = await app.receive(mail)
    const registration_data = { ...company, contact_phone: '+919876543212' }
    const answer = await app.register({ ...mail, otp, registration_data })
    expect(answer.body.errors).toEqual([
      { field: 'contact', message: 'This e-mail address is already registered' },
    ])
  })
})

describe('races', () => {
  it('S04 registers one of many who use one code at once', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    const body = { ...whatsapp, otp, registration_data: company }
    const answers = await Promise.all(Array.from({ length: 8 }, () => app.register(body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(400)])
  })

  it('registers one of two who proved one contact with codes of their own', async () => {
    const app = await startApp()
    const first = await app.receive(whatsapp)
    await app.verify({ ...whatsapp, otp: first })
    app.clock.advance(30_000)
    const second = await app.receive(whatsapp)
    const answers = await Promise.all(
      [first, second].map((otp) => app.register({ ...whatsapp, otp, registration_data: company })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400])
    const refused = answers.find(({ status }) => status === 400)
    expect(refused?.body.message).toContain('already registered')
  })
})

it('keeps the temporary password only as a salted scrypt hash', async () => {
  const inserted: NewOperator[] = []
  const operators = memoryOperators()
  const app = await startApp({
    operators: {
      ...operators,
      insert: (operator) => {
        inserted.push(operator)
        return operators.insert(operator)
      },
    },
  })
  const otp = await app.receive(whatsapp)
  const { text } = await app.register({ ...whatsapp, otp, registration_data: company })
  const [, password = ''] = /"temporary_password":"(\w{16})"/.exec(text) ?? []
  const [, n, r, p, salt = '', key] = inserted[0]?.passwordHash.split('$') ?? []
  const cost = { N: Number(n), r: Number(r), p: Number(p), maxmem: 2 ** 26 }
  const derived = scryptSync(password, Buffer.from(salt, 'base64url'), 32, cost)
  expect(derived.toString('base64url')).toBe(key)
  expect(JSON.stringify(inserted)).not.toContain(password)
})
